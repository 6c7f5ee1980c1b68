import { bootTime } from '../model/time.ts';
import type { Observation } from '../model/observation.ts';
import { bigint, bool, branded, bytes, netns, number, oneOf, optional, text, texts } from './forms.ts';
import type { Form, OptionalForm } from './forms.ts';
import { probeFields } from './probe-fields.ts';

/** Every key of a kind with its form: a key that the model gains or loses does not compile until it stands here too. */
type Shape<O> = {
  readonly [Key in Exclude<keyof O, 'kind'>]-?: object extends Pick<O, Key> ? OptionalForm<NonNullable<O[Key]>> : Form<O[Key]>;
};
type Shapes = { readonly [Kind in Observation['kind']]: Shape<Extract<Observation, { kind: Kind }>> };

const time = branded(bootTime);
const seen = { time, source: oneOf({ bpftrace: true, ftrace: true, rtnetlink: true, icmp: true, host: true }) } as const;

/** The keys of every observation kind, in the order in which they are written. */
export const SHAPES: Shapes = {
  probe: {
    ...seen,
    type: oneOf({
      call: true, return: true, request: true, via: true, notify: true, remove: true, alter: true, exception: true, refuse: true, defer: true, exec: true, argv: true, fork: true,
      exit: true, user: true, close: true, sentinel: true,
    }),
    fn: text, cpu: number, tid: number, pid: number, fields: probeFields,
  },
  stack: { ...seen, cpu: number, id: bigint, frames: texts },
  tick: { ...seen, cpu: number },
  netlink: { ...seen, netns, dump: bool, bytes },
  drained: { ...seen, netns: optional(netns) },
  netns: { ...seen, netns, event: oneOf({ found: true, gone: true }) },
  dump: {
    ...seen, netns, phase: oneOf({ begin: true, end: true }),
    reason: oneOf({ start: true, resync: true, check: true, cache: true, end: true }), consistent: bool,
  },
  hearing: { ...seen, netns, isOn: bool },
  packet: { ...seen, netns, family: oneOf({ ipv4: true, ipv6: true }), ifindex: number, from: bytes, hops: number, bytes },
  lost: { ...seen, since: time, count: optional(number), what: text, functions: optional(texts) },
  process: {
    ...seen, pid: number, startTicks: bigint, ppid: number, uid: optional(number), comm: text, argv: texts,
    argvTruncated: optional(bool), cgroup: optional(text), unit: optional(text), innerPid: optional(number),
  },
  port: { ...seen, netns, portid: number, inode: optional(number), holders: texts, complete: bool, searched: optional(time) },
  life: { ...seen, event: oneOf({ fork: true, exec: true, exit: true, lost: true }), pid: number, parent: optional(number) },
  name: {
    ...seen, of: oneOf({ table: true, protocol: true, scope: true, netns: true, cgroup: true }), id: text, name: text,
  },
  ready: seen,
  endpoint: {
    ...seen, netns, event: oneOf({ found: true, changed: true, gone: true }), id: text,
    what: oneOf({ tcp: true, udp: true, neighbour: true, nexthop: true, tunnel: true, 'bgp-peer': true, 'bfd-peer': true }),
    remote: text, local: optional(text), remotePort: optional(number), localPort: optional(number), ifindex: optional(number),
    pid: optional(number), comm: optional(text), argv: optional(texts), unit: optional(text), name: optional(text), state: optional(text),
    retransmits: optional(number), routes: optional(texts), ended: optional(time),
  },
  answer: { ...seen, netns, id: text, reason: oneOf({ start: true, change: true, refresh: true }), taken: bytes, match: optional(bytes), from: optional(bytes) },
  asked: { ...seen, netns },
  scope: { ...seen, netns, unchecked: texts },
  undecodable: { ...seen, sample: text },
};

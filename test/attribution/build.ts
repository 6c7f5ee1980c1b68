import type { ProbeFields } from '../../src/model/fields.ts';
import type { NetnsRef } from '../../src/model/netns.ts';
import type { Observation, ProbeObservation } from '../../src/model/observation.ts';
import { at, drained, dumpMark, identity, NETNS, netlink, netnsFields, probe, processSeen, ready, stack, task, tick, type Task } from '../model/build.ts';
import { addressOf, cString } from './encode.ts';

/** What the kernel did: records of its probes, and messages by the time they left. */
export interface Story { readonly records: readonly Observation[]; readonly sent: readonly Sent[] }
export interface Sent { readonly ms: number; readonly bytes: Uint8Array; readonly netns?: NetnsRef; readonly dump?: boolean }

export const story = (...parts: readonly (Partial<Story> | readonly Observation[] | Observation)[]): Story => ({
  records: parts.flatMap(part => Array.isArray(part) ? part as readonly Observation[] : 'kind' in part ? [part] : (part as Partial<Story>).records ?? []),
  sent: parts.flatMap(part => 'sent' in part ? part.sent ?? [] : []),
});

let stackIds = 0n;
/** A stack is printed once, then told by its number. */
export function withStack(record: ProbeObservation, frames: readonly string[] | undefined): Observation[] {
  if (frames === undefined) return [record];
  stackIds += 1n;
  return [
    { ...stack(0, record.cpu, stackIds, frames), time: record.time },
    { ...record, fields: { ...record.fields, stack: stackIds } },
  ];
}

const head = (bytes: Uint8Array): ProbeFields => {
  const msg = new Uint8Array(120).fill(0xaa);
  msg.set(bytes.subarray(0, 120));
  return { msglen: bytes.length, msg };
};

/** The notification tap and the message that it saw leave. */
export const announce = (who: Task, ms: number, bytes: Uint8Array, frames: readonly string[] | undefined, netns: NetnsRef = NETNS): Story => ({
  records: withStack(probe(who, ms, 'notify', 'rtnl_notify', { ...netnsFields(netns), group: 7, ...head(bytes) }), frames),
  sent: [{ ms, bytes, netns }],
});

export const call = (who: Task, ms: number, fn: string, fields: ProbeFields = {}, netns: NetnsRef = NETNS): Observation =>
  probe(who, ms, 'call', fn, { ...netnsFields(netns), ...identity(who), ...fields });
export const leave = (who: Task, ms: number, fn: string, ret = 0): Observation => probe(who, ms, 'return', fn, { ret });
/** A request other than one for a route. */
export const asks = (who: Task, ms: number, portid: number, bytes: Uint8Array, netns: NetnsRef = NETNS): Observation =>
  call(who, ms, 'rtnetlink_rcv_msg', { portid, ...head(bytes) }, netns);
/** A request for a route: told when it differs from the last one of its port id. */
export const asksRoute = (who: Task, ms: number, request: { portid: number; seq: number; type?: number; flags?: number }, netns: NetnsRef = NETNS): Observation =>
  probe(who, ms, 'request', 'rtnetlink_rcv_msg', { ...netnsFields(netns), ...identity(who), portid: request.portid, seq: request.seq, nltype: request.type ?? 24, nlflags: request.flags ?? 0x605 });
export const defer = (who: Task, ms: number, object: bigint, address: string, dev: number, frames: readonly string[]): Observation[] =>
  withStack(probe(who, ms, 'defer', 'mod_delayed_work_on', { ...netnsFields(NETNS), ...identity(who), object, ifindex: dev, addr: addressOf(address), plen: 64 }), frames);
/** fib_notify_alias_delete: an IPv4 route leaves in a flush. */
export const flushed = (who: Task, ms: number, route: { dst: string; dev: number; via?: string; table?: number; protocol?: number; type?: number; metric?: number; pfsrcremoved?: number }, frames: readonly string[] | undefined, netns: NetnsRef = NETNS): Observation[] => {
  const [prefix = '', length] = route.dst.split('/');
  const key = addressOf(prefix).reduce((sum, byte) => sum * 256 + byte, 0);
  const gateway = new Uint8Array(16);
  if (route.via !== undefined) gateway.set(addressOf(route.via));
  return withStack(probe(who, ms, 'remove', 'fib_notify_alias_delete', {
    ...netnsFields(netns), family: 2, key, dstlen: Number(length), table: route.table ?? 254, rtype: route.type ?? 1, protocol: route.protocol ?? 3, scope: 0, tos: 0,
    metric: route.metric ?? 0, prefsrc: 0, legs: 1, ifindex: route.dev, gwfamily: route.via === undefined ? 0 : 2, gateway, nhid: 0, fiflags: 0x11, pfsrcremoved: route.pfsrcremoved ?? 0,
  }), frames);
};
/** fib6_purge_rt without an announcement of its own. */
export const purged = (who: Task, ms: number, route: { dst: string; dev: number; via?: string; table?: number; protocol?: number; metric?: number }, frames: readonly string[] | undefined): Observation[] => {
  const [prefix = '', length] = route.dst.split('/');
  return withStack(probe(who, ms, 'remove', 'fib6_purge_rt', {
    ...netnsFields(NETNS), family: 10, dst: addressOf(prefix), dstlen: Number(length), table: route.table ?? 254, rtype: 1, protocol: route.protocol ?? 3, metric: route.metric ?? 1024,
    ifindex: route.dev, gwfamily: route.via === undefined ? 0 : 10, gateway: route.via === undefined ? new Uint8Array(16) : addressOf(route.via), nhid: 0, rtflags: 1,
  }), frames);
};
/** Something that routes depend on changed in place. */
export const alters = (who: Task, ms: number, fn: string, fields: ProbeFields, frames: readonly string[] | undefined): Observation[] =>
  withStack(probe(who, ms, 'alter', fn, { ...netnsFields(NETNS), ...fields }), frames);
/** A function on the way, with its stack. */
export const passes = (who: Task, ms: number, fn: string, fields: ProbeFields, frames: readonly string[] | undefined): Observation[] =>
  withStack(probe(who, ms, 'via', fn, { ...netnsFields(NETNS), ...fields }), frames);
export const sysctlPath = (...components: readonly string[]): ProbeFields => {
  const [path0 = '', path1 = '', path2 = '', path3 = '', path4 = ''] = components.toReversed();
  return { path0: cString(path0, 40), path1: cString(path1, 16), path2: cString(path2, 16), path3: cString(path3, 16), path4: cString(path4, 16) };
};

/** What lies between a system call and the function that did the work. */
export const SYSCALL = ['do_syscall_64', 'entry_SYSCALL_64_after_hwframe'] as const;
export const WORKER = ['process_one_work', 'worker_thread', 'kthread', 'ret_from_fork'] as const;
export const SOFTIRQ_ON_TASK = ['net_rx_action', '__do_softirq', 'do_softirq', '__local_bh_enable_ip', 'ip6_finish_output2', '__sys_sendmsg', ...SYSCALL] as const;
export const RTNETLINK = ['rtnetlink_rcv_msg', 'netlink_rcv_skb', 'netlink_unicast', 'netlink_sendmsg', '__sys_sendmsg', ...SYSCALL] as const;
export const ANNOUNCE6 = ['rtnl_notify', 'inet6_rt_notify'] as const;
export const ANNOUNCE4 = ['rtnl_notify', 'rtmsg_fib'] as const;

export const kworker = task(33, 'kworker/0:2', { startMs: 30 });

export interface WeaveOptions {
  /** Milliseconds that each message takes to be received; used round robin, order is kept. */
  readonly delays?: readonly number[];
  /** Which stream arrives next, round robin. */
  readonly arrival?: readonly number[];
  readonly endMs?: number;
  readonly cpus?: number;
  readonly before?: readonly Uint8Array[];
}

const START = 1000;

/** A whole session, in order of arrival: a first dump, then what the stories tell, as the sources would deliver it. */
export function weave({ records, sent }: Story, options: WeaveOptions = {}): Observation[] {
  const { delays = [0.2], arrival = [0], endMs = 20_000, cpus = 2, before = [] } = options;
  const byTime = (list: readonly Observation[]): Observation[] => [...list].sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
  const every = (period: number, make: (ms: number) => Observation): Observation[] =>
    Array.from({ length: Math.ceil((endMs - START) / period) + 1 }, (_, i) => make(START + 2 + (i + 1) * period));
  const perCpu = Array.from({ length: cpus }, (_, cpu) => byTime([
    // A loss is read from the buffer of its CPU before the next tick there.
    ...records.filter(one => one.kind !== 'process' && one.kind !== 'name' && !(one.kind === 'lost' && one.source === 'rtnetlink') && ('cpu' in one ? one.cpu === cpu : cpu === 0)),
    ...every(200, ms => tick(ms + cpu / 16, cpu)),
  ]));
  let last = 0;
  const received = [...sent].sort((a, b) => a.ms - b.ms).map(({ ms, bytes, netns, dump }, i) => {
    last = Math.max(last, ms + (delays[i % delays.length] ?? 0));
    return netlink(last, bytes, { ...(netns === undefined ? {} : { netns }), ...(dump === undefined ? {} : { dump }) });
  });
  const socket = byTime([...received, ...every(150, ms => drained(ms + 0.01)), ...records.filter(one => one.kind === 'lost' && one.source === 'rtnetlink')]);
  const streams = [...perCpu, socket].map(list => [...list]);
  const first: Observation[] = [
    ...Array.from({ length: cpus }, (_, cpu) => tick(START - 10, cpu)), drained(START - 10),
    dumpMark(START - 5, 'begin'), ...before.map(bytes => netlink(START - 4, bytes, { dump: true })), dumpMark(START - 3, 'end'),
    ...records.filter(one => one.kind === 'process' || one.kind === 'name'), ready(START),
  ];
  const out = [...first];
  for (let i = 0; ; i++) {
    const open = streams.filter(stream => stream.length > 0);
    // A stream does not lag more than a second behind: nobody reads so slowly, and CPUs are given up after five.
    const oldest = open.reduce((min, stream) => { const [next] = stream; return next !== undefined && next.time < min ? next.time : min; }, at(1e9));
    const near = open.filter(([next]) => next !== undefined && next.time - oldest < 1_000_000_000n);
    const next = near[(arrival[i % arrival.length] ?? 0) % (near.length || 1)]?.shift();
    if (next === undefined) return out;
    out.push(next);
  }
}

export const known = (who: Task, argv: readonly string[], parent: number = 1): Observation =>
  processSeen(900, who.pid, who.startMs, { comm: who.comm, argv, ppid: parent, uid: 0 });

/** What is known of the ICMP error last worked on by the CPU. */
export interface Packet { readonly ms: number; readonly type: number; readonly from: string; readonly quoted?: string; readonly mtu?: number }
export interface ExceptionSpec { readonly dst: string; readonly gateway?: string; readonly mtu?: number; readonly dev?: number; readonly lifetime?: number; readonly genid?: number; readonly packet?: Packet; readonly netns?: NetnsRef }
/** update_or_create_fnhe, rt6_insert_exception or rt6_do_update_pmtu: an exception to the routes. */
export function excepted(who: Task, ms: number, fn: string, spec: ExceptionSpec, frames: readonly string[] | undefined): Observation[] {
  const isIpv6 = spec.dst.includes(':');
  const none = new Uint8Array(isIpv6 ? 16 : 8);
  const bytes = (text: string | undefined): Uint8Array => {
    const padded = none.slice();
    if (text !== undefined) padded.set(addressOf(text));
    return padded;
  };
  const { packet } = spec;
  const rtflags = (spec.mtu === undefined ? 0x10 : 0x20) | (spec.gateway === undefined ? 0 : 2);
  return withStack(probe(who, ms, 'exception', fn, {
    ...netnsFields(spec.netns ?? NETNS), family: isIpv6 ? 10 : 2, dst: bytes(spec.dst), mtu: spec.mtu ?? 0, ifindex: spec.dev ?? 3,
    ...(fn === 'rt6_do_update_pmtu' ? {} : { gateway: bytes(spec.gateway), lifetime: spec.lifetime ?? (isIpv6 ? 0 : 300) }),
    ...(isIpv6 ? fn === 'rt6_do_update_pmtu' ? {} : { rtflags } : { object: 77n, genid: spec.genid ?? 0 }),
    icmptype: packet?.type ?? 0, src: bytes(packet?.from), quoted: bytes(packet?.quoted), packetmtu: packet?.mtu ?? 0, packettime: packet === undefined ? 0n : at(packet.ms),
  }), frames);
}

import fc from 'fast-check';
import { FIELD_FORMS } from '../../src/model/fields.ts';
import type { FieldForm, ProbeFields, ProbeRecordType } from '../../src/model/fields.ts';
import type { NetnsRef } from '../../src/model/netns.ts';
import type { Observation, SourceName } from '../../src/model/observation.ts';
import { bootTime } from '../../src/model/time.ts';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const i64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n });
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
// UTF-16 as it comes: control characters, line ends, quotes and lone surrogates included.
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('', '\n', '"', '\\', '\u2028', '__proto__', '\ud800'));
const bytes = fc.uint8Array({ maxLength: 200 });
const time = u64.map(bootTime);
const source = fc.constantFrom<SourceName>('bpftrace', 'ftrace', 'rtnetlink', 'icmp', 'host');
const type = fc.constantFrom<ProbeRecordType>('call', 'return', 'request', 'via', 'notify', 'remove', 'alter', 'exception', 'refuse', 'defer', 'exec', 'argv', 'fork', 'exit', 'user', 'close', 'sentinel');
const seen = { time, source };
const netns: fc.Arbitrary<NetnsRef> = fc.record({ inode: integer, cookie: u64 }, { requiredKeys: ['inode'] });

const VALUES: Readonly<Record<FieldForm, fc.Arbitrary<unknown>>> = { decimal: integer, bigint: i64, words: bytes, bytes, text };
const fields = fc.record(
  Object.fromEntries(Object.entries(FIELD_FORMS).map(([name, form]) => [name, VALUES[form]])),
  { requiredKeys: [] },
) as fc.Arbitrary<ProbeFields>;

type Arbitraries = { readonly [Kind in Observation['kind']]: fc.Arbitrary<Extract<Observation, { kind: Kind }>> };
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);

/** An arbitrary for every kind; the type makes a new kind fail the build here. */
export const BY_KIND: Arbitraries = {
  probe: fc.record({ kind: kind('probe'), ...seen, type, fn: text, cpu: integer, tid: integer, pid: integer, fields }),
  stack: fc.record({ kind: kind('stack'), ...seen, cpu: integer, id: i64, frames: fc.array(text) }),
  tick: fc.record({ kind: kind('tick'), ...seen, cpu: integer }),
  netlink: fc.record({ kind: kind('netlink'), ...seen, netns, dump: fc.boolean(), bytes }),
  drained: fc.record({ kind: kind('drained'), ...seen, netns }, { requiredKeys: ['kind', 'time', 'source'] }),
  netns: fc.record({ kind: kind('netns'), ...seen, netns, event: fc.constantFrom('found', 'gone') }),
  dump: fc.record({
    kind: kind('dump'), ...seen, netns, phase: fc.constantFrom('begin', 'end'),
    reason: fc.constantFrom('start', 'resync', 'check', 'cache', 'end'), consistent: fc.boolean(),
  }),
  hearing: fc.record({ kind: kind('hearing'), ...seen, netns, isOn: fc.boolean() }),
  packet: fc.record({ kind: kind('packet'), ...seen, netns, family: fc.constantFrom('ipv4', 'ipv6'), ifindex: integer, from: bytes, hops: integer, bytes }),
  lost: fc.record(
    { kind: kind('lost'), ...seen, since: time, count: integer, what: text },
    { requiredKeys: ['kind', 'time', 'source', 'since', 'what'] },
  ),
  process: fc.record(
    {
      kind: kind('process'), ...seen, pid: integer, startTicks: u64, ppid: integer, uid: integer, comm: text,
      argv: fc.array(text), argvTruncated: fc.boolean(), cgroup: text, unit: text, innerPid: integer,
    },
    { requiredKeys: ['kind', 'time', 'source', 'pid', 'startTicks', 'ppid', 'comm', 'argv'] },
  ),
  port: fc.record(
    { kind: kind('port'), ...seen, netns, portid: integer, inode: integer, holders: fc.array(text), complete: fc.boolean() },
    { requiredKeys: ['kind', 'time', 'source', 'netns', 'portid', 'holders', 'complete'] },
  ),
  life: fc.record(
    { kind: kind('life'), ...seen, event: fc.constantFrom('fork', 'exec', 'exit', 'lost'), pid: integer, parent: integer },
    { requiredKeys: ['kind', 'time', 'source', 'event', 'pid'] },
  ),
  name: fc.record({
    kind: kind('name'), ...seen, of: fc.constantFrom('table', 'protocol', 'scope', 'netns', 'cgroup'), id: text, name: text,
  }),
  ready: fc.record({ kind: kind('ready'), ...seen }),
  endpoint: fc.record({
    kind: kind('endpoint'), ...seen, netns, event: fc.constantFrom('found', 'changed', 'gone'), id: text,
    what: fc.constantFrom('tcp', 'udp', 'neighbour', 'nexthop', 'tunnel', 'bgp-peer', 'bfd-peer'), remote: text, local: text, remotePort: integer, localPort: integer, ifindex: integer,
    pid: integer, comm: text, argv: fc.array(text), unit: text, name: text, state: text, retransmits: integer, routes: fc.array(text),
  }, { requiredKeys: ['kind', 'time', 'source', 'netns', 'event', 'id', 'what', 'remote'] }),
  answer: fc.record({ kind: kind('answer'), ...seen, netns, id: text, reason: fc.constantFrom('start', 'change', 'refresh'), taken: bytes, match: bytes, from: bytes }, { requiredKeys: ['kind', 'time', 'source', 'netns', 'id', 'reason', 'taken'] }),
  asked: fc.record({ kind: kind('asked'), ...seen, netns }),
  scope: fc.record({ kind: kind('scope'), ...seen, netns, unchecked: fc.array(text) }),
  undecodable: fc.record({ kind: kind('undecodable'), ...seen, sample: text }),
};

export const anyObservation: fc.Arbitrary<Observation> = fc.oneof(...Object.values(BY_KIND));

/** The same list for the same seed. */
export const sampleObservations = (count: number, seed: number): readonly Observation[] =>
  fc.sample(anyObservation, { numRuns: count, seed });

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import type { OutputRecord, RouteChangeOutput } from '../../src/model/output.ts';
import { outputRecordSchema } from '../../src/report/schema.ts';
import { createSession } from '../../src/session.ts';
import { anyObservation } from '../recording/arbitraries.ts';
import { at, identity, lost, netlink, probe, processSeen, ready, task } from '../model/build.ts';
import { addsAddress4, addsAddress6, ANYCAST, asksForRoute, decoy, detectionEnds, ip, LOCAL6, setsLinkDown, sysctl, writesForwarding } from '../attribution/acts.ts';
import { story, weave } from '../attribution/build.ts';
import { routeBytes, type RouteSpec } from '../attribution/encode.ts';

const run = (list: readonly Observation[]): OutputRecord[] => {
  const session = createSession({ clockOffsetNs: '1796126400000000000', host: { hostname: 'h', kernel: '6.1.0-56-amd64', machine: 'x64', cpus: 2 } });
  return [...list.flatMap(one => session.push(one)), ...session.flush()];
};
const changes = (records: readonly OutputRecord[]): RouteChangeOutput[] => records.filter((record): record is RouteChangeOutput => record.kind === 'route-change');
const STATIC4 = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const everything = story(writesForwarding(sysctl, 2000, 1), addsAddress6(ip, 2100), detectionEnds(3600, { routes: [LOCAL6, { ...ANYCAST, dst: '2001:db8:1::/128' }] }),
  setsLinkDown(ip, 4000, [STATIC4]), addsAddress4(decoy, 4500), asksForRoute(decoy, 4600, { ...STATIC4, dst: '10.0.0.0/8' }, { seq: 9 }), lost(4700, 4800), { sent: [{ ms: 4750, bytes: routeBytes({ ...STATIC4, dst: '10.9.0.0/16' }) }] });
const before = [routeBytes(STATIC4)];

describe('a session', () => {
  const records = run(weave(everything, { before }));
  test('prints lines that its schema allows', () => {
    for (const record of records) expect(outputRecordSchema.safeParse(record), JSON.stringify(record)).toMatchObject({ success: true });
  });
  test('tells of readiness before all changes, of the loss, and of the sum at the end', () => {
    const kinds = records.map(record => record.kind);
    expect(kinds[0]).toBe('ready');
    expect(kinds.filter(kind => kind === 'loss').length).toBe(1);
    expect(records.at(-1)).toEqual({ kind: 'summary', changes: 8, caused: 7, unknown: 1, silent: 1, lost: 3 });
  });
  test('gives the same lines for the same observations', () => { expect(run(weave(everything, { before }))).toEqual(records); });
  test('gives the same lines when observations were kept and read again', () => {
    const list = weave(everything, { before });
    expect(run(structuredClone(list))).toEqual(run(list));
  });
  test('gives the same changes for any order of arrival', () => {
    const plain = story(writesForwarding(sysctl, 2000, 1), addsAddress6(ip, 2100), detectionEnds(3600), setsLinkDown(ip, 4000, [STATIC4]), addsAddress4(decoy, 4500));
    const expected = changes(run(weave(plain, { before })));
    fc.assert(fc.property(fc.array(fc.nat(5), { minLength: 1, maxLength: 10 }), (arrival) => { expect(changes(run(weave(plain, { before, arrival })))).toEqual(expected); }), { numRuns: 50 });
  });
  test('conserves: what was there, and what was told, is what is there', () => {
    const there = new Map([[STATIC4.dst, 1]]);
    for (const { change, route } of changes(records)) there.set(route.dst, (there.get(route.dst) ?? 0) + (change === 'delete' ? -1 : change === 'replace' ? 0 : 1));
    expect(there.get(STATIC4.dst)).toBe(0);
    expect([...there.values()].every(count => count === 0 || count === 1)).toBe(true);
  });
});

describe('a process', () => {
  const long = ['net', 'A'.repeat(4080)];
  const bytes = new TextEncoder().encode(`${long.join('\0')}\0`);
  const net = task(3000, 'net', { startMs: 1900 });
  const execed = [
    probe(net, 1950, 'exec', 'sched_process_exec', { ...identity(net), parent: 1, uid: 0, arglen: bytes.length }),
    ...[0, 192, 384].map(offset => probe(net, 1950, 'argv', 'sched_process_exec', { arglen: bytes.length, offset, argv: bytes.slice(offset, offset + 192) })),
  ];
  const plain = writesForwarding(net, 2000, 1);
  const withExec = { ...plain, records: [...execed, ...plain.records.filter(one => one.kind !== 'process')] };

  test('with a command line of 4 KiB that /proc told right after its exec has it whole', () => {
    const list = weave(withExec);
    const line = list.findIndex(one => one.kind === 'probe' && one.type === 'exec');
    const [record] = changes(run(list.toSpliced(line + 1, 0, processSeen(1951, 3000, 1900, { comm: 'net', argv: long }))));
    expect(record?.actor).toMatchObject({ pid: 3000, argv: long });
    expect(record?.actor).not.toHaveProperty('argvTruncated');
  });
  test('whose command line was too long, and that nobody found in /proc, says so', () => {
    expect(changes(run(weave(withExec)))[0]?.actor).toMatchObject({ argv: ['net', 'A'.repeat(572)], argvTruncated: true });
  });
  test('that calls itself by escape sequences reaches the record as it is, as text', () => {
    const evil = task(3001, '\u001b[2J\nx', { startMs: 1900 });
    const [record] = changes(run(weave(writesForwarding(evil, 2000, 1))));
    expect(record).toMatchObject({ confidence: 'proved', actor: { comm: '\u001b[2J\nx' } });
    for (const control of ['\n', '\u001b']) expect(JSON.stringify(record)).not.toContain(control);
  });
});

test('a session never throws, and every line conforms, whatever is observed', () => {
  const late = at(1e12);
  const sane = anyObservation.filter(one => one.time < late)
    .map(one => one.kind === 'lost' ? { ...one, since: one.time, ...(one.count === undefined ? {} : { count: Math.abs(one.count) % 1e9 }) } : one);
  const messages = fc.constantFrom<RouteSpec>(ANYCAST, STATIC4, { ...STATIC4, deleted: true }, { ...STATIC4, nhid: 3, portid: 4 }, LOCAL6).map(spec => netlink(5, routeBytes(spec)));
  fc.assert(fc.property(fc.array(fc.oneof({ arbitrary: sane, weight: 3 }, messages), { maxLength: 60 }), (list) => {
    for (const record of run([ready(0), ...list])) expect(outputRecordSchema.safeParse(record), JSON.stringify(record)).toMatchObject({ success: true });
  }), { numRuns: 300 });
});

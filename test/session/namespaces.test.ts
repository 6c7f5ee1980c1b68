import { describe, expect, test } from 'vitest';
import { netnsKey, type NetnsRef } from '../../src/model/netns.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { RouteChangeOutput } from '../../src/model/output.ts';
import { decodeObservation, encodeObservation } from '../../src/recording/codec.ts';
import { createSession } from '../../src/session.ts';
import { routeBytes } from '../attribution/encode.ts';
import { at, drained, dumpMark, netlink, netnsFields, NETNS, OTHER_NETNS, probe, ready, stack, task } from '../model/build.ts';

const OLD = { dst: '198.51.100.0/24', dev: 4 };
const NEW = { dst: '203.0.113.0/24', dev: 4 };
const event = (ms: number, netns: NetnsRef, what: 'found' | 'gone'): Observation => ({ kind: 'netns', source: 'rtnetlink', time: at(ms), netns, event: what });
const named = (ms: number, netns: NetnsRef, name: string): Observation => ({ kind: 'name', source: 'host', time: at(ms), of: 'netns', id: netnsKey(netns), name });
const drainedAll = (ms: number): Observation => ({ kind: 'drained', source: 'rtnetlink', time: at(ms) });
const dumped = (ms: number, netns: NetnsRef, routes: readonly (typeof OLD)[], more: { consistent?: boolean; reason?: 'start' | 'resync' } = {}): Observation[] => [
  dumpMark(ms, 'begin', { netns, reason: more.reason ?? 'start' }), ...routes.map(route => netlink(ms + 1, routeBytes(route), { netns, dump: true })),
  dumpMark(ms + 2, 'end', { netns, reason: more.reason ?? 'start', consistent: more.consistent ?? true }),
];

function run(observations: readonly Observation[], options: { initial?: boolean } = {}): RouteChangeOutput[] {
  const session = createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x', cpus: 1 } }, options);
  return [...observations.flatMap(one => session.push(one)), ...session.flush()].flatMap(record => record.kind === 'route-change' || record.kind === 'route-present' ? [record] : []);
}
const short = ({ kind, change, route, verdict, reason, silent }: RouteChangeOutput): unknown[] =>
  [kind, change, route.dst, route.netns.name, verdict, ...(reason === undefined ? [] : [reason]), ...(silent ? ['silent'] : [])];

const start = [event(1000, NETNS, 'found'), named(1000, NETNS, 'host'), ...dumped(1001, NETNS, [OLD]), ready(1010)];

describe('a namespace that is found during the session', () => {
  const found = [event(2000, OTHER_NETNS, 'found'), named(2000, OTHER_NETNS, 'blue'), netlink(2001, routeBytes(NEW), { netns: OTHER_NETNS }), ...dumped(2002, OTHER_NETNS, [OLD, NEW])];

  test('has what came before its first dump told as of unknown cause, and as there, not as having come', () => {
    expect(run([...start, ...found, drainedAll(2010)]).map(short)).toEqual([
      ['route-change', 'add', NEW.dst, 'blue', 'unknown', 'blind'], ['route-present', 'add', OLD.dst, 'blue', 'unknown', 'blind'],
    ]);
  });

  test('has it told once, by the first dump that is whole', () => {
    const twice = [event(2000, OTHER_NETNS, 'found'), ...dumped(2002, OTHER_NETNS, [OLD], { consistent: false }), ...dumped(2005, OTHER_NETNS, [OLD, NEW]), ...dumped(2009, OTHER_NETNS, [OLD, NEW], { reason: 'resync' })];
    expect(run([...start, ...twice, drainedAll(2020)]).map(({ kind, route }) => [kind, route.dst])).toEqual([['route-present', OLD.dst], ['route-present', NEW.dst]]);
  });

  test('has it told even if the namespace ends before a dump of it was whole', () => {
    const short1 = [event(2000, OTHER_NETNS, 'found'), ...dumped(2002, OTHER_NETNS, [OLD], { consistent: false }), event(3000, OTHER_NETNS, 'gone')];
    expect(run([...start, ...short1, drainedAll(3010)]).map(({ kind, change, route }) => [kind, change, route.dst])).toEqual([['route-present', 'add', OLD.dst], ['route-change', 'delete', OLD.dst]]);
  });

  test.each([
    ['a message takes it away', [netlink(2004, routeBytes({ ...OLD, deleted: true }), { netns: OTHER_NETNS })]],
    ['the next one, a whole one, lacks it', dumped(2005, OTHER_NETNS, [])],
  ])('has it told before it goes: %s', (_, then) => {
    const records = run([...start, event(2000, OTHER_NETNS, 'found'), ...dumped(2002, OTHER_NETNS, [OLD], { consistent: false }), ...then, drainedAll(2020)]);
    expect(records.map(({ kind, change, route }) => [kind, change, route.dst])).toEqual([['route-present', 'add', OLD.dst], ['route-change', 'delete', OLD.dst]]);
  });

  test('is not claimed to have had its routes before the session', () => {
    expect(run([...start, ...found, drainedAll(2010)]).map(({ verdict }) => verdict)).not.toContain('predates-session');
    expect(run([...start, ...found, drainedAll(2010)], { initial: true }).map(short)[0]).toEqual(['route-present', 'add', OLD.dst, 'host', 'predates-session']);
  });
});

describe('a namespace that is gone', () => {
  test('takes each of its routes along, nobody else\'s', () => {
    const records = run([...start, event(2000, OTHER_NETNS, 'found'), named(2000, OTHER_NETNS, 'blue'), ...dumped(2001, OTHER_NETNS, [OLD, NEW]), event(3000, OTHER_NETNS, 'gone'), drainedAll(3001)]);
    const deleted = records.filter(({ change }) => change === 'delete');
    expect(deleted.map(short)).toEqual([OLD.dst, NEW.dst].map(dst => ['route-change', 'delete', dst, 'blue', 'caused', 'silent']));
    expect(new Set(deleted.map(({ origin }) => origin)).size).toBe(1);
    expect(deleted[0]).toMatchObject({ cause: { id: 'netns-destroyed' }, trigger: { kind: 'namespace', event: 'destroyed' }, bootTimeNs: String(at(3000)) });
  });

  test('is not told again by what the kernel says of its removals later, nor comes back by it', () => {
    const removal = probe(task(33, 'kworker/u8:1'), 3000.5, 'remove', 'fib_notify_alias_delete', {
      ...netnsFields(OTHER_NETNS), family: 2, key: 0xc6336400, dstlen: 24, table: 254, rtype: 1, protocol: 3, scope: 0, tos: 0, metric: 0, ifindex: 4, nhid: 0,
    });
    const records = run([...start, event(2000, OTHER_NETNS, 'found'), ...dumped(2001, OTHER_NETNS, [OLD]), event(3000, OTHER_NETNS, 'gone'), removal, drainedAll(3010), drainedAll(6000)]);
    expect(records.filter(({ change }) => change === 'delete')).toHaveLength(1);
  });

  test.each([
    ['its legs do not die before it: that is part of its end', ['fib_netdev_event', 'unregister_netdevice_many_notify', 'default_device_exit_batch', 'cleanup_net', 'process_one_work'], []],
    ['but what was over before its end is told', ['fib_netdev_event', 'dev_close_many', 'do_setlink', 'rtnetlink_rcv_msg'], [['route-flags', 'set']]],
  ])('%s', (_what, frames, expected) => {
    const worker = task(33, 'kworker/u8:1');
    const dies = [
      stack(2990, worker.cpu, 7n, frames), probe(worker, 2990, 'alter', 'fib_netdev_event', { ...netnsFields(OTHER_NETNS), event: 2, ifindex: 4, up: 0, running: 1, stack: 7n }),
      probe(worker, 2995, 'return', 'unregister_netdevice_many_notify', { ret: 0 }),
    ];
    const session = createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x', cpus: 1 } });
    const all = [...start, event(2000, OTHER_NETNS, 'found'), ...dumped(2001, OTHER_NETNS, [OLD]), ...dies, event(3000, OTHER_NETNS, 'gone'), drainedAll(3010)];
    const told = [...all.flatMap(one => session.push(one)), ...session.flush()].flatMap(record => record.kind === 'route-flags' || (record.kind === 'route-change' && record.change === 'delete') ? [record] : []);
    expect(told.map(({ kind, change }) => [kind, change])).toEqual([...expected, ['route-change', 'delete']]);
    expect(told.at(-1)?.route.flags ?? []).toEqual(expected.length === 0 ? [] : ['dead', 'linkdown']);
  });

  test('leaves its inode number to another one, and nothing else', () => {
    const successor: NetnsRef = { inode: OTHER_NETNS.inode, cookie: 99n };
    const records = run([
      ...start, event(2000, OTHER_NETNS, 'found'), named(2000, OTHER_NETNS, 'blue'), ...dumped(2001, OTHER_NETNS, [OLD]), event(3000, OTHER_NETNS, 'gone'),
      event(3001, successor, 'found'), ...dumped(3002, successor, [NEW]), drainedAll(3010),
    ]);
    expect(records.at(-1)).toMatchObject({ kind: 'route-present', route: { dst: NEW.dst, netns: { inode: OTHER_NETNS.inode } } });
    expect(records.at(-1)?.route.netns).not.toHaveProperty('name');
  });

  test('leaves no name behind where the kernel has no cookies', () => {
    const bare: NetnsRef = { inode: OTHER_NETNS.inode };
    const records = run([
      ...start, event(2000, bare, 'found'), named(2000, bare, 'blue'), ...dumped(2001, bare, [OLD]), event(3000, bare, 'gone'), event(3001, bare, 'found'), ...dumped(3002, bare, [NEW]), drainedAll(3010),
    ]);
    expect(records.map(({ route }) => [route.dst, route.netns.name])).toEqual([[OLD.dst, 'blue'], [OLD.dst, 'blue'], [NEW.dst, undefined]]);
  });
});

test('one socket that hears all is waited for as much as one of each namespace', () => {
  const change = netlink(2000, routeBytes({ ...OLD, deleted: true }), { netns: NETNS });
  const session = createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x', cpus: 1 } });
  for (const one of start) session.push(one);
  expect(session.push(drainedAll(1500))).not.toEqual([]);
  expect(session.push(change)).toEqual([]);
  expect(session.push(drainedAll(1999))).toEqual([]);
  expect(session.push(drainedAll(2001))).toHaveLength(1);
  expect(drained(1).netns).toEqual(NETNS);
});

test('a recording of namespaces says the same again', () => {
  const all = [...start, event(2000, OTHER_NETNS, 'found'), ...dumped(2001, OTHER_NETNS, [OLD]), event(3000, OTHER_NETNS, 'gone'), drainedAll(3010)];
  const again = all.map(one => decodeObservation(encodeObservation(one))).flatMap(line => line.kind === 'observation' ? [line.observation] : []);
  expect(again).toEqual(all);
  expect(JSON.stringify(run(again))).toBe(JSON.stringify(run(all)));
});

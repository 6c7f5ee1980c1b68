import { statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { askIp, fillLabNetns } from '../../../fixtures/rtnetlink/lab.ts';
import { RoutecauseError } from '../../../src/model/errors.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { openRtnetlinkSource } from '../../../src/sources/rtnetlink/source.ts';
import { factsOfIp, factsOfMessages } from '../../netlink/ip-json.ts';
import { messagesOf, openLive, routesTo, SKIP_REASON } from './live.ts';

const MANY = 20_000;
const manyRoutes = Array.from({ length: MANY }, (_, i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`);
const of = <Kind extends Observation['kind']>(seen: readonly Observation[], kind: Kind): Extract<Observation, { kind: Kind }>[] =>
  seen.filter((o): o is Extract<Observation, { kind: Kind }> => o.kind === kind);

describe.skipIf(SKIP_REASON)(`openRtnetlinkSource ${SKIP_REASON ?? ''}`, { timeout: 60_000 }, () => {
  test('dumps what ip shows, between begin and end', async () => {
    await using live = await openLive({}, fillLabNetns);
    const ours = factsOfMessages(messagesOf(live.seen, true));
    expect(ours).toEqual(factsOfIp(askIp(live.netns)));
    expect(ours.routes.length).toBeGreaterThan(800);
    const dumped = live.seen.flatMap((o) => (o.kind === 'dump' ? [`${o.phase} ${o.reason}`] : o.kind === 'netlink' && o.dump ? ['message'] : []));
    expect([dumped[0], dumped.at(-1), new Set(dumped).size]).toEqual(['begin start', 'end start', 3]);
    expect(of(live.seen, 'dump').at(-1)?.consistent).toBe(true);
  });

  test('tells requester and kind of each change', async () => {
    await using live = await openLive({}, async (netns) => netns.batch(['link set lo up']));
    const lines = ['add 10.1.0.0/16 dev lo', 'append 10.1.0.0/16 dev lo scope host', 'prepend 10.1.0.0/16 dev lo tos 0 proto bgp scope global', 'replace 10.1.0.0/16 dev lo proto 42', 'del 10.1.0.0/16 proto 42'];
    const pids = lines.map((line) => live.netns.tryIp(`route ${line}`));
    await live.until(() => routesTo(messagesOf(live.seen, false), '10.1.0.0/16').some((message) => message.deleted));
    const told = routesTo(messagesOf(live.seen, false), '10.1.0.0/16').map(({ header, deleted }) => [header.flags, header.portid, deleted]);
    expect(told).toEqual([[0x600, pids[0], false], [0xc00, pids[1], false], [0x400, pids[2], false], [0x100, pids[3], false], [0, pids[4], true]]);
  });

  test('loses nothing of a burst', async () => {
    await using live = await openLive({}, async (netns) => netns.batch(['link set lo up']));
    await live.netns.batch(manyRoutes);
    const added = (): number => of(live.seen, 'netlink').filter((o) => !o.dump).length;
    await live.until(() => added() >= MANY);
    const dsts = messagesOf(live.seen, false).flatMap((message) => (message.kind === 'route' ? [message.route.dst] : []));
    expect(dsts).toEqual(manyRoutes.map((line) => line.split(' ')[2]));
    expect([of(live.seen, 'lost'), live.source.drops()]).toEqual([[], 0]);
  });

  test('counts exactly what a small buffer loses, and dumps again', async () => {
    await using live = await openLive({ receiveBufferBytes: 4096 }, async (netns) => netns.batch(['link set lo up']));
    expect(live.source.receiveBufferBytes).toBe(8192);
    await live.netns.batch(manyRoutes);
    const notified = (): number => of(live.seen, 'netlink').filter((o) => !o.dump).length;
    await live.until(() => notified() + live.source.drops() === MANY);
    const lost = of(live.seen, 'lost');
    expect(live.source.drops()).toBeGreaterThan(0);
    expect(lost.reduce((sum, o) => sum + (o.count ?? Number.NaN), 0)).toBe(live.source.drops());
    expect(lost.every((o) => o.since < o.time)).toBe(true);
    const lastLoss = live.seen.findLastIndex((o) => o.kind === 'lost');
    const after = (): Observation[] => live.seen.slice(lastLoss);
    const resynced = (phase: 'begin' | 'end'): boolean => of(after(), 'dump').some((o) => o.reason === 'resync' && o.phase === phase);
    await live.until(() => resynced('begin') && after().findLast((o) => o.kind === 'dump')?.phase === 'end');
    const begin = after().findIndex((o) => o.kind === 'dump' && o.phase === 'begin');
    expect(messagesOf(after().slice(begin), true).filter((m) => m.kind === 'route' && m.route.table === 254).length).toBe(MANY);
  });

  test('says that nothing older waits, while nothing happens', async () => {
    await using live = await openLive();
    const before = of(live.seen, 'drained').length;
    await live.until(() => of(live.seen, 'drained').length >= before + 3);
    const times = of(live.seen, 'drained').map((o) => o.time);
    expect(times).toEqual(times.toSorted((a, b) => Number(a - b)));
  });

  test('delivers what is in the socket before stop() resolves, and nothing after', async () => {
    await using live = await openLive({}, async (netns) => netns.batch(['link set lo up']));
    live.netns.tryIp('route add 10.1.0.0/16 dev lo');
    await live.source.stop();
    expect(routesTo(messagesOf(live.seen, false), '10.1.0.0/16')).toHaveLength(1);
    expect(live.seen.at(-1)?.kind).toBe('drained');
    const count = live.seen.length;
    live.netns.tryIp('route del 10.1.0.0/16 dev lo');
    await live.source.stop();
    await sleep(300);
    expect(live.seen.length).toBe(count);
  });

  test('stops in the middle of a dump', async () => {
    await using live = await openLive({}, async (netns) => netns.batch(['link set lo up', ...manyRoutes]));
    const dump = live.source.dump('check');
    await live.until(() => of(live.seen, 'dump').some((o) => o.reason === 'check'));
    await Promise.all([live.source.stop(), dump]);
    expect(of(live.seen, 'dump').at(-1)).toMatchObject({ phase: 'end', reason: 'check', consistent: false });
  });

  test('says when a dump was interrupted, and asks again', async () => {
    const addresses = Array.from({ length: 3000 }, (_, i) => `address add 10.2.${i >> 8}.${i & 255}/32 dev lo`);
    await using live = await openLive({}, async (netns) => netns.batch(['link set lo up', ...addresses]));
    const isInterrupted = (): boolean => of(live.seen, 'dump').some((o) => o.phase === 'end' && !o.consistent);
    while (!isInterrupted()) {
      const flaps = Array.from({ length: 500 }, () => ['address add 10.3.0.1/32 dev lo', 'address del 10.3.0.1/32 dev lo']).flat();
      await Promise.all([live.netns.batch(flaps), live.source.dump('check'), live.source.dump('check')]);
    }
    await live.source.dump('end');
    const marks = of(live.seen, 'dump');
    const interrupted = marks.findIndex((o) => o.phase === 'end' && !o.consistent);
    expect(marks[interrupted + 1]).toMatchObject({ phase: 'begin', reason: 'check' });
    expect(marks.at(-1)).toMatchObject({ phase: 'end', reason: 'end', consistent: true });
  });

  test('swallows the answers to its probe requests', async () => {
    await using live = await openLive();
    const before = of(live.seen, 'netlink').length;
    for (let seq = 1; seq <= 100; seq++) live.source.probeRequest(seq);
    await live.source.dump('check');
    expect(messagesOf(live.seen, false)).toEqual([]);
    expect(of(live.seen, 'netlink').length).toBe(before * 2);
  });

  test('lives on when its namespace is deleted', async () => {
    await using live = await openLive();
    live.netns.remove();
    await live.source.dump('check');
    expect(of(live.seen, 'dump').at(-1)).toMatchObject({ phase: 'end', consistent: true });
  });

  test('names its namespace by inode and cookie', async () => {
    await using one = await openLive();
    await using two = await openLive();
    expect(one.source.netns.inode).toBe(statSync(one.netns.path).ino);
    expect(one.source.netns.cookie).toEqual(expect.any(BigInt));
    expect(one.source.netns.cookie).not.toBe(two.source.netns.cookie);
    expect(statSync('/proc/thread-self/ns/net').ino).not.toBe(one.source.netns.inode);
  });
});

test.each(['/run/netns/there-is-none', '/etc/passwd'])('openRtnetlinkSource refuses %s with a remedy', (netns) => {
  expect(() => openRtnetlinkSource({ netns })).toThrow(RoutecauseError);
});

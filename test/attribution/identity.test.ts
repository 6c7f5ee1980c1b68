import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, NETNS, OTHER_NETNS, task, type Task } from '../model/build.ts';
import {
  addsAddress4, addsAddress6, ANYCAST, anycastd, asksForRoute, advertisement, detectionEnds, ioctlRoute, ip, LOCAL6, PREFIX6, setsLinkDown, setsLinkUp, socketAnycast, sysctl, writesForwarding, writesOther,
} from './acts.ts';
import { ANNOUNCE6, announce, call, kworker, leave, story, SYSCALL, weave, type Story, type WeaveOptions } from './build.ts';
import { routeBytes, type RouteSpec } from './encode.ts';
import { createTapQueue, messageKey } from '../../src/attribution/taps.ts';
import { attributions, verdictOf } from './verdicts.ts';

/**
 * THE property of the design, section 3: nothing may be called proved because it was near in time. Tracer and socket are shifted against
 * each other, unrelated acts of others are put in between, and the verdicts stay what they are.
 */
const STATIC4: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const before = [routeBytes({ ...STATIC4, dst: '203.0.113.0/24' })];
const incident: Story = story(
  writesForwarding(sysctl, 2000, 1, [ANYCAST, { ...ANYCAST, dst: 'fe80::/128' }, { ...ANYCAST, dst: 'fe80::/128', dev: 5 }]),
  addsAddress6(ip, 2100), detectionEnds(3600, { again: true, routes: [LOCAL6, { ...ANYCAST, dst: '2001:db8:1::/128' }] }),
  addsAddress4(task(5300, 'ip', { startMs: 2190, cpu: 1 }), 2200), ioctlRoute(task(5301, 'route', { startMs: 2290 }), 2300, STATIC4),
  asksForRoute(task(5302, 'ip', { startMs: 2390 }), 2400, { ...STATIC4, dst: '198.18.0.0/15' }, { seq: 44 }),
  socketAnycast(anycastd, 2500, 'join', { ...ANYCAST, dst: '2001:db8:77::/128' }), socketAnycast(anycastd, 4700, 'close', { ...ANYCAST, dst: '2001:db8:77::/128' }),
  setsLinkDown(task(5303, 'ip', { startMs: 4490 }), 4500, [{ dst: '203.0.113.0/24', dev: 4, via: '192.0.2.9' }]), setsLinkUp(task(5304, 'ip', { startMs: 4590 }), 4600),
);

const DECOY_PIDS = [7001, 7002, 7003, 7004];
const who = (n: number, cpu: number, tid?: number): Task => task(DECOY_PIDS[n % 4] ?? 7001, `decoy${n}`, { startMs: 600 + n, cpu, ...(tid === undefined ? {} : { tid }) });
const theirs = (n: number): RouteSpec => ({ dst: `10.${n % 250}.0.0/16`, table: 4000, dev: 9, via: '10.0.0.1' });
/** Acts of others: none of them touches a route of the incident. */
const decoys: readonly ((ms: number, n: number, cpu: number) => Story)[] = [
  (ms, n, cpu) => writesOther(who(n, cpu), ms),
  (ms, n, cpu) => asksForRoute(who(n, cpu), ms, theirs(n), { portid: who(n, cpu).pid, seq: n }),
  (ms, n, cpu) => asksForRoute(who(n, cpu), ms, { ...theirs(n), deleted: true }, { portid: who(n, cpu).pid, seq: n }),
  // In another namespace: the very bytes of the incident, the very port ids.
  (ms, n, cpu) => announce(who(n, cpu), ms, routeBytes(ANYCAST), [...ANNOUNCE6, 'fib6_add', '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', ...SYSCALL], OTHER_NETNS),
  (ms, n, cpu) => ({ records: [call(who(n, cpu), ms, 'rtnetlink_rcv_msg', { portid: 5302, msglen: 16, msg: routeBytes(STATIC4) }, OTHER_NETNS), leave(who(n, cpu), ms + 0.2, 'rtnetlink_rcv_msg')], sent: [] }),
  // A call in progress on a thread number that somebody of the incident has later, or had before.
  (ms, n, cpu) => ({ records: [call(who(n, cpu, [sysctl.tid, ip.tid, anycastd.tid, kworker.tid][n % 4]), Math.min(ms, 1990), 'ipv6_sock_ac_join')], sent: [] }),
  (ms, n, cpu) => ({ records: [call(who(n, cpu), ms, 'proc_sys_call_handler')], sent: [] }),
  (ms, n, cpu) => story(call(who(n, cpu), ms, 'devinet_ioctl', { cmd: 0x8914 }), advertisement(who(n, cpu), ms + 0.1, { ...PREFIX6, dst: `2001:db8:${(n % 90) + 100}::/64` }), leave(who(n, cpu), ms + 0.3, 'devinet_ioctl')),
];

/** Verdicts on the routes of the incident, without those of the decoys. */
const told = (all: Story, options: WeaveOptions): Map<string, unknown> => new Map(attributions(weave(all, { ...options, before }))
  .filter(({ change }) => change.netns.cookie === NETNS.cookie && change.route.table !== 4000 && !/^2001:db8:1\d\d:/.test(change.route.dst))
  .map((one, i) => [`${one.change.route.dst} ${one.change.route.nexthops[0]?.ifindex} ${one.change.change} ${i >= 0 ? one.change.time : ''}`, verdictOf(one)]));

const quiet = told(incident, {});
const delays = fc.array(fc.integer({ min: 0, max: 400 }).map(ms => ms + 0.001), { minLength: 1, maxLength: 8 });
const arrival = fc.array(fc.nat(5), { minLength: 1, maxLength: 12 });
const noise = fc.array(fc.record({ ms: fc.integer({ min: 1100, max: 5000 }), kind: fc.nat(decoys.length - 1), n: fc.nat(200), cpu: fc.nat(1) }), { maxLength: 40 });

describe('identity, not time', () => {
  test('proves every change of the incident', () => {
    expect([...quiet.values()].map(verdict => (verdict as { confidence?: string }).confidence)).toEqual(Array.from({ length: 13 }, () => 'proved'));
  });

  test('holds however late messages come and in whatever order streams arrive', () => {
    fc.assert(fc.property(delays, arrival, (late, order) => { expect(told(incident, { delays: late, arrival: order })).toEqual(quiet); }), { numRuns: 200 });
  });

  test('holds for messages received in the very nanosecond in which they were sent', () => {
    for (const order of [[0], [1], [2], [2, 1, 0]]) expect(told(incident, { delays: [0], arrival: order })).toEqual(quiet);
  });

  test('holds while others do unrelated things, and names none of them', () => {
    fc.assert(fc.property(delays, arrival, noise, (late, order, others) => {
      const all = story(incident, ...others.map(({ ms, kind, n, cpu }) => decoys[kind]?.(ms, n, cpu) ?? story()));
      const verdicts = told(all, { delays: late, arrival: order });
      expect(verdicts).toEqual(quiet);
    }), { numRuns: 300 });
  });

  test('gives each decoy no more than its own routes', () => {
    fc.assert(fc.property(delays, noise, (late, others) => {
      const all = story(incident, ...others.map(({ ms, kind, n, cpu }) => decoys[kind]?.(ms, n, cpu) ?? story()));
      for (const { change, verdict } of attributions(weave(all, { delays: late, before }))) {
        if (verdict.kind !== 'caused' || !DECOY_PIDS.includes(verdict.facts.act.actor.pid ?? 0)) continue;
        expect(change.route.table === 4000 || change.netns.cookie === OTHER_NETNS.cookie).toBe(true);
      }
    }), { numRuns: 200 });
  });
});

describe('the key of a message', () => {
  const bytes = routeBytes(ANYCAST);
  test.each<[string, Uint8Array, typeof NETNS, boolean]>([
    ['the same bytes', routeBytes(ANYCAST), NETNS, true], ['the same bytes cut as the tap cuts them', Uint8Array.from([...bytes, ...new Uint8Array(60).fill(9)]), NETNS, true],
    ['the same bytes in another namespace', bytes, OTHER_NETNS, false], ['the same inode but another cookie', bytes, { ...NETNS, cookie: 9n }, false],
    ['one byte differs at the very end', Uint8Array.from(bytes, (byte, i) => i === bytes.length - 1 ? byte ^ 1 : byte), NETNS, false],
  ])('is equal for: %s? ', (_case, other, netns, expected) => {
    expect(messageKey(NETNS, bytes, bytes.length) === messageKey(netns, other, bytes.length)).toBe(expected);
  });

  test('is another one for another length, where the first 120 bytes are equal', () => {
    const long = new Uint8Array(200).fill(1);
    expect(messageKey(NETNS, long, 200)).not.toBe(messageKey(NETNS, long, 196));
    expect(messageKey(NETNS, long, 200)).toBe(messageKey(NETNS, long.subarray(0, 120), 200));
  });
});

describe('taps that wait', () => {
  const queue = (...times: readonly number[]): ReturnType<typeof createTapQueue<{ time: ReturnType<typeof at> }>> => {
    const made = createTapQueue<{ time: ReturnType<typeof at> }>();
    for (const ms of times) made.add('k', { time: at(ms) });
    return made;
  };
  test('pair in order, each once', () => {
    const taps = queue(1, 2);
    expect([taps.take('k', at(9))?.tap.time, taps.take('k', at(9))?.tap.time, taps.take('k', at(9))]).toEqual([at(1), at(2), undefined]);
  });
  test.each([['other bytes', 'x', 9], ['what was received earlier', 'k', 0.5]])('do not pair with %s', (_case, key, until) => { expect(queue(1).take(key, at(until))).toBeUndefined(); });
  test('are told what waits behind them, as far as it had been sent', () => { expect(queue(1, 2, 30).take('k', at(9))?.waiting.length).toBe(1); });
  test('are dropped after ten seconds, not earlier', () => {
    const taps = queue(1, 5000);
    expect([taps.expire(at(9000)), taps.expire(at(10_001)), taps.expire(at(15_001)), taps.take('k', at(99_999))]).toEqual([0, 1, 1, undefined]);
  });
});

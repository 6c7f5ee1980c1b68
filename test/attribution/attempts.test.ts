import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../src/attribution/attribute.ts';
import type { Attribution, AttributionOf } from '../../src/model/attribution.ts';
import type { NetnsRef } from '../../src/model/netns.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import { lost, netnsFields, NETNS, OTHER_NETNS, probe, task, type Task } from '../model/build.ts';
import { anyObservation } from '../recording/arbitraries.ts';
import { addsAddress4, asksForRoute, ip, ioctlRoute, setsLinkDown, sysctl, writesForwarding } from './acts.ts';
import { asksRoute, call, known, leave, story, weave, type Story, type WeaveOptions } from './build.ts';
import { addressBytes, linkBytes, routeBytes, type RouteSpec } from './encode.ts';

const STATIC4: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const ASKED: RouteSpec = { ...STATIC4, via: '192.0.2.10', flags: 0x605, seq: 7 };

/** The answer of the kernel to a request, as netlink_ack tells it. */
function refuse(who: Task, ms: number, bytes: Uint8Array, ret: number, more: { extack?: string; portid?: number; netns?: NetnsRef } = {}): Observation {
  const msg = new Uint8Array(120).fill(0xaa);
  msg.set(bytes.subarray(0, 120));
  return probe(who, ms, 'refuse', 'netlink_ack', { ...netnsFields(more.netns ?? NETNS), portid: more.portid ?? who.pid, start: BigInt(who.startMs) * 1_000_000n, ret, msglen: bytes.length, msg, extack: more.extack ?? '' });
}
function attribute(observations: readonly Observation[], attempts: boolean): Attribution[] {
  const [timeline, attributor] = [createTimeline(), createAttributor({ attempts })];
  return [...observations.flatMap(one => timeline.push(one)), ...timeline.flush()].flatMap(one => attributor.push(one)).concat(attributor.flush());
}
const isAttempt = (one: Attribution): one is AttributionOf<'attempt'> => one.subject === 'attempt';
const attemptsOf = (told: Story, options?: WeaveOptions): AttributionOf<'attempt'>[] => attribute(weave(told, options), true).filter(isAttempt);
const factsOf = ({ verdict }: AttributionOf<'attempt'>) => verdict.kind === 'caused' ? verdict.facts : undefined;
const ipRoute = known(ip, ['ip', 'route', 'add', STATIC4.dst]);

describe('a refused request', () => {
  test('is proved by the answer alone, with who asked, for what, and the kernel\'s own words', () => {
    const [one, ...more] = attemptsOf(story(ipRoute, refuse(ip, 2000, routeBytes(ASKED), -101, { extack: 'Nexthop has invalid gateway' })));
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      change: { errno: 101, message: 'Nexthop has invalid gateway', netns: NETNS, asked: { kind: 'route', deleted: false, route: { dst: STATIC4.dst } } },
      verdict: { kind: 'caused', causeId: 'request-refused', confidence: 'proved', rivals: [], trigger: { kind: 'netlink-request', request: 'add', flags: ['excl', 'create'] }, facts: { act: { actor: { kind: 'process', pid: ip.pid, comm: 'ip', argv: ['ip', 'route', 'add', STATIC4.dst] } } } },
      caveats: [],
    });
  });

  test('is not told unless asked for', () => {
    expect(attribute(weave(story(ipRoute, refuse(ip, 2000, routeBytes(ASKED), -17))), false)).toEqual([]);
  });

  test('without words of the kernel has none', () => {
    expect(attemptsOf(story(refuse(ip, 2000, routeBytes(ASKED), -17)))[0]?.change).not.toHaveProperty('message');
  });

  test('is one act with the changes of the same request', () => {
    const told = story(asksForRoute(ip, 2000, STATIC4, { seq: 7 }), refuse(ip, 2000.2, routeBytes(ASKED), -17));
    const ids = attribute(weave(told), true).map(({ verdict }) => verdict.kind === 'caused' ? verdict.facts.act.id : undefined);
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
  });

  test('has an act of its own where only an earlier request of the port id was told', () => {
    const told = story(ipRoute, asksRoute(ip, 2000, { portid: ip.pid, seq: 6 }), refuse(ip, 2000.1, routeBytes({ ...ASKED, seq: 6 }), -17), refuse(ip, 2000.3, routeBytes(ASKED), -17));
    expect(new Set(attemptsOf(told).map(one => factsOf(one)?.act.id)).size).toBe(2);
  });

  test('that nobody asked for a second time is told once per answer', () => {
    expect(attemptsOf(story(refuse(ip, 2000, routeBytes(ASKED), -17), refuse(ip, 2001, routeBytes({ ...ASKED, seq: 8 }), -17))).length).toBe(2);
  });

  test('longer than what is read of it says so', () => {
    const many: RouteSpec = { dst: '198.51.100.0/24', legs: Array.from({ length: 8 }, (_, i) => ({ dev: 4, via: `192.0.2.${i + 1}` })) };
    expect(attemptsOf(story(refuse(ip, 2000, routeBytes(many), -22)))[0]?.evidence.map(one => one.text).join()).toMatch(/120 of \d{3} bytes were read/);
    expect(attemptsOf(story(refuse(ip, 2000, routeBytes(ASKED), -22)))[0]?.evidence.map(one => one.text).join()).not.toContain('bytes');
  });

  test('shortly after a loss is no more than likely', () => {
    const [one] = attemptsOf(story(lost(1900, 1950), refuse(ip, 2000, routeBytes(ASKED), -17)));
    expect(one?.verdict).toMatchObject({ confidence: 'likely' });
    expect(one?.caveats.length).toBe(1);
  });

  test.each([['success', 0], ['EINTR: nobody is told', -4]])('is none: %s', (_case, ret) => {
    expect(attemptsOf(story(refuse(ip, 2000, routeBytes(ASKED), ret)))).toEqual([]);
  });
});

describe('what is in the way', () => {
  const existing = (asked: RouteSpec, before: readonly RouteSpec[], ret = -17): unknown[] =>
    attemptsOf(story(refuse(ip, 2000, routeBytes(asked), ret)), { before: before.map(routeBytes) }).flatMap(one => one.change.existing.map(route => route.nexthops[0]?.gateway));
  const at6: RouteSpec = { dst: '2001:db8:1::/48', dev: 4, via: 'fe80::9', metric: 1024 };
  test.each<[string, unknown, unknown]>([
    ['the route of the same place', existing(ASKED, [STATIC4]), ['192.0.2.9']],
    ['a route that was announced before, and is received only afterwards', attemptsOf(story(asksForRoute(ip, 1999.9, STATIC4, { seq: 6, isTold: false }), refuse(ip, 2000, routeBytes(ASKED), -17)), { delays: [40] }).flatMap(one => one.change.existing.map(route => route.nexthops[0]?.gateway)), ['192.0.2.9']],
    ['none of another metric', existing(ASKED, [{ ...STATIC4, metric: 5 }]), []],
    ['none of another table', existing({ ...ASKED, table: 77 }, [STATIC4]), []],
    ['the route in main, where the request leaves the table open', existing({ ...ASKED, table: 0 }, [STATIC4]), ['192.0.2.9']],
    ['IPv6: the route of the default metric, where the request leaves it open', existing({ ...ASKED, dst: at6.dst, via: 'fe80::1' }, [at6]), ['fe80::9']],
    ['nothing where the error is another', existing(ASKED, [STATIC4], -101), []],
  ])('is %s', (_case, seen, expected) => { expect(seen).toEqual(expected); });
});

describe('a request for a link', () => {
  const empty = linkBytes(16, 0, { up: false });
  test.each<[string, Uint8Array, number]>([
    ['that names no device is a test of what the kernel can do', empty, 0],
    ['that names a device is one', linkBytes(16, 0, { name: 'd0', up: false }), 1],
    ['that has an index is one', linkBytes(16, 4, { up: false }), 1],
    ['that sets a flag is one', linkBytes(16, 0, { change: 1 }), 1],
    ['to delete is one', linkBytes(17, 0, { up: false }), 1],
  ])('%s', (_case, bytes, count) => { expect(attemptsOf(story(refuse(ip, 2000, bytes, -19))).length).toBe(count); });
});

describe('a refused ioctl', () => {
  const ioctl = (ret: number, netns = NETNS, fn = 'ip_rt_ioctl'): Story => story(known(ip, ['route', 'add']), call(ip, 2000, fn, { cmd: 0x890b }, netns), leave(ip, 2000.1, fn, ret));
  test('is told by its return', () => {
    expect(attemptsOf(ioctl(-17))).toEqual([expect.objectContaining({
      change: expect.objectContaining({ errno: 17, asked: { kind: 'ioctl', request: 'SIOCADDRT' }, existing: [] }),
      verdict: expect.objectContaining({ causeId: 'request-refused', confidence: 'proved', trigger: { kind: 'ioctl', request: 'SIOCADDRT' } }),
    })]);
    expect(attemptsOf(ioctl(-3, NETNS, 'ipv6_route_ioctl')).length).toBe(1);
  });
  test.each<[string, Story]>([
    ['one that went well', ioctl(0)], ['one that is made again (ERESTARTNOINTR)', ioctl(-513)], ['one in a namespace that is not watched', ioctl(-17, OTHER_NETNS)],
    ['one whose beginning was not seen', story(leave(ip, 2000, 'ip_rt_ioctl', -17))],
    ['one that began before a loss', story(call(ip, 2000, 'ip_rt_ioctl', { cmd: 0x890b }), lost(2050, 2060), leave(ip, 2100, 'ip_rt_ioctl', -17))],
    ['the error of another call', story(call(ip, 2000, 'devinet_ioctl', {}), leave(ip, 2000.1, 'devinet_ioctl', -17))],
  ])('is not told: %s', (_case, told) => { expect(attemptsOf(told)).toEqual([]); });
});

describe('other verdicts', () => {
  const netd = task(900, 'netd', { startMs: 100 });
  const refusals = story(refuse(ip, 2000.01, routeBytes(ASKED), -17), refuse(netd, 2000.03, addressBytes(20, '192.0.2.1/24', 4), -17), call(netd, 2000.04, 'ip_rt_ioctl', { cmd: 0x890b }), leave(netd, 2000.06, 'ip_rt_ioctl', -1));
  const words = (all: readonly Attribution[]): string => JSON.stringify(all.filter(one => one.subject !== 'attempt'), (_key, value: unknown) => typeof value === 'bigint' ? String(value) : value);
  test.each<[string, Story, WeaveOptions?]>([
    ['a route asked for', asksForRoute(ip, 2000, STATIC4, { seq: 9 })], ['an address', addsAddress4(ip, 2000)], ['a sysctl', writesForwarding(sysctl, 2000, 1)],
    ['a device down', setsLinkDown(ip, 2000, [{ dst: STATIC4.dst, dev: 4, via: '192.0.2.9' }]), { before: [routeBytes(STATIC4)] }], ['a route by ioctl', ioctlRoute(ip, 2000, STATIC4)],
  ])('stay what they are: %s', (_case, told, options) => {
    const observations = weave(story(told, refusals), options);
    expect(attribute(observations, true).filter(isAttempt).length).toBe(3);
    expect(words(attribute(observations, true))).toBe(words(attribute(weave(told, options), false)));
  });
  test('stay what they are, whatever is seen', () => {
    fc.assert(fc.property(fc.array(anyObservation, { maxLength: 60 }), (observations) => {
      expect(words(attribute(observations, true))).toBe(words(attribute(observations, false)));
    }));
  });
});

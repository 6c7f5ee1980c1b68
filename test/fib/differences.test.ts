import { describe, expect, test } from 'vitest';
import { differencesOf } from '../../src/fib/differences.ts';
import type { Nexthop, Route } from '../../src/model/route.ts';
import { bootTime } from '../../src/model/time.ts';

const at = { netns: { inode: 1 }, time: bootTime(5n) };
const leg = (ifindex: number, flags = 0, gateway?: string): Nexthop => ({ ifindex, weight: 1, flags, ...(gateway === undefined ? {} : { gateway }) });
const route = (more: Partial<Route> = {}): Route => ({ family: 'ipv6', dst: '2001:db8::/32', tos: 0, type: 1, table: 254, protocol: 3, scope: 0, flags: 0, metric: 1024, nexthops: [leg(2)], ...more });
const two = (a: number, b: number): Route => route({ nexthops: [leg(2, a, 'fe80::1'), leg(3, b, 'fe80::2')] });
const told = (known: readonly Route[], now: readonly Route[]) =>
  differencesOf(at, known, now).map(({ subject, change: { change, legs, replaced } }) => [subject, change, legs?.map(one => [one.ifindex, one.flags]), replaced === undefined ? undefined : 'was']);

describe('differencesOf', () => {
  test.each<[string, readonly Route[], readonly Route[], unknown[]]>([
    ['nothing', [route()], [route()], []],
    ['a route that went', [route()], [], [['change', 'delete', undefined, undefined]]],
    ['a route that came', [], [route()], [['change', 'add', undefined, undefined]]],
    ['a route that lost its preferred source', [route({ prefsrc: '2001:db8::1' })], [route()], [['change', 'replace', undefined, 'was']]],
    ['an IPv6 route that lost a leg', [two(0, 0)], [route({ nexthops: [leg(2, 0, 'fe80::1')] })], [['change', 'delete', [[3, 0]], undefined]]],
    ['one that went and another kind that came', [route()], [route({ type: 7, nexthops: [leg(1)] })], [['change', 'delete', undefined, undefined], ['change', 'add', undefined, undefined]]],
    ['an object that has another way', [route({ nhid: 9 })], [route({ nhid: 9, nexthops: [leg(3)] })], [['change', 'replace', undefined, 'was']]],
    ['an object whose way is not shown', [route({ nhid: 9 })], [route({ nhid: 9, nexthops: [] })], []],
    ['a leg without a carrier', [two(0, 0)], [two(0, 16)], [['flags', 'delete', [[3, 16]], 'was']]],
    ['legs that got different flags', [two(0, 0)], [two(17, 16)], [['flags', 'delete', [[3, 16]], 'was'], ['flags', 'delete', [[2, 17]], 'was']]],
    ['one that got worse, and one that got better', [two(0, 16)], [two(17, 0)], [['flags', 'delete', [[2, 17]], 'was'], ['flags', 'add', [[3, 0]], 'was']]],
    ['legs shown in another order', [two(0, 16)], [route({ nexthops: [leg(3, 16, 'fe80::2'), leg(2, 0, 'fe80::1')] })], []],
  ])('tells of %s', (_name, known, now, differences) => { expect(told(known, now)).toEqual(differences); });

  test('each change of flags begins where the one before it ended', () => {
    const found = differencesOf(at, [two(0, 16)], [two(17, 0)]);
    expect(found[1]?.change.replaced).toEqual(found[0]?.change.route);
    expect(found[1]?.change.route.nexthops.map(({ flags }) => flags)).toEqual([17, 0]);
  });
});

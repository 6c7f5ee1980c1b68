import { describe, expect, test } from 'vitest';
import type { Origin } from '../../src/attribution/acts.ts';
import { createUnreadTaps, type UnreadTap } from '../../src/attribution/unread-taps.ts';
import { bootTime } from '../../src/model/time.ts';

const V6 = 10;
const V4 = 2;
const ADDED = ['rtnl_notify', 'fib6_add', 'ip6_ins_rt', '__ipv6_dev_ac_inc', 'dev_forward_change'];
const REMOVED = ['rtnl_notify', 'fib6_del', '__ipv6_dev_ac_dec'];
const tap = (time: bigint, frames: readonly string[], pid = 1): UnreadTap => {
  const origin: Origin = { where: 'task', frames, act: { id: `${time}.${pid}`, time: bootTime(time), where: 'task', actor: { kind: 'process', pid } } };
  return { time: bootTime(time), origin };
};
const taken = (taps: readonly UnreadTap[], family: number, isAdded: boolean, until: bigint): unknown => {
  const queue = createUnreadTaps();
  for (const each of taps) queue.add(each);
  const pair = queue.take(family, isAdded, bootTime(until));
  return pair && [pair.tap.time, pair.others.map(({ origin }) => origin.act.actor.pid)];
};

describe('a message that nobody asked for pairs with a notification whose bytes were not read', () => {
  test.each<[string, readonly UnreadTap[], number, boolean, bigint, unknown]>([
    ['of its family and direction', [tap(1n, ADDED)], V6, true, 5n, [1n, []]],
    ['not of another family', [tap(1n, ADDED)], V4, true, 5n, undefined],
    ['not of the other direction', [tap(1n, REMOVED), tap(2n, ADDED)], V6, true, 5n, [2n, []]],
    ['not with one sent later', [tap(9n, ADDED)], V6, true, 5n, undefined],
    ['not with one sent long before', [tap(1n, ADDED)], V6, true, 2_000_000_000n, undefined],
    ['the oldest one', [tap(1n, ADDED), tap(2n, ADDED)], V6, true, 5n, [1n, []]],
    ['and what others did at the same time is a rival', [tap(1n, ADDED, 1), tap(2n, ADDED, 2)], V6, true, 5n, [1n, [2]]],
    ['not with one that bears a port id', [tap(1n, [...ADDED, 'inet6_rtm_newroute'])], V6, true, 5n, undefined],
    ['not with one that is about no route', [tap(1n, ['rtnl_notify', '__inet6_ifa_notify'])], V6, true, 5n, undefined],
  ])('%s', (_, taps, family, isAdded, until, expected) => {
    expect(taken(taps, family, isAdded, until)).toEqual(expected);
  });
});

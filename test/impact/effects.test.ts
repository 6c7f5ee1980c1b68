import { describe, expect, test } from 'vitest';
import { effectOf, leavesVrf } from '../../src/impact/effects.ts';
import { causeOf, type Moved, type Touch } from '../../src/impact/touching.ts';
import { bootTime } from '../../src/model/time.ts';
import type { Resolution } from '../../src/netlink/resolution.ts';

const over = (ifindex: number, more: Partial<Resolution> = {}): Resolution => ({ type: 1, table: 254, ifindex, match: { dst: '10.0.0.0/24', table: 254, type: 1, legs: [`%${ifindex}`] }, ...more });
const here: Resolution = { type: 2, table: 255, ifindex: 1, match: { dst: '10.0.0.2/32', table: 255, type: 2, legs: ['%1'] } };
const legs = (dst: string, ...all: readonly string[]): Pick<Resolution, 'match'> => ({ match: { dst, table: 254, type: 1, legs: all } });

describe('effectOf', () => {
  test.each([
    ['this host', over(2), here, 'local-delivery'],
    ['this host, anycast', over(2), { ...here, type: 4 }, 'local-delivery'],
    ['another device', over(2), over(3), 'other-device'],
    ['another gateway', over(2, { gateway: '10.0.0.7' }), over(2, { gateway: '10.0.0.8' }), 'other-gateway'],
    ['a gateway where there was none', over(2), over(2, { gateway: '10.0.0.8' }), 'other-gateway'],
    ['no route', over(2), { errno: 101 }, 'unreachable'],
    ['its source gone, whatever else', over(2, { isFromHere: true }), over(3, { isFromHere: false }), 'source-gone'],
    ['its device gone, whatever is known of its source then', over(2, { isFromHere: true }), { errno: 19, isFromHere: false }, 'unreachable'],
    ['another source, where it has none of its own', over(2, { source: '10.0.0.1' }), over(2, { source: '10.0.0.9' }), 'other-source'],
    ['no longer this host', here, over(2), 'other-device'],
    ['IPv6, all legs gone', over(2, legs('::/0', 'a%2', 'b%3')), over(4, legs('::/0', 'c%4', 'd%5')), 'other-device'],
    ['IPv4, another leg', over(2, legs('0.0.0.0/0', 'a%2', 'b%3')), over(3, legs('0.0.0.0/0', 'b%3')), 'other-device'],
  ] as const)('%s', (_, before, after, effect) => expect(effectOf('tcp', before, after)).toBe(effect));

  test.each([
    ['the same', over(2), over(2)],
    ['the same by another route', over(2), over(2, legs('10.0.0.2/32', '%2'))],
    ['the same in another table', over(2), over(2, { table: 77 })],
    ['not reached before', { errno: 101 }, over(2)],
    ['not reached, for another reason', { errno: 101 }, { errno: 113 }],
    ['another source, where it has its own', over(2, { source: '10.0.0.1', isFromHere: true }), over(2, { source: '10.0.0.9', isFromHere: true })],
    ['a source that was never ours', over(2, { isFromHere: false }), over(2, { isFromHere: false })],
    ['local, by anycast in place of local', here, { ...here, type: 4 }],
    ['IPv6, one leg more: which one it takes is not known', over(2, legs('::/0', 'a%2')), over(3, legs('::/0', 'a%2', 'b%3'))],
    ['IPv6, one leg less', over(2, legs('::/0', 'a%2', 'b%3')), over(3, legs('::/0', 'b%3'))],
  ] as const)('nothing: %s', (_, before, after) => expect(effectOf('tcp', before, after)).toBeUndefined());

  test('a peer whose address was ours by mistake is better off', () => expect(effectOf('bgp-peer', here, over(2))).toBeUndefined());
});

describe('leavesVrf', () => {
  const [VRF, PORT, OTHER] = [5, 2, 3];
  const inTable = (table: number, ifindex: number): Resolution => ({ type: 1, table, ifindex, match: { dst: '10.0.0.0/24', table, type: 1, legs: [`%${ifindex}`] } });
  const devices = (members: readonly number[]) => ({ tableOf: (ifindex: number) => ifindex === VRF ? 103 : undefined, isIn: (ifindex: number, vrf: number) => vrf === VRF && members.includes(ifindex) });
  const leaves = (after: Resolution, members: readonly number[], told: { readonly what: 'tcp' | 'tunnel'; readonly ifindex?: number } = { what: 'tcp', ifindex: VRF }): boolean =>
    leavesVrf(told, inTable(103, PORT), after, devices(members));

  test('a device that left takes along what goes out over it', () => { expect(leaves(inTable(254, PORT), [])).toBe(true); });
  test('a route outside that leads to a device of the VRF does not', () => { expect(leaves(inTable(254, PORT), [PORT])).toBe(false); });
  test('nor does another device while it is found in the table of the VRF', () => { expect(leaves(inTable(103, OTHER), [PORT])).toBe(false); });
  test('nor what was never bound to it', () => {
    expect(leaves(inTable(254, PORT), [], { what: 'tcp' })).toBe(false);
    expect(leaves(inTable(254, PORT), [], { what: 'tcp', ifindex: PORT })).toBe(false);
    expect(leaves(inTable(254, PORT), [], { what: 'tunnel', ifindex: VRF })).toBe(false);
  });
  test('nor what is refused', () => { expect(leaves({ errno: 101 }, [])).toBe(false); });
});

const at = (ms: number): Touch['time'] => bootTime(BigInt(ms) * 1_000_000n);
const route = (id: string, ms: number, dst: string, more: Partial<Touch> = {}): Touch => ({ id, origin: `o${id}`, time: at(ms), family: 'ipv4', route: { dst, table: 254 }, comes: true, goes: false, ...more });
const moved = (more: Partial<Moved> = {}): Moved => ({ remote: '10.0.0.2', local: '10.0.0.1', before: over(2), after: over(3, legs('10.0.0.2/32', '%3')), from: at(0), until: at(5000), ...more });

describe('causeOf', () => {
  test.each([
    ['the route that matches now', [route('1', 4000, '10.0.0.2/32'), route('2', 4500, '10.0.0.0/16')], moved(), ['1']],
    ['the route that matched before', [route('1', 4000, '10.0.0.0/24', { comes: false, goes: true }), route('2', 4500, '10.0.0.0/8')], moved({ after: over(3, legs('0.0.0.0/0', '%3')) }), ['1']],
    ['the last of two that match', [route('1', 3000, '10.0.0.2/32'), route('2', 4000, '10.0.0.2/32')], moved(), ['2']],
    ['all of one origin that cover it', [route('1', 4000, '10.0.0.2/32', { origin: 'o' }), route('2', 4000, '10.0.0.0/16', { origin: 'o' }), route('3', 4000, '10.9.0.0/16', { origin: 'o' })], moved(), ['1', '2']],
    ['a rule that leads to the table', [route('1', 3000, '10.0.0.2/32', { route: { dst: '10.0.0.2/32', table: 77 } }), { id: '2', origin: 'o2', time: at(4000), family: 'ipv4', leadsTo: 77, comes: true, goes: true }], moved({ after: over(3, { match: { dst: '10.0.0.2/32', table: 77, type: 1, legs: ['%3'] } }) }), ['2']],
    ['the local route of its source', [route('1', 4000, '10.0.0.0/24', { comes: false, goes: true }), route('2', 4000, '10.0.0.1/32', { comes: false, goes: true, route: { dst: '10.0.0.1/32', table: 255 } })], moved({ before: over(2, { isFromHere: true }), after: { errno: 101, isFromHere: false } }), ['2']],
    ['whatever covers it, for want of better', [route('1', 4000, '10.0.0.0/8')], moved({ after: { errno: 22 } }), ['1']],
  ] as const)('%s', (_, touches, what, ids) => expect(causeOf(touches, what).map(({ id }) => id)).toEqual(ids));

  test.each([
    ['a route elsewhere', [route('1', 4000, '10.0.1.0/24')], moved()],
    ['one of before it was last seen to be as before', [route('1', 1000, '10.0.0.2/32')], moved({ from: at(3000) })],
    ['one of long after', [route('1', 9000, '10.0.0.2/32')], moved()],
    ['a rule of the other family', [{ id: '1', origin: 'o', time: at(4000), family: 'ipv6', leadsTo: 77, comes: true, goes: true }], moved()],
  ] as const)('nothing: %s', (_, touches, what) => expect(causeOf(touches, what)).toEqual([]));
});

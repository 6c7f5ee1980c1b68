import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePacket } from '../../src/icmp/decode.ts';
import type { PacketObservation } from '../../src/model/observation.ts';
import { bootTime } from '../../src/model/time.ts';

const address = (text: string): number[] => text.split(':').flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
const ROUTER = address('fe80:0:0:0:0:0:0:1');
const packet = (bytes: readonly number[], more: Partial<PacketObservation> = {}): PacketObservation =>
  ({ kind: 'packet', source: 'icmp', time: bootTime(1n), netns: { inode: 1 }, family: 'ipv6', ifindex: 3, from: Uint8Array.from(ROUTER), hops: 255, bytes: Uint8Array.from(bytes), ...more });

const advertisement = [134, 0, 0, 0, 64, 0, 0x07, 0x08, 0, 0, 0, 0, 0, 0, 0, 0];
const linkLayer = [1, 1, 2, 0, 0, 0, 0, 1];
const prefix = [3, 4, 64, 0xc0, 0, 0, 0x0e, 0x10, 0, 0, 0, 60, 0, 0, 0, 0, ...address('2001:db8:1:0:0:0:0:77')];
const route = [24, 2, 48, 0, 0xff, 0xff, 0xff, 0xff, ...address('2001:db8:f:0:0:0:0:0').slice(0, 8)];
const redirect4 = [5, 1, 0, 0, 192, 0, 2, 2, 0x45, 0, 0, 84, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 10, 198, 51, 100, 1];
const ipv4 = { family: 'ipv4', from: Uint8Array.from([192, 0, 2, 1]), hops: 64 } as const;

describe('decodePacket', () => {
  test('an advertisement: what the router is, which prefixes and routes it tells of', () => {
    expect(decodePacket(packet([...advertisement, ...linkLayer, ...prefix, ...route]))).toEqual({
      kind: 'advertisement', from: 'fe80::1', ifindex: 3, lifetimeSec: 1800, prefixes: [{ prefix: '2001:db8:1::/64', validSec: 3600 }], routes: [{ prefix: '2001:db8:f::/48' }],
    });
  });

  test.each([[0x20, false], [0xa0, true]])('an answer of a neighbour with flags %i', (flags, isRouter) => {
    expect(decodePacket(packet([136, 0, 0, 0, flags, 0, 0, 0, ...ROUTER]))).toEqual({ kind: 'neighbour', target: 'fe80::1', ifindex: 3, isRouter });
  });

  test('redirects, to a gateway and to the destination itself', () => {
    const dst = address('2001:db8:2:0:0:0:0:1');
    const head = [137, 0, 0, 0, 0, 0, 0, 0];
    expect(decodePacket(packet([...head, ...address('fe80:0:0:0:0:0:0:2'), ...dst]))).toEqual({ kind: 'redirect', family: 'ipv6', from: 'fe80::1', ifindex: 3, dst: '2001:db8:2::1/128', gateway: 'fe80::2' });
    expect(decodePacket(packet([...head, ...dst, ...dst]))).toEqual({ kind: 'redirect', family: 'ipv6', from: 'fe80::1', ifindex: 3, dst: '2001:db8:2::1/128' });
    expect(decodePacket(packet(redirect4, ipv4))).toEqual({ kind: 'redirect', family: 'ipv4', from: '192.0.2.1', ifindex: 3, dst: '198.51.100.1/32', gateway: '192.0.2.2' });
  });

  test.each([
    ['that was forwarded', packet(advertisement, { hops: 254 })],
    ['from an address that is not of the link', packet(advertisement, { from: Uint8Array.from(address('2001:db8:0:0:0:0:0:1')) })],
    ['with a code', packet(advertisement.with(1, 1))],
    ['cut short', packet(advertisement.slice(0, 12))],
    ['of another kind', packet([135, 0, 0, 0, 0, 0, 0, 0, ...ROUTER])],
  ])('takes nothing for an advertisement %s', (_what, wrong) => { expect(decodePacket(wrong)).toBeUndefined(); });

  test.each([['an unreachable', redirect4.with(0, 3)], ['an unknown code', redirect4.with(1, 4)], ['half of what it quotes', redirect4.slice(0, 20)]])('takes nothing for an IPv4 redirect: %s', (_what, bytes) => {
    expect(decodePacket(packet(bytes, ipv4))).toBeUndefined();
  });

  test('options without a length, or that say more than there is, end the list', () => {
    for (const tail of [[3, 0, 64, 0, 0, 0, 0, 0], prefix.slice(0, 24)]) expect(decodePacket(packet([...advertisement, ...route, ...tail]))).toMatchObject({ prefixes: [], routes: [{ prefix: '2001:db8:f::/48' }] });
  });

  test('never throws, and says nothing but addresses and numbers', () => {
    const anything = fc.record({ type: fc.constantFrom(5, 134, 136, 137), rest: fc.uint8Array({ maxLength: 120 }), from: fc.uint8Array({ maxLength: 16 }), family: fc.constantFrom('ipv4' as const, 'ipv6' as const) });
    fc.assert(fc.property(anything, ({ type, rest, from, family }) => {
      const told = decodePacket(packet([type, 0, ...rest], { from: from.length < 8 ? from : Uint8Array.from([0xfe, 0x80, ...from, ...new Uint8Array(16)]).slice(0, 16), family }));
      expect(told === undefined || JSON.stringify(told).match(/undefined|NaN|null/) === null).toBe(true);
    }));
  });
});

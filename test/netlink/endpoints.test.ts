import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indexAddresses } from '../../src/netlink/address-index.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { bytesOfAddress, covers, parseAddress, type Address } from '../../src/netlink/parse-address.ts';
import { resolutionOf } from '../../src/netlink/resolution.ts';
import { routeKeyOf } from '../../src/netlink/route-key.ts';
import { decodeSocket, socketRequest } from '../../src/netlink/sock-diag.ts';
import { decodeForwarding, decodeTunnel } from '../../src/netlink/tunnels.ts';
import { decodeGenericFamily, decodeWireguard } from '../../src/netlink/wireguard.ts';
import { decodeEnd } from '../../src/sources/endpoints/ends.ts';
import { builder } from './build.ts';

const DECODERS = [decodeSocket, decodeTunnel, decodeForwarding, decodeGenericFamily, decodeEnd, routeKeyOf, (bytes: Uint8Array) => decodeWireguard(bytes, 31), (taken: Uint8Array) => resolutionOf({ taken, match: taken, from: taken })];

/** A message of a type that some decoder takes, with a hostile body. */
const hostile = fc.tuple(fc.constantFrom(2, 16, 20, 24, 25, 28, 31), fc.uint8Array({ maxLength: 300 })).map(([type, body]) => {
  const bytes = new Uint8Array(16 + body.length);
  new DataView(bytes.buffer).setUint16(4, type, true);
  bytes.set(body, 16);
  return bytes;
});

test('no decoder throws, whatever comes', () => {
  fc.assert(fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), hostile), (bytes) => { for (const decode of DECODERS) decode(bytes); }), { numRuns: 3000 });
});

describe.each([true, false])('little-endian %s', (little) => {
  const wire = builder(little);
  const nested = (type: number, ...parts: readonly number[][]): number[] => wire.attribute(type, ...parts);
  const link = (kind: string, ...data: readonly number[][]): Uint8Array =>
    wire.message(16, [0, 0, 0, 0], wire.u32(7), wire.u32(1), wire.u32(0), nested(18, wire.attribute(1, wire.text(kind)), nested(2, ...data)));

  test.each([
    ['vxlan', [[2, [192, 0, 2, 1]], [4, [192, 0, 2, 9]]], { remote: '192.0.2.1', local: '192.0.2.9' }],
    ['vxlan', [[16, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]]], { remote: '2001:db8::1' }],
    ['gre', [[6, [10, 0, 0, 1]], [7, [10, 0, 0, 2]]], { remote: '10.0.0.2', local: '10.0.0.1' }],
    ['sit', [[2, [10, 0, 0, 1]], [3, [10, 0, 0, 2]]], { remote: '10.0.0.2', local: '10.0.0.1' }],
    ['vti', [[4, [0, 0, 0, 0]], [5, [10, 0, 0, 2]]], { remote: '10.0.0.2' }],
  ] as const)('the remote of a %s', (type, attributes, expected) => {
    expect(decodeTunnel(link(type, ...attributes.map(([number, bytes]) => wire.attribute(number, [...bytes]))), little)).toEqual({ ifindex: 7, type, ...expected });
  });
  test.each([
    ['a multicast group', link('vxlan', wire.attribute(2, [239, 1, 1, 1]))],
    ['no remote', link('vxlan', wire.attribute(1, wire.u32(4)))],
    ['an unspecified remote', link('gre', wire.attribute(7, [0, 0, 0, 0]))],
    ['a veth', link('veth', wire.attribute(7, [10, 0, 0, 1]))],
    ['a name out of every object', link('constructor', wire.attribute(7, [10, 0, 0, 1]))],
    ['half an address', link('gre', wire.attribute(7, [10, 0]))],
  ])('no tunnel: %s', (_, bytes) => expect(decodeTunnel(bytes, little)).toBeUndefined());

  test('peers of a WireGuard device, and none of its keys', () => {
    const sockaddr = [...wire.u16(2), 0xca, 0x6c, 203, 0, 113, 7, ...Array.from({ length: 8 }, () => 0)];
    const bytes = wire.message(31, [0, 1, 0, 0], wire.attribute(3, Array.from({ length: 32 }, () => 0x41)), wire.attribute(7, wire.u32(51820)), nested(8, nested(0, wire.attribute(4, sockaddr)), nested(1, wire.attribute(1, wire.u32(1)))));
    expect(decodeWireguard(bytes, 31, little)).toEqual({ mark: 51820, remotes: ['203.0.113.7'] });
    expect(decodeWireguard(bytes, 30, little)).toBeUndefined();
  });

  test('a socket; an IPv6 one that speaks IPv4 counts as IPv4', () => {
    const mapped = (last: number): number[] => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last];
    const bytes = wire.message(20, [10, 1, 0, 0], [0, 179], [0x9c, 0x40], mapped(1), mapped(2), wire.u32(4), wire.u32(0x11), wire.u32(0x22), wire.u32(0), wire.u32(0), wire.u32(0), wire.u32(1000), wire.u32(777), wire.attribute(15, wire.u32(9)), wire.attribute(5, [0x10]));
    expect(decodeSocket(bytes, little)).toMatchObject({ family: 'ipv4', state: 1, local: '10.0.0.1', localPort: 179, remote: '10.0.0.2', remotePort: 40000, ifindex: 4, cookie: 0x22_0000_0011n, uid: 1000, inode: 777, mark: 9, tos: 16 });
    expect(decodeSocket(bytes.subarray(0, 80), little)).toBeUndefined();
  });
});

test('an answer of IPv4 says what comes of a route, and is one all the same (RTM_F_CLONED)', () => {
  const wire = builder(true);
  const answer = (flags: number, type: number, ...attributes: readonly number[][]): Uint8Array => wire.message(24, [2, 32, 0, 0, 254, 0, 0, type], wire.u32(flags), ...attributes);
  const taken = answer(0x200, 1, wire.attribute(1, [10, 0, 0, 2]), wire.attribute(4, wire.u32(7)), wire.attribute(7, [10, 0, 0, 1]), wire.attribute(5, [10, 0, 0, 9]));
  expect(resolutionOf({ taken, from: answer(0x200, 2, wire.attribute(1, [10, 0, 0, 1])) })).toEqual({ type: 1, table: 254, ifindex: 7, gateway: '10.0.0.9', source: '10.0.0.1', isFromHere: true });
  expect(resolutionOf({ taken: wire.message(2, wire.u32(-101)), from: taken })).toEqual({ errno: 101, isFromHere: false });
  expect(resolutionOf({ taken: wire.message(16, wire.u32(0)) })).toBeUndefined();
});

test('of a UDP socket the kernel wants the addresses the other way round', () => {
  const id = Uint8Array.from({ length: 48 }, (_, index) => index);
  const body = (protocol: number): number[] => [...socketRequest(2, protocol, id, 1).subarray(24, 72)];
  expect(body(6)).toEqual([...id]);
  expect(body(17).slice(0, 4)).toEqual([2, 3, 0, 1]);
  expect(body(17).slice(4, 36)).toEqual([...id.subarray(20, 36), ...id.subarray(4, 20)]);
  expect(body(17).slice(36)).toEqual([...id.subarray(36)]);
});

const anAddress: fc.Arbitrary<Address> = fc.oneof(
  fc.record({ family: fc.constant('ipv4' as const), value: fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }) }),
  fc.record({ family: fc.constant('ipv6' as const), value: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }) }),
);

test('the index finds what a prefix covers, and nothing else', () => {
  fc.assert(fc.property(fc.array(anAddress, { maxLength: 20 }), anAddress, fc.nat(128), fc.nat(), (addresses, any, anyLength, pick) => {
    // Mostly prefixes of the addresses themselves.
    const near = pick % 3 === 0 ? any : addresses[pick % (addresses.length || 1)] ?? any;
    const length = Math.min(anyLength, near.family === 'ipv4' ? 32 : 128);
    const index = indexAddresses(addresses.map((address, number) => [address, number] as const));
    const found = index(near.family, Uint8Array.from([0xee, ...bytesOfAddress(near)]), 1, length);
    expect([...found].sort((a, b) => a - b)).toEqual(addresses.flatMap((address, number) => covers({ ...near, length }, address) ? [number] : []));
  }), { numRuns: 2000 });
});

test('the short way to the destination agrees with the decoder', () => {
  const wire = builder(true);
  const route = (type: number, family: number, length: number, ...attributes: readonly number[][]): Uint8Array => wire.message(type, [family, length, 0, 0, 254, 2, 0, 1], wire.u32(0), ...attributes);
  const messages = [route(24, 2, 24, wire.attribute(15, wire.u32(254)), wire.attribute(1, [10, 1, 2, 0])), route(25, 10, 128, wire.attribute(1, [...bytesOfAddress(parseAddress('fd00::7') ?? { family: 'ipv6', value: 0n })])), route(24, 2, 0)];
  for (const bytes of messages) {
    const message = decodeMessage(bytes);
    const key = routeKeyOf(bytes);
    if (message.kind !== 'route' || key === undefined) throw new Error('no route');
    const index = indexAddresses([[parseAddress(message.route.dst.split('/')[0] ?? '') ?? { family: 'ipv4', value: 1n }, 1]]);
    expect(`${message.route.family} /${key.length}`).toBe(`${key.family} /${message.route.dst.split('/')[1]}`);
    expect(index(key.family, bytes, key.at, key.length)).toEqual([1]);
  }
  expect(routeKeyOf(route(20, 2, 24))).toBeUndefined();
  expect(routeKeyOf(route(24, 2, 24))).toBeUndefined();
});

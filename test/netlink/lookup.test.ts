import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress, lastOf, networkOf } from '../../src/netlink/prefix-text.ts';
import { covers, parseAddress, parsePrefix } from '../../src/netlink/parse-address.ts';
import { decodeLookup, decodeNeighbour } from '../../src/netlink/decode-lookup.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { neighboursRequest, routeGetRequest } from '../../src/netlink/lookup-requests.ts';

const address = fc.oneof(
  fc.record({ family: fc.constant('ipv4' as const), value: fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }) }),
  fc.record({ family: fc.constant('ipv6' as const), value: fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }) }),
);

describe('addresses', () => {
  test('read back as they were written', () => {
    fc.assert(fc.property(address, one => { expect(parseAddress(formatAddress(one))).toEqual(one); }));
  });

  test.each([
    ['::', 0n], ['::1', 1n], ['1::', 1n << 112n], ['::ffff:192.0.2.1', 0xffff_c000_0201n], ['64:ff9b::192.0.2.1', (0x64n << 112n) | (0xff9bn << 96n) | 0xc000_0201n], ['1:2:3:4:5:6:7:8', 0x0001_0002_0003_0004_0005_0006_0007_0008n],
  ])('%s', (text, value) => { expect(parseAddress(text)).toStrictEqual({ family: 'ipv6', value }); });

  test.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4 ', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::12345', '::g', '1.2.3.4::', '::1.2.3', '1:2:3:4:5:6:7:1.2.3.4', '1:2:3:4:5:6:7::8'.replace('::', ':9:')])('%j is none', text => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('prefixes', () => {
    expect([networkOf('192.0.2.77', 24), lastOf('192.0.2.77', 24), networkOf('2001:db8::1', 64), lastOf('10.0.0.0', 31)]).toStrictEqual(['192.0.2.0/24', '192.0.2.255', '2001:db8::/64', '10.0.0.1']);
    expect([parsePrefix('10.0.0.0/33'), parsePrefix('10.0.0.0'), parsePrefix('::/129'), parsePrefix('x/8')]).toStrictEqual([undefined, undefined, undefined, undefined]);
    fc.assert(fc.property(address, fc.nat(128), (one, length) => {
      const network = networkOf(formatAddress(one), length);
      const prefix = network === undefined ? undefined : parsePrefix(network);
      expect(prefix === undefined || covers(prefix, one)).toBe(true);
    }));
  });
});

describe('answers to a lookup', () => {
  const dst = parseAddress('192.0.2.1') ?? { family: 'ipv4', value: 0n };
  const requests = [routeGetRequest({ dst, src: dst, oif: 2, mark: 7, fibMatch: true }, 1), neighboursRequest('ipv4', 3)];

  test('never throw on whatever bytes', () => {
    const types = fc.constantFrom(2, 24, 28);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), types, fc.nat(0xffff), (body, type, flags) => {
      const bytes = new Uint8Array(16 + body.length);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, bytes.length, true);
      view.setUint16(4, type, true);
      view.setUint16(6, flags, true);
      bytes.set(body, 16);
      expect(() => [decodeLookup(bytes), decodeNeighbour(bytes), decodeLookup(body), decodeNeighbour(body)]).not.toThrow();
    }), { numRuns: 2000 });
  });

  test('a question is a sound message', () => {
    for (const request of requests) expect(decodeMessage(request).header).toMatchObject({ length: request.length });
  });

  test('a route made for packets is an answer, and no route of a table', () => {
    const bytes = new Uint8Array(16 + 12 + 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint16(4, 24, true);
    view.setUint32(8, 9, true);
    bytes.set([2, 32, 0, 0, 255, 0, 0, 2], 16);
    view.setUint32(24, 0x8000_0200, true);
    bytes.set([8, 0, 1, 0, 127, 0, 0, 1], 28);
    expect(decodeLookup(bytes)).toMatchObject({ kind: 'route', seq: 9, cloned: true, route: { dst: '127.0.0.1/32', type: 2, table: 255 } });
    expect(decodeMessage(bytes)).toMatchObject({ kind: 'other' });
  });

  test('an error with words, and one that quotes only its header', () => {
    const words = new TextEncoder().encode('no\0\0');
    const bytes = new Uint8Array(16 + 4 + 16 + 8);
    const view = new DataView(bytes.buffer);
    view.setUint16(4, 2, true);
    view.setUint16(6, 0x300, true);
    view.setInt32(16, -113, true);
    view.setUint32(20, 44, true);
    view.setUint16(36, 8, true);
    view.setUint16(38, 1, true);
    bytes.set(words, 40);
    expect(decodeLookup(bytes)).toStrictEqual({ kind: 'error', seq: 0, errno: 113, message: 'no' });
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { dumpRequest, DUMP_PARTS, netconfRequest } from '../../src/netlink/requests.ts';
import { RTM } from '../../src/netlink/constants.ts';
import { builder } from './build.ts';
import type { Builder } from './build.ts';

const b = builder(true);
const rtmsg = (x: Builder, fields: { family?: number; dst?: number; flags?: number; table?: number } = {}): number[] =>
  [fields.family ?? 2, fields.dst ?? 0, 0, 0, fields.table ?? 254, 4, 0, 1, ...x.u32(fields.flags ?? 0)];
const ifinfo = (family: number): number[] => [family, 0, ...b.u16(1), ...b.u32(7), ...b.u32(1), ...b.u32(1)];

describe('decodeMessage never throws', () => {
  test('on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decodeMessage(bytes).kind).toEqual(expect.any(String));
    }));
  });

  test('on any body of a known type', () => {
    const types = fc.constantFrom(...Object.values(RTM));
    const families = fc.constantFrom(0, 2, 7, 10, 28, 128, 129);
    const attributes = fc.array(fc.tuple(fc.nat(64), fc.array(fc.nat(255), { maxLength: 40 }), fc.integer({ min: -3, max: 3 })));
    fc.assert(fc.property(types, families, attributes, fc.nat(40), (type, family, list, cut) => {
      const body = list.flatMap(([attribute, payload, lie]) => {
        const whole = b.attribute(attribute, payload);
        whole[0] = Math.max(0, (whole[0] ?? 0) + lie);
        return whole;
      });
      const bytes = b.message(type, [family, ...Array.from({ length: 15 }, () => 0)], body);
      expect(() => decodeMessage(bytes.subarray(0, bytes.length - cut))).not.toThrow();
    }), { numRuns: 5000 });
  });

  test.each([
    ['nothing', new Uint8Array(0), '0 bytes are no netlink header'],
    ['nlmsg_len 0', new Uint8Array(16), 'nlmsg_len 0 is less than its header'],
    ['route without rtmsg', b.message(RTM.NEWROUTE, [2]), 'message ends within struct rtmsg'],
    ['prefix of 33 bits', b.message(RTM.NEWROUTE, rtmsg(b, { dst: 33 })), 'prefix length 33 of an ipv4 route'],
    ['address without one', b.message(RTM.NEWADDR, [2, 24, 0, 0], b.u32(3)), 'no IFA_LOCAL and no IFA_ADDRESS'],
    ['netconf of no device', b.message(RTM.NEWNETCONF, [2, 0, 0, 0]), 'no NETCONFA_IFINDEX'],
    ['prefix without one', b.message(RTM.NEWPREFIX, [10, 0, 0, 0], b.u32(4), [3, 64, 3, 0]), 'no PREFIX_ADDRESS'],
    ['anycast without address', b.message(RTM.NEWANYCAST, [10, 128, 0, 0], b.u32(3)), 'no IFA_ANYCAST'],
  ])('and says what is wrong: %s', (_case, bytes, problem) => expect(decodeMessage(bytes)).toMatchObject({ kind: 'other', problem }));
});

describe('decodeMessage', () => {
  test.each([true, false])('reads a route in either byte order (little: %s)', (little) => {
    const x = builder(little);
    const bytes = x.message(RTM.NEWROUTE, rtmsg(x, { dst: 16, flags: 0x10, table: 252 }),
      x.attribute(1, [10, 9, 0, 0]), x.attribute(15, x.u32(1000)), x.attribute(6, x.u32(4294967295)), x.attribute(4, x.u32(3)),
      x.attribute(18, x.u16(10), [0xfe, 0x80, ...Array.from({ length: 13 }, () => 0), 9]),
      x.attribute(12, x.u32(0), x.u32(0), x.u32(-250)), x.attribute(21, x.u16(77)), x.attribute(0x8008, x.attribute(2, x.u32(1400))));
    expect(decodeMessage(bytes, little)).toEqual({
      kind: 'route', deleted: false, header: { length: bytes.length, type: 24, flags: 0x600, seq: 7, portid: 4242 },
      route: {
        family: 'ipv4', dst: '10.9.0.0/16', tos: 0, type: 1, table: 1000, protocol: 4, scope: 0, flags: 0x10, metric: 4294967295,
        nexthops: [{ ifindex: 3, gateway: 'fe80::9', weight: 1, flags: 0x10, encap: 'type 77' }], metrics: { mtu: 1400 }, expiresSec: -2.5,
      },
    });
  });

  test.each([['medium', 0], ['high', 1], ['invalid', 2], ['low', 3]])('reads router preference %s', (pref, value) => {
    const message = decodeMessage(b.message(RTM.NEWROUTE, rtmsg(b, { family: 10 }), b.attribute(20, [value])));
    expect(message).toMatchObject({ kind: 'route', route: { family: 'ipv6', dst: '::/0', pref } });
  });

  test.each([
    ['of the exception cache', rtmsg(b, { flags: 0x200 })], ['of MPLS', rtmsg(b, { family: 28 })],
    ['of IPv4 multicast routing', rtmsg(b, { family: 128 })], ['of IPv6 multicast routing', rtmsg(b, { family: 129 })],
  ])('does not take an entry for a FIB route: %s', (_case, body) => {
    const message = decodeMessage(b.message(RTM.NEWROUTE, body));
    expect([message.kind, 'problem' in message]).toEqual(['other', false]);
  });

  test('keeps what came before the cut, and refuses to guess a destination', () => {
    const bytes = b.message(RTM.NEWROUTE, rtmsg(b, { dst: 8 }), b.attribute(6, b.u32(5)), b.attribute(1, [10, 0, 0, 0]), b.attribute(4, b.u32(3)));
    expect(decodeMessage(bytes.subarray(0, -1))).toMatchObject({ kind: 'route', header: { cut: true, length: bytes.length }, route: { dst: '10.0.0.0/8', metric: 5, nexthops: [] } });
    expect(decodeMessage(bytes.subarray(0, -9))).toMatchObject({ kind: 'other', problem: 'cut before RTA_DST' });
  });

  test('drops a leg that runs over the end of RTA_MULTIPATH', () => {
    const leg = (length: number, hops: number): number[] => [...b.u16(length), 1, hops, ...b.u32(3)];
    const message = decodeMessage(b.message(RTM.NEWROUTE, rtmsg(b), b.attribute(9, leg(8, 255), leg(9, 0))));
    expect(message).toMatchObject({ kind: 'route', route: { nexthops: [{ weight: 256, flags: 1, ifindex: 3 }] } });
  });

  test.each([
    ['a VRF device', [b.attribute(1, b.text('vrf')), b.attribute(2, b.attribute(1, b.u32(1000)))], { infoKind: 'vrf', vrfTable: 1000 }],
    ['a port of a VRF', [b.attribute(1, b.text('veth')), b.attribute(4, b.text('vrf')), b.attribute(5, b.attribute(1, b.u32(1001)))], { infoKind: 'veth', vrfTable: 1001 }],
    ['nothing where it is a tun that stays', [b.attribute(1, b.text('tun')), b.attribute(2, b.attribute(6, [1]))], { infoKind: 'tun', outlivesOwner: true }],
    ['nothing where it is a tun that goes', [b.attribute(1, b.text('tun')), b.attribute(2, b.attribute(6, [0]))], { infoKind: 'tun', outlivesOwner: false }],
    ['a port of a bridge', [b.attribute(1, b.text('veth')), b.attribute(4, b.text('bridge')), b.attribute(5, b.attribute(1, b.u32(3)))], { infoKind: 'veth' }],
  ])('finds in link info the table of %s', (_case, info, expected) => {
    const message = decodeMessage(b.message(RTM.NEWLINK, ifinfo(0), b.attribute(3, b.text('red')), b.attribute(18, ...info)));
    expect(message).toEqual({ kind: 'link', deleted: false, header: expect.anything(), ifindex: 7, flags: 1, change: 1, name: 'red', ...expected });
  });

  test.each([['pid', 19], ['file', 28], ['target id', 46], ['id where it went', 45]])('tells a move to another namespace by %s', (_case, type) => {
    expect(decodeMessage(b.message(RTM.SETLINK, ifinfo(0), b.attribute(type, b.u32(1))))).toMatchObject({ kind: 'link', movesNetns: true });
  });

  test('does not take a port leaving its bridge for a device that is gone', () => {
    expect(decodeMessage(b.message(RTM.DELLINK, ifinfo(7)))).toMatchObject({ kind: 'other' });
  });

  test('reads anycast membership', () => {
    const bytes = b.message(RTM.DELANYCAST, [10, 128, 0, 0], b.u32(4), b.attribute(5, [0xfd, ...Array.from({ length: 15 }, () => 0)]));
    expect(decodeMessage(bytes)).toMatchObject({ kind: 'anycast', deleted: true, ifindex: 4, address: 'fd00::' });
  });

  test('reads a prefix that an advertisement brought, and its lifetime', () => {
    const prefix = [0x20, 1, 0x0d, 0xb8, ...Array.from({ length: 12 }, () => 0)];
    const bytes = b.message(RTM.NEWPREFIX, [10, 0, 0, 0], b.u32(4), [3, 64, 3, 0], b.attribute(1, prefix), b.attribute(2, b.u32(100), b.u32(200)));
    expect(decodeMessage(bytes)).toMatchObject({ kind: 'prefix', ifindex: 4, prefix: '2001:db8::/64', validSec: 200 });
    expect(decodeMessage(b.message(RTM.NEWPREFIX, [10, 0, 0, 0], b.u32(4), [3, 64, 3, 0], b.attribute(1, prefix), b.attribute(2, b.u32(100), b.u32(0xffff_ffff))))).not.toHaveProperty('validSec');
  });

  test('reads who made an address', () => {
    expect(decodeMessage(b.message(RTM.NEWADDR, [2, 24, 0, 0], b.u32(3), b.attribute(2, [10, 0, 0, 1]), b.attribute(11, [2])))).toMatchObject({ kind: 'address', protocol: 2 });
  });

  test('reads a nexthop group with weights above 256', () => {
    const bytes = b.message(RTM.NEWNEXTHOP, [0, 0, 4, 0], b.u32(0), b.attribute(1, b.u32(9)), b.attribute(2, b.u32(1), [0x2b, 1, 0, 0], b.u32(2), [0, 0, 0, 0]));
    expect(decodeMessage(bytes)).toMatchObject({ kind: 'nexthop', id: 9, protocol: 4, group: [{ id: 1, weight: 300 }, { id: 2, weight: 1 }] });
  });
});

describe('requests', () => {
  test.each(DUMP_PARTS)('dumpRequest of $type and family $family has its own length and number', (part) => {
    const view = new DataView(dumpRequest(part, 9).buffer);
    expect([view.getUint32(0, true), view.getUint16(4, true), view.getUint16(6, true), view.getUint32(8, true), view.getUint8(16)])
      .toEqual([view.byteLength, part.type, 0x301, 9, part.family]);
  });

  test('netconfRequest asks for all devices', () => {
    expect([...netconfRequest(10, 0xfeedbeef)]).toEqual([28, 0, 0, 0, 82, 0, 1, 0, 0xef, 0xbe, 0xed, 0xfe, 0, 0, 0, 0, 10, 0, 0, 0, 8, 0, 1, 0, 255, 255, 255, 255]);
  });
});

import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { formatIpv4, formatIpv6 } from '../../src/netlink/address.ts';

const hextets = (...groups: readonly number[]): Uint8Array => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
/** Random bytes hardly ever have a run of zeros: choose groups that do. */
const anyAddress = fc.array(fc.oneof(fc.constant(0), fc.constant(1), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });

describe('formatIpv6', () => {
  test.each([
    ['all zero', [0, 0, 0, 0, 0, 0, 0, 0], '::'],
    ['loopback', [0, 0, 0, 0, 0, 0, 0, 1], '::1'],
    ['run at the end', [0xfdc0, 0x3489, 0xe0fd, 0, 0, 0, 0, 0], 'fdc0:3489:e0fd::'],
    ['one zero group is written out', [0x2001, 0xdb8, 0, 1, 1, 1, 1, 1], '2001:db8:0:1:1:1:1:1'],
    ['longer run wins', [0x2001, 0, 0, 1, 0, 0, 0, 1], '2001:0:0:1::1'],
    ['first of equal runs wins', [0x2001, 0xdb8, 0, 0, 1, 0, 0, 1], '2001:db8::1:0:0:1'],
    ['leading zeros are left out', [1, 0x20, 0x300, 0x4000, 5, 6, 7, 8], '1:20:300:4000:5:6:7:8'],
    ['no run', [1, 0, 2, 0, 3, 0, 4, 0], '1:0:2:0:3:0:4:0'],
  ])('follows RFC 5952: %s', (_case, groups, text) => expect(formatIpv6(hextets(...groups), 0)).toBe(text));

  test.each<[readonly number[], string]>([
    [[0, 0, 0, 0, 0, 0, 0xc000, 0x201], '::192.0.2.1'], [[0, 0, 0, 0, 0, 0, 1, 1], '::0.1.0.1'], [[0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201], '::ffff:192.0.2.1'],
    [[0, 0, 0, 0, 0, 0, 0, 1], '::1'], [[0, 0, 0, 0, 0, 0, 0, 0], '::'], [[0, 0, 0, 0, 0xffff, 0, 0xc000, 0x201], '::ffff:0:c000:201'], [[0x64, 0xff9b, 0, 0, 0, 0, 0xc000, 0x201], '64:ff9b::c000:201'],
  ])('writes IPv4 in IPv6 as inet_ntop(3) does: %j', (groups, text) => expect(formatIpv6(hextets(...groups), 0)).toBe(text));

  test('agrees with ipaddr.js', () => {
    fc.assert(fc.property(anyAddress, (groups) => {
      const bytes = hextets(0xffff, ...groups);
      const text = new ipaddr.IPv6(groups).toRFC5952String();
      const isOfIpv4 = groups.slice(0, 5).every(group => group === 0) && (groups[5] === 0 ? groups[6] !== 0 : groups[5] === 0xffff);
      if (isOfIpv4) expect(new URL(`http://[${formatIpv6(bytes, 2)}]`).hostname).toBe(new URL(`http://[${text}]`).hostname);
      else expect(formatIpv6(bytes, 2)).toBe(text);
    }), { numRuns: 5000 });
  });
});

test('formatIpv4 agrees with ipaddr.js', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
    expect(formatIpv4(bytes, 0)).toBe(new ipaddr.IPv4([...bytes]).toString());
  }));
});

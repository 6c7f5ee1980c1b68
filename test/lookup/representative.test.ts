import { describe, expect, test } from 'vitest';
import { representative } from '../../src/lookup/representative.ts';
import { parsePrefix } from '../../src/netlink/parse-address.ts';
import { formatAddress } from '../../src/netlink/prefix-text.ts';

const of = (text: string, ...longer: readonly string[]): string => {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no prefix`);
  const { address, isWhole } = representative(prefix, longer.map(dst => ({ dst })));
  return `${formatAddress(address)}${isWhole ? '' : ' covered'}`;
};

describe('the address that stands for a prefix', () => {
  test.each([
    ['alone', '192.0.2.0/24', [], '192.0.2.1'],
    ['beside what a longer one covers', '10.0.0.0/24', ['10.0.0.0/28'], '10.0.0.16'],
    ['before what a longer one covers', '10.0.0.0/24', ['10.0.0.0/25', '10.0.0.192/26'], '10.0.0.128'],
    ['a hole at the end', '10.0.0.0/30', ['10.0.0.0/31', '10.0.0.2/32'], '10.0.0.3'],
    ['covered by longer ones', '10.0.0.0/30', ['10.0.0.0/31', '10.0.0.2/31'], '10.0.0.0 covered'],
    ['one address', '192.0.2.7/32', [], '192.0.2.7'],
    ['two addresses', '192.0.2.0/31', [], '192.0.2.1'],
    ['everything', '0.0.0.0/0', [], '203.0.113.1'],
    ['everything, IPv6', '::/0', [], '2001:db8::1'],
    ['itself and shorter ones do not count', '10.0.0.0/24', ['10.0.0.0/24', '10.0.0.0/8'], '10.0.0.1'],
  ])('%s', (_case, prefix, longer, wanted) => { expect(of(prefix, ...longer)).toBe(wanted); });
});

import type { Route } from '../model/route.ts';
import { covers, familyBits, parsePrefix, type Address, type Prefix } from '../netlink/parse-address.ts';

/** Of documentation (RFC 5737, RFC 3849): what stands for everywhere should not be a special address. */
const EXAMPLES = { ipv4: 0xcb00_7101n, ipv6: 0x2001_0db8n << 96n | 1n } as const;

/**
 * An address that stands for a prefix: one that no longer prefix of any table covers, neither the first nor the last one if there is
 * another. `isWhole` false: longer prefixes cover it all.
 */
export function representative(prefix: Prefix, routes: readonly Pick<Route, 'dst'>[]): { readonly address: Address; readonly isWhole: boolean } {
  const shift = BigInt(familyBits(prefix.family) - prefix.length);
  const first = (prefix.value >> shift) << shift;
  const last = first | ((1n << shift) - 1n);
  const inside = routes.flatMap(({ dst }) => {
    const longer = parsePrefix(dst);
    return longer !== undefined && longer.length > prefix.length && covers(prefix, longer) ? [longer] : [];
  });
  const beside = inside.flatMap(longer => {
    const bits = BigInt(familyBits(longer.family) - longer.length);
    return [((longer.value >> bits) + 1n) << bits, (longer.value >> bits << bits) - 1n];
  });
  const candidates = [EXAMPLES[prefix.family], first + 1n, ...beside, last - 1n, first, last].filter(value => value >= first && value <= last);
  const isFree = (value: bigint): boolean => !inside.some(longer => covers(longer, { family: prefix.family, value }));
  const isBetween = (value: bigint): boolean => value > first && value < last;
  const free = candidates.find(value => isBetween(value) && isFree(value)) ?? candidates.find(isFree);
  return { address: { family: prefix.family, value: free ?? first }, isWhole: free !== undefined };
}

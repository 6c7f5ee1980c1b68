import type { Family } from '../model/route.ts';
import { formatIpv4, formatIpv6 } from './address.ts';
import { bytesOfAddress, familyBits, parseAddress, type Address } from './parse-address.ts';

export const formatAddress = (address: Address): string => {
  const bytes = bytesOfAddress(address);
  return address.family === 'ipv4' ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
};

/** "192.0.2.1", 24 -> "192.0.2.0/24" */
export function networkOf(address: string, length: number): string | undefined {
  const ends = endsOf(address, length);
  return ends === undefined ? undefined : `${formatAddress({ family: ends.family, value: ends.first })}/${length}`;
}

/** "192.0.2.1", 24 -> "192.0.2.255" */
export function lastOf(address: string, length: number): string | undefined {
  const ends = endsOf(address, length);
  return ends === undefined ? undefined : formatAddress({ family: ends.family, value: ends.last });
}

function endsOf(address: string, length: number): { readonly family: Family; readonly first: bigint; readonly last: bigint } | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined || length > familyBits(parsed.family)) return undefined;
  const shift = BigInt(familyBits(parsed.family) - length);
  const first = (parsed.value >> shift) << shift;
  return { family: parsed.family, first, last: first | ((1n << shift) - 1n) };
}

/** "192.0.2.1/32" -> "192.0.2.1" */
export const addressPart = (prefix: string): string => prefix.replace(/\/\d+$/, '');
export const lengthPart = (prefix: string): number => Number(prefix.slice(prefix.indexOf('/') + 1));

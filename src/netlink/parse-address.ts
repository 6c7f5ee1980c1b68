import type { Family } from '../model/route.ts';

/** An address as one number: prefixes are compared by shifting. */
export interface Address { readonly family: Family; readonly value: bigint }
export interface Prefix extends Address { readonly length: number }

export const familyBits = (family: Family): number => (family === 'ipv4' ? 32 : 128);

/** Numeric addresses only, as inet_pton(3) has them; undefined: it is none. */
export function parseAddress(text: string): Address | undefined {
  if (!text.includes(':')) {
    const value = ipv4Value(text);
    return value === undefined ? undefined : { family: 'ipv4', value };
  }
  const value = ipv6Value(text);
  return value === undefined ? undefined : { family: 'ipv6', value };
}

/** "192.0.2.0/24", "::/0"; undefined: it is none. Bits behind the length stay as they are given. */
export function parsePrefix(text: string): Prefix | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  const length = Number(digits);
  return parsed === undefined || length > familyBits(parsed.family) ? undefined : { ...parsed, length };
}

/** The address lies within the prefix. */
export function covers(prefix: Prefix, address: Address): boolean {
  const shift = BigInt(familyBits(prefix.family) - prefix.length);
  return prefix.family === address.family && prefix.value >> shift === address.value >> shift;
}

/** Network order. */
export function bytesOfAddress({ family, value }: Address): Uint8Array {
  const bytes = new Uint8Array(familyBits(family) / 8);
  for (let index = 0; index < bytes.length; index++) bytes[bytes.length - 1 - index] = Number((value >> BigInt(index * 8)) & 0xffn);
  return bytes;
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const front = groupsOf(head, tail === undefined);
  const back = tail === undefined ? [] : groupsOf(tail, true);
  if (front === undefined || back === undefined) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array.from({ length: missing }, () => 0n), ...back].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one side of "::"; the last ones may be an IPv4 address. */
function groupsOf(text: string, mayEndInIpv4: boolean): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? ipv4Value(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}

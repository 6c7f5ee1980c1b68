import type { Family } from '../model/route.ts';
import type { Address } from './parse-address.ts';
import { bytesOfAddress } from './parse-address.ts';

/** Finds the addresses within a prefix that is given as bytes: cheap enough to be asked of every message. */
export type AddressIndex<T> = (family: Family, bytes: Uint8Array, at: number, length: number) => readonly T[];

interface Entry<T> { readonly bytes: Uint8Array; readonly item: T }

/** So many leading bits fit a number exactly. */
const KEY_BITS = 52;
const NONE: readonly never[] = [];

export function indexAddresses<T>(entries: readonly (readonly [Address, T])[]): AddressIndex<T> {
  const all: Record<Family, Entry<T>[]> = { ipv4: [], ipv6: [] };
  for (const [address, item] of entries) all[address.family].push({ bytes: bytesOfAddress(address), item });
  /** By family and length, made when a prefix of that length is first asked for. */
  const tables = new Map<number, Map<number, Entry<T>[]>>();

  function tableOf(family: Family, length: number): Map<number, Entry<T>[]> {
    const number = (family === 'ipv6' ? 256 : 0) + length;
    let table = tables.get(number);
    if (table !== undefined) return table;
    tables.set(number, table = new Map<number, Entry<T>[]>());
    for (const entry of all[family]) {
      const key = keyOf(family, entry.bytes, 0, length);
      const same = table.get(key);
      if (same === undefined) table.set(key, [entry]);
      else same.push(entry);
    }
    return table;
  }

  return (family, bytes, at, length) => {
    if (all[family].length === 0) return NONE;
    const found = tableOf(family, length).get(keyOf(family, bytes, at, length));
    if (found === undefined) return NONE;
    const exact = length <= KEY_BITS ? found : found.filter(entry => isWithin(entry.bytes, bytes, at, length));
    return exact.map(({ item }) => item);
  };
}

/** The first bits, at most 52 of them. */
function keyOf(family: Family, bytes: Uint8Array, at: number, length: number): number {
  if (length === 0) return 0;
  const high = word(bytes, at);
  if (family === 'ipv4' || length <= 32) return high >>> (32 - Math.min(length, 32));
  const low = Math.min(length, KEY_BITS) - 32;
  return high * 2 ** low + (word(bytes, at + 4) >>> (32 - low));
}

const word = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

function isWithin(address: Uint8Array, prefix: Uint8Array, at: number, length: number): boolean {
  const whole = length >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== prefix[at + index]) return false;
  const rest = 8 - (length & 7);
  return rest === 8 || (address[whole] ?? 0) >> rest === (prefix[at + whole] ?? 0) >> rest;
}

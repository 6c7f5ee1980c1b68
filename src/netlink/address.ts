import type { Family } from '../model/route.ts';
import type { Wire } from './wire.ts';
import { payloadLength, payloadStart } from './wire.ts';

export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_BRIDGE = 7;

/** Only the two families that have a FIB here; AF_MPLS, AF_BRIDGE and the multicast-routing ones (128, 129) give undefined. */
export const familyOf = (af: number): Family | undefined => (af === AF_INET ? 'ipv4' : af === AF_INET6 ? 'ipv6' : undefined);

export const addressBytes = (family: Family): number => (family === 'ipv4' ? 4 : 16);
export const anyAddress = (family: Family): string => (family === 'ipv4' ? '0.0.0.0' : '::');

/** Dotted decimal of the four bytes at `at`; the caller has checked that they are there. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * RFC 5952 section 4 of the sixteen bytes at `at`. IPv4-mapped addresses stay hexadecimal: section 5 leaves
 * that open, and a route for `::ffff:0:0/96` is an IPv6 route.
 */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  let bestStart = -1;
  let bestLength = 1;
  let length = 0;
  for (let group = 0; group < 8; group++) {
    if (bytes[at + group * 2] !== 0 || bytes[at + group * 2 + 1] !== 0) { length = 0; continue; }
    length++;
    if (length > bestLength) { bestLength = length; bestStart = group - length + 1; }
  }
  // IPv4-compatible and IPv4-mapped ones, as inet_ntop(3) writes them.
  if (bestStart === 0 && (bestLength === 6 || (bestLength === 5 && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff))) {
    return `::${bestLength === 6 ? '' : 'ffff:'}${formatIpv4(bytes, at + 12)}`;
  }
  if (bestStart < 0) return joinGroups(bytes, at, 0, 8);
  return `${joinGroups(bytes, at, 0, bestStart)}::${joinGroups(bytes, at, bestStart + bestLength, 8)}`;
}

/** The text form of an address of this family (AF_*) that a probe read; undefined: too few bytes, or another family. */
export function addressOfBytes(bytes: Uint8Array | undefined, af: number | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  if (af === AF_INET) return bytes.length < 4 ? undefined : formatIpv4(bytes, 0);
  return af !== AF_INET6 || bytes.length < 16 ? undefined : formatIpv6(bytes, 0);
}

const HEX_BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16));
const HEX_BYTES_PADDED: readonly string[] = HEX_BYTES.map((hex) => hex.padStart(2, '0'));

function joinGroups(bytes: Uint8Array, at: number, from: number, to: number): string {
  let text = '';
  for (let group = from; group < to; group++) {
    const high = bytes[at + group * 2] ?? 0;
    const low = bytes[at + group * 2 + 1] ?? 0;
    if (group > from) text += ':';
    text += high === 0 ? HEX_BYTES[low] : `${HEX_BYTES[high]}${HEX_BYTES_PADDED[low]}`;
  }
  return text;
}

/** The address that an attribute holds; undefined where it has not the length of one of `family`. */
export function readAddress(wire: Wire, at: number, family: Family): string | undefined {
  if (payloadLength(wire, at) < addressBytes(family)) return undefined;
  const start = payloadStart(at);
  return family === 'ipv4' ? formatIpv4(wire.bytes, start) : formatIpv6(wire.bytes, start);
}

import { ICMP_REDIRECT, ND, ND_ROUTER_FLAG, type AdvertisedPrefix, type IcmpMessage } from '../model/icmp.ts';
import type { PacketObservation } from '../model/observation.ts';
import { formatIpv4, formatIpv6 } from '../netlink/address.ts';

const OPTION = { PREFIX: 3, ROUTE: 24 } as const;
/** Neighbour discovery that was forwarded by anybody is not taken (RFC 4861 section 6.1.2 and others). */
const UNFORWARDED = 255;
const FOR_EVER = 0xffff_ffff;
const RA_BYTES = 16;

/** What a packet says, if the kernel may take it for what it is; undefined: another kind, or not valid. Never throws. */
export function decodePacket({ family, ifindex, from, hops, bytes }: PacketObservation): IcmpMessage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8) return undefined;
  if (family === 'ipv4') return from.length < 4 ? undefined : redirect4(view, bytes, formatIpv4(from, 0), ifindex);
  if (from.length < 16 || hops !== UNFORWARDED || bytes[1] !== 0) return undefined;
  const sender = formatIpv6(from, 0);
  switch (bytes[0]) {
    case ND.ADVERTISEMENT: return isLinkLocal(from, 0) && bytes.length >= RA_BYTES ? { kind: 'advertisement', from: sender, ifindex, lifetimeSec: view.getUint16(6), ...optionsOf(view, bytes) } : undefined;
    case ND.NEIGHBOUR: return bytes.length < 24 ? undefined : { kind: 'neighbour', target: formatIpv6(bytes, 8), ifindex, isRouter: ((bytes[4] ?? 0) & ND_ROUTER_FLAG) !== 0 };
    case ND.REDIRECT: return isLinkLocal(from, 0) && bytes.length >= 40 ? redirect6(bytes, sender, ifindex) : undefined;
    default: return undefined;
  }
}

const isLinkLocal = (bytes: Uint8Array, at: number): boolean => bytes[at] === 0xfe && ((bytes[at + 1] ?? 0) & 0xc0) === 0x80;

/** RFC 792: the gateway, and the start of the packet that went the long way: its destination is what the redirect is about. */
function redirect4(view: DataView, bytes: Uint8Array, from: string, ifindex: number): IcmpMessage | undefined {
  const quoted = 8;
  if (bytes[0] !== ICMP_REDIRECT || (bytes[1] ?? 4) > 3 || bytes.length < quoted + 20 || view.getUint8(quoted) >> 4 !== 4) return undefined;
  const [gateway, dst] = [formatIpv4(bytes, 4), formatIpv4(bytes, quoted + 16)];
  return { kind: 'redirect', family: 'ipv4', from, ifindex, dst: `${dst}/32`, ...(gateway === dst ? {} : { gateway }) };
}

/** RFC 4861 section 4.5: target and destination are the same where that is on the link. */
function redirect6(bytes: Uint8Array, from: string, ifindex: number): IcmpMessage {
  const [gateway, dst] = [formatIpv6(bytes, 8), formatIpv6(bytes, 24)];
  return { kind: 'redirect', family: 'ipv6', from, ifindex, dst: `${dst}/128`, ...(gateway === dst ? {} : { gateway }) };
}

/** Options are counted in units of eight bytes (RFC 4861 section 4.6). */
function optionsOf(view: DataView, bytes: Uint8Array): { readonly prefixes: readonly AdvertisedPrefix[]; readonly routes: readonly AdvertisedPrefix[] } {
  const prefixes: AdvertisedPrefix[] = [];
  const routes: AdvertisedPrefix[] = [];
  for (let at = RA_BYTES; at + 8 <= bytes.length;) {
    const length = view.getUint8(at + 1) * 8;
    if (length === 0 || at + length > bytes.length) break;
    if (bytes[at] === OPTION.PREFIX && length === 32) prefixes.push(prefixOf(bytes.subarray(at + 16, at + 32), view.getUint8(at + 2), view.getUint32(at + 4)));
    // RFC 4191 section 2.3: as many bytes of the prefix as it takes.
    if (bytes[at] === OPTION.ROUTE && length <= 24) routes.push(prefixOf(bytes.subarray(at + 8, at + length), view.getUint8(at + 2), view.getUint32(at + 4)));
    at += length;
  }
  return { prefixes, routes };
}

/** Bits behind the length mean nothing. */
function prefixOf(told: Uint8Array, length: number, lifetimeSec: number): AdvertisedPrefix {
  const network = new Uint8Array(16);
  for (let bit = 0; bit < Math.min(length, 128); bit++) network[bit >> 3] = (network[bit >> 3] ?? 0) | ((told[bit >> 3] ?? 0) & (0x80 >> (bit & 7)));
  return { prefix: `${formatIpv6(network, 0)}/${length}`, ...(lifetimeSec === FOR_EVER ? {} : { validSec: lifetimeSec }) };
}

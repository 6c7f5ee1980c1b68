import { NLM_F } from '../model/rtnetlink.ts';
import { AF_INET, AF_INET6, formatIpv4, formatIpv6 } from './address.ts';
import { bytesAttribute, request, u32Attribute } from './requests.ts';
import { attributeType, findAttribute, hasAttribute, HOST_LITTLE_ENDIAN, nextAttribute, payloadEnd, payloadLength, payloadStart, readU16, readU32, wireOf } from './wire.ts';
import type { Wire } from './wire.ts';
import { HEADER_BYTES } from './constants.ts';

/** Generic netlink (include/uapi/linux/genetlink.h): families have names, and numbers that are given at run time. */
const GENL_ID_CTRL = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2 } as const;
const GENLMSGHDR_BYTES = 4;
/** include/uapi/linux/wireguard.h; the dump also holds private keys, of which nothing is read. */
const WG_CMD_GET_DEVICE = 0;
const WGDEVICE = { IFINDEX: 1, FWMARK: 7, PEERS: 8 } as const;
const WGPEER_ENDPOINT = 4;

export const wireguardFamilyRequest = (seq: number): Uint8Array => request({
  type: GENL_ID_CTRL, flags: 0, seq, family: CTRL_CMD_GETFAMILY, structBytes: GENLMSGHDR_BYTES, fill: header => { header.setUint8(1, 1); },
  attributes: [bytesAttribute(CTRL_ATTR.FAMILY_NAME, new TextEncoder().encode('wireguard\0'))],
});

/** The number of the family; undefined: the answer tells none. */
export function decodeGenericFamily(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): number | undefined {
  if (bytes.length < HEADER_BYTES + GENLMSGHDR_BYTES) return undefined;
  const wire = wireOf(bytes, little);
  if (wire.view.getUint16(4, little) !== GENL_ID_CTRL) return undefined;
  const at = findAttribute(wire, HEADER_BYTES + GENLMSGHDR_BYTES, bytes.length, CTRL_ATTR.FAMILY_ID);
  return at < 0 || payloadLength(wire, at) < 2 ? undefined : readU16(wire, at, 0);
}

export const wireguardDeviceRequest = (family: number, ifindex: number, seq: number): Uint8Array => request({
  type: family, flags: NLM_F.DUMP, seq, family: WG_CMD_GET_DEVICE, structBytes: GENLMSGHDR_BYTES, fill: header => { header.setUint8(1, 1); },
  attributes: [u32Attribute(WGDEVICE.IFINDEX, ifindex)],
});

/** Where the peers of one device were last heard from, or are configured to be. Never throws. */
export function decodeWireguard(bytes: Uint8Array, family: number, little = HOST_LITTLE_ENDIAN): { readonly mark?: number; readonly remotes: readonly string[] } | undefined {
  if (bytes.length < HEADER_BYTES + GENLMSGHDR_BYTES) return undefined;
  const wire = wireOf(bytes, little);
  if (wire.view.getUint16(4, little) !== family) return undefined;
  const from = HEADER_BYTES + GENLMSGHDR_BYTES;
  const markAt = findAttribute(wire, from, bytes.length, WGDEVICE.FWMARK);
  const mark = markAt < 0 ? 0 : readU32(wire, markAt, 0);
  const peers = findAttribute(wire, from, bytes.length, WGDEVICE.PEERS);
  const remotes: string[] = [];
  if (peers >= 0) {
    for (let at = payloadStart(peers); hasAttribute(wire, at, payloadEnd(wire, peers)); at = nextAttribute(wire, at)) {
      const remote = endpointOf(wire, payloadStart(at), payloadEnd(wire, at));
      if (remote !== undefined) remotes.push(remote);
    }
  }
  return { ...(mark === 0 ? {} : { mark }), remotes };
}

/** `struct sockaddr_in` or `sockaddr_in6`. */
function endpointOf(wire: Wire, from: number, end: number): string | undefined {
  for (let at = from; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    if (attributeType(wire, at) !== WGPEER_ENDPOINT) continue;
    const [start, length] = [payloadStart(at), payloadLength(wire, at)];
    const af = length < 2 ? 0 : wire.view.getUint16(start, wire.little);
    if (af === AF_INET && length >= 8) return formatIpv4(wire.bytes, start + 4);
    if (af === AF_INET6 && length >= 24) return formatIpv6(wire.bytes, start + 8);
  }
  return undefined;
}

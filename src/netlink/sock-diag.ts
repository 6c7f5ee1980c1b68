import type { Family } from '../model/route.ts';
import { NLM_F } from '../model/rtnetlink.ts';
import { AF_INET6, familyOf, formatIpv4, formatIpv6 } from './address.ts';
import { attributeType, hasAttribute, HOST_LITTLE_ENDIAN, nextAttribute, payloadLength, payloadStart, readU32, readU8, wireOf } from './wire.ts';
import type { Wire } from './wire.ts';
import { HEADER_BYTES } from './constants.ts';

/** include/uapi/linux/sock_diag.h: what one asks with and, with a socket, what the kernel tells its end with. */
const SOCK_DIAG_BY_FAMILY = 20;
/** enum sknetlink_groups: sockets that end, since 4.11. */
export const SOCKET_ENDS = { tcp4: 1, udp4: 2, tcp6: 3, udp6: 4 } as const;
export const IPPROTO = { tcp: 6, udp: 17 } as const;
/** include/net/tcp_states.h; a connected UDP socket has the same. */
export const TCP_ESTABLISHED = 1;

/** An INET socket as `struct inet_diag_msg` tells of it (include/uapi/linux/inet_diag.h). */
export interface SocketState {
  /** Of the addresses: an IPv6 socket that speaks IPv4 counts as IPv4. */
  readonly family: Family;
  readonly state: number;
  readonly local: string; readonly localPort: number;
  readonly remote: string; readonly remotePort: number;
  /** Device, or VRF, that it is bound to; 0: none. */
  readonly ifindex: number;
  /** What the kernel calls it as long as it lives. */
  readonly cookie: bigint;
  readonly uid: number;
  /** 0: no process has it any more. */
  readonly inode: number;
  readonly tos?: number;
  /** Only with CAP_NET_ADMIN. */
  readonly mark?: number;
  /** Sent again so often without an answer, at the moment. */
  readonly retransmits?: number;
  /** `struct inet_diag_sockid`, to ask for this very socket again. */
  readonly id: Uint8Array;
}

const ID_AT = 4;
const ID_BYTES = 48;
const MESSAGE_BYTES = 72;
const REQUEST_BYTES = 56;
/** INET_DIAG_*: attributes, and bit (number - 1) of `idiag_ext` to ask for them. The mark comes unasked. */
const ATTRIBUTE = { INFO: 2, TOS: 5, MARK: 15 } as const;
const EXTENSIONS = (1 << (ATTRIBUTE.INFO - 1)) | (1 << (ATTRIBUTE.TOS - 1));

/** Every established socket of one kind. */
export const socketsRequest = (af: number, protocol: number, seq: number): Uint8Array =>
  diagRequest({ af, protocol, seq, flags: NLM_F.DUMP, states: 1 << TCP_ESTABLISHED });

/** One socket, in whatever state it is; the kernel answers ENOENT or ESTALE where it is no longer there. */
export const socketRequest = (af: number, protocol: number, id: Uint8Array, seq: number): Uint8Array =>
  diagRequest({ af, protocol, seq, flags: 0, states: 0xffff_ffff, id: protocol === IPPROTO.udp ? asSeenByPeer(id) : id });

/** "src and dst are swapped for historical reasons" (net/ipv4/udp_diag.c udp_dump_one()). */
function asSeenByPeer(id: Uint8Array): Uint8Array {
  const swapped = id.slice();
  swapped.set(id.subarray(2, 4), 0);
  swapped.set(id.subarray(0, 2), 2);
  swapped.set(id.subarray(20, 36), 4);
  swapped.set(id.subarray(4, 20), 20);
  return swapped;
}

interface DiagRequest { readonly af: number; readonly protocol: number; readonly seq: number; readonly flags: number; readonly states: number; readonly id?: Uint8Array }

/** `struct inet_diag_req_v2` */
function diagRequest({ af, protocol, seq, flags, states, id }: DiagRequest): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + REQUEST_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, bytes.length, HOST_LITTLE_ENDIAN);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, HOST_LITTLE_ENDIAN);
  view.setUint16(6, NLM_F.REQUEST | flags, HOST_LITTLE_ENDIAN);
  view.setUint32(8, seq, HOST_LITTLE_ENDIAN);
  bytes.set([af, protocol, EXTENSIONS], HEADER_BYTES);
  view.setUint32(HEADER_BYTES + 4, states, HOST_LITTLE_ENDIAN);
  if (id !== undefined) bytes.set(id.subarray(0, ID_BYTES), HEADER_BYTES + 8);
  return bytes;
}

/** undefined: it is not about an INET socket. Never throws. */
export function decodeSocket(message: Uint8Array, little = HOST_LITTLE_ENDIAN): SocketState | undefined {
  const at = HEADER_BYTES;
  if (message.length < at + MESSAGE_BYTES) return undefined;
  const wire = wireOf(message, little);
  const af = wire.view.getUint8(at);
  if (wire.view.getUint16(4, little) !== SOCK_DIAG_BY_FAMILY || familyOf(af) === undefined) return undefined;
  const id = at + ID_AT;
  const isMapped = af === AF_INET6 && isMappedAt(message, id + 4) && isMappedAt(message, id + 20);
  const address = (from: number): string => af !== AF_INET6 ? formatIpv4(message, from) : isMapped ? formatIpv4(message, from + 12) : formatIpv6(message, from);
  return {
    family: af === AF_INET6 && !isMapped ? 'ipv6' : 'ipv4', state: wire.view.getUint8(at + 1),
    localPort: wire.view.getUint16(id), remotePort: wire.view.getUint16(id + 2), local: address(id + 4), remote: address(id + 20),
    ifindex: wire.view.getInt32(id + 36, little), cookie: (BigInt(wire.view.getUint32(id + 44, little)) << 32n) | BigInt(wire.view.getUint32(id + 40, little)),
    uid: wire.view.getUint32(at + 64, little), inode: wire.view.getUint32(at + 68, little),
    id: message.slice(id, id + ID_BYTES), ...attributesOf(wire, at + MESSAGE_BYTES, message.length),
  };
}

function attributesOf(wire: Wire, from: number, end: number): Pick<SocketState, 'tos' | 'mark' | 'retransmits'> {
  let found: Pick<SocketState, 'tos' | 'mark' | 'retransmits'> = {};
  for (let at = from; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    switch (attributeType(wire, at)) {
      case ATTRIBUTE.TOS: found = { ...found, tos: readU8(wire, at, 0) }; break;
      case ATTRIBUTE.MARK: found = { ...found, mark: readU32(wire, at, 0) }; break;
      // `struct tcp_info`: state, ca_state, retransmits.
      case ATTRIBUTE.INFO: if (payloadLength(wire, at) > 3) found = { ...found, retransmits: wire.bytes[payloadStart(at) + 2] ?? 0 }; break;
      default: break;
    }
  }
  return found;
}

/** ::ffff:0:0/96 */
const isMappedAt = (bytes: Uint8Array, at: number): boolean =>
  bytes.subarray(at, at + 10).every(byte => byte === 0) && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;

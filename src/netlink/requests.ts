import { NETCONFA_IFINDEX, NLM_F } from '../model/rtnetlink.ts';
import { AF_INET, AF_INET6 } from './address.ts';
import { HEADER_BYTES, IFINFOMSG_BYTES, IFLA, NETCONFA, NETNSA, RTM, RTMSG_BYTES, RTM_F_CLONED } from './constants.ts';
import { align4, HOST_LITTLE_ENDIAN } from './wire.ts';

/** What a full dump asks for, in this order: names of devices first, so that a reader can resolve what follows. */
export const DUMP_PARTS = [
  { type: RTM.GETLINK, answer: RTM.NEWLINK, family: 0 },
  { type: RTM.GETADDR, answer: RTM.NEWADDR, family: AF_INET },
  { type: RTM.GETADDR, answer: RTM.NEWADDR, family: AF_INET6 },
  { type: RTM.GETRULE, answer: RTM.NEWRULE, family: AF_INET },
  { type: RTM.GETRULE, answer: RTM.NEWRULE, family: AF_INET6 },
  { type: RTM.GETNEXTHOP, answer: RTM.NEWNEXTHOP, family: 0 },
  { type: RTM.GETROUTE, answer: RTM.NEWROUTE, family: AF_INET },
  { type: RTM.GETROUTE, answer: RTM.NEWROUTE, family: AF_INET6 },
  { type: RTM.GETNETCONF, answer: RTM.NEWNETCONF, family: AF_INET },
  { type: RTM.GETNETCONF, answer: RTM.NEWNETCONF, family: AF_INET6 },
] as const;

/** What asks for exceptions to the routes: redirects that were followed, path MTUs. Told apart from routes by strict checking (from 5.3). */
export const CACHE_PARTS = [
  { type: RTM.GETROUTE, answer: RTM.NEWROUTE, family: AF_INET, isOfCache: true },
  { type: RTM.GETROUTE, answer: RTM.NEWROUTE, family: AF_INET6, isOfCache: true },
] as const;

export type DumpPart = (typeof DUMP_PARTS)[number] | (typeof CACHE_PARTS)[number];

/** Length of the struct after the header that strict checking (NETLINK_GET_STRICT_CHK) wants to see in full. */
const STRUCT_BYTES: Readonly<Record<DumpPart['type'], number>> = {
  [RTM.GETLINK]: IFINFOMSG_BYTES, [RTM.GETADDR]: 8, [RTM.GETRULE]: 12, [RTM.GETNEXTHOP]: 8, [RTM.GETROUTE]: RTMSG_BYTES, [RTM.GETNETCONF]: 4,
};
/** `rtm_flags` of `struct rtmsg`. */
const RTM_FLAGS_AT = 8;
/** RTEXT_FILTER_SKIP_STATS: counters are half of a link message, and no use here. */
const SKIP_STATS = 8;

/** A request for everything of one kind; all tables, in the case of routes. */
export function dumpRequest(part: DumpPart, seq: number): Uint8Array {
  const extMask = part.type === RTM.GETLINK ? [u32Attribute(IFLA.EXT_MASK, SKIP_STATS)] : [];
  const bytes = request({ type: part.type, flags: NLM_F.DUMP, seq, family: part.family, structBytes: STRUCT_BYTES[part.type], attributes: extMask });
  if ('isOfCache' in part) new DataView(bytes.buffer).setUint32(HEADER_BYTES + RTM_FLAGS_AT, RTM_F_CLONED, HOST_LITTLE_ENDIAN);
  return bytes;
}

/** Asks for the settings that every device shares; changes nothing, and passes net/ipv4/devinet.c inet_netconf_get_devconf() or its IPv6 twin. */
export function netconfRequest(family: number, seq: number): Uint8Array {
  const all = u32Attribute(NETCONFA.IFINDEX, NETCONFA_IFINDEX.ALL);
  return request({ type: RTM.GETNETCONF, flags: 0, seq, family, structBytes: STRUCT_BYTES[RTM.GETNETCONF], attributes: [all] });
}

/** Gives the namespace behind an open file an id in the namespace of the socket. It stays until one of the two ends. */
export function newNsidRequest(fd: number, nsid: number, seq: number): Uint8Array {
  return request({ type: RTM.NEWNSID, flags: NLM_F.ACK, seq, family: 0, structBytes: NSID_STRUCT_BYTES, attributes: [u32Attribute(NETNSA.NSID, nsid), u32Attribute(NETNSA.FD, fd)] });
}

/** Asks which id the namespace that is open as `fd` has in the namespace of the socket. */
export const nsidRequest = (fd: number, seq: number): Uint8Array =>
  request({ type: RTM.GETNSID, flags: NLM_F.ACK, seq, family: 0, structBytes: NSID_STRUCT_BYTES, attributes: [u32Attribute(NETNSA.FD, fd)] });

/** Asks for all ids in the namespace of the socket. */
export const nsidDumpRequest = (seq: number): Uint8Array =>
  request({ type: RTM.GETNSID, flags: NLM_F.DUMP, seq, family: 0, structBytes: NSID_STRUCT_BYTES, attributes: [] });

/** `struct rtgenmsg`, padded. */
const NSID_STRUCT_BYTES = 4;

export interface Request {
  readonly type: number; readonly flags: number; readonly seq: number;
  readonly family: number; readonly structBytes: number; readonly attributes: readonly Uint8Array[];
  /** Sets members of the struct behind its family; offsets from its start. */
  readonly fill?: (struct: DataView) => void;
}

/** One message: header, struct, attributes. */
export function request({ type, flags, seq, family, structBytes, attributes, fill }: Request): Uint8Array {
  const length = attributes.reduce((sum, attribute) => sum + attribute.length, HEADER_BYTES + structBytes);
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, HOST_LITTLE_ENDIAN);
  view.setUint16(4, type, HOST_LITTLE_ENDIAN);
  view.setUint16(6, NLM_F.REQUEST | flags, HOST_LITTLE_ENDIAN);
  view.setUint32(8, seq, HOST_LITTLE_ENDIAN);
  view.setUint8(HEADER_BYTES, family);
  fill?.(new DataView(bytes.buffer, HEADER_BYTES, structBytes));
  let at = HEADER_BYTES + structBytes;
  for (const attribute of attributes) {
    bytes.set(attribute, at);
    at += attribute.length;
  }
  return bytes;
}

export function u32Attribute(type: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, HOST_LITTLE_ENDIAN);
  return bytesAttribute(type, bytes);
}

export function bytesAttribute(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align4(4 + payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + payload.length, HOST_LITTLE_ENDIAN);
  view.setUint16(2, type, HOST_LITTLE_ENDIAN);
  bytes.set(payload, 4);
  return bytes;
}

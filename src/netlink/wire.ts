/**
 * Bytes as a kernel wrote them, with that kernel's byte order. rtnetlink numbers are in host order,
 * only addresses and ports are in network order.
 */
export interface Wire {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;
}

/** Byte order of the machine that runs this: the default everywhere, a recording of another machine passes its own. */
export const HOST_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export const wireOf = (bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): Wire => ({
  bytes, little, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
});

/** Netlink headers and attributes start at multiples of four (include/uapi/linux/netlink.h NLMSG_ALIGN, NLA_ALIGN). */
export const align4 = (length: number): number => (length + 3) & ~3;

const ATTRIBUTE_HEADER = 4;
/** NLA_TYPE_MASK: the two high bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

/** Whether a whole attribute (`struct nlattr` and payload) lies at `at`; false ends a walk, also over a cut one. */
export function hasAttribute(wire: Wire, at: number, end: number): boolean {
  if (at + ATTRIBUTE_HEADER > end) return false;
  const length = wire.view.getUint16(at, wire.little);
  return length >= ATTRIBUTE_HEADER && at + length <= end;
}

export const nextAttribute = (wire: Wire, at: number): number => at + align4(wire.view.getUint16(at, wire.little));
export const attributeType = (wire: Wire, at: number): number => wire.view.getUint16(at + 2, wire.little) & TYPE_MASK;
export const payloadStart = (at: number): number => at + ATTRIBUTE_HEADER;
export const payloadEnd = (wire: Wire, at: number): number => at + wire.view.getUint16(at, wire.little);
export const payloadLength = (wire: Wire, at: number): number => wire.view.getUint16(at, wire.little) - ATTRIBUTE_HEADER;

/** Where the first whole attribute of this type lies, -1 if there is none. */
export function findAttribute(wire: Wire, from: number, end: number, type: number): number {
  for (let at = from; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    if (attributeType(wire, at) === type) return at;
  }
  return -1;
}

/** The payload as a number; `fallback` where it is too short to be one. */
export const readU8 = (wire: Wire, at: number, fallback: number): number =>
  payloadLength(wire, at) >= 1 ? wire.view.getUint8(payloadStart(at)) : fallback;
export const readU16 = (wire: Wire, at: number, fallback: number): number =>
  payloadLength(wire, at) >= 2 ? wire.view.getUint16(payloadStart(at), wire.little) : fallback;
export const readU32 = (wire: Wire, at: number, fallback: number): number =>
  payloadLength(wire, at) >= 4 ? wire.view.getUint32(payloadStart(at), wire.little) : fallback;
export const readS32 = (wire: Wire, at: number, fallback: number): number =>
  payloadLength(wire, at) >= 4 ? wire.view.getInt32(payloadStart(at), wire.little) : fallback;

const utf8 = new TextDecoder();

/** The payload up to its first NUL, bad UTF-8 replaced. Untrusted: interface names may hold almost any byte. */
export function readText(wire: Wire, at: number): string {
  const payload = wire.bytes.subarray(payloadStart(at), payloadEnd(wire, at));
  const nul = payload.indexOf(0);
  return utf8.decode(nul < 0 ? payload : payload.subarray(0, nul));
}

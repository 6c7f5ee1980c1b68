import { HEADER_BYTES, NETNSA, RTM } from './constants.ts';
import { align4, findAttribute, readS32, wireOf } from './wire.ts';

/** `struct rtgenmsg` is one byte. */
const BODY = HEADER_BYTES + align4(1);

export interface NsidMessage { readonly event: 'new' | 'deleted'; readonly nsid: number }

/** RTM_NEWNSID and RTM_DELNSID; undefined: another message, or one that makes no sense. */
export function decodeNsid(bytes: Uint8Array, little?: boolean): NsidMessage | undefined {
  if (bytes.length < BODY) return undefined;
  const wire = wireOf(bytes, little);
  const type = wire.view.getUint16(4, wire.little);
  if (type !== RTM.NEWNSID && type !== RTM.DELNSID) return undefined;
  const at = findAttribute(wire, BODY, bytes.length, NETNSA.NSID);
  const nsid = at < 0 ? -1 : readS32(wire, at, -1);
  return nsid < 0 ? undefined : { event: type === RTM.NEWNSID ? 'new' : 'deleted', nsid };
}

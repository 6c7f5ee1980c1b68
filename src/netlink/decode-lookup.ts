import type { Route } from '../model/route.ts';
import { familyOf, readAddress } from './address.ts';
import { HEADER_BYTES, NDA_DST, NDMSG_BYTES, NLMSG, NLMSGERR_ATTR_MSG, NLM_F_ACK_TLVS, NLM_F_CAPPED, RTM, RTM_F_CLONED } from './constants.ts';
import { decodeAnswer } from './decode-route.ts';
import { align4, findAttribute, HOST_LITTLE_ENDIAN, readText, wireOf } from './wire.ts';

/** What the kernel says to a question about one destination. `cloned`: what packets are sent by, not an entry of a table. */
export type LookupAnswer =
  | { readonly kind: 'route'; readonly seq: number; readonly route: Route; readonly cloned: boolean }
  | { readonly kind: 'error'; readonly seq: number; readonly errno: number; readonly message?: string };

export interface Neighbour { readonly ifindex: number; readonly address: string; readonly state: number }

/** undefined: neither a route nor an error. Never throws. */
export function decodeLookup(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): LookupAnswer | undefined {
  if (bytes.length < HEADER_BYTES + 4) return undefined;
  const wire = wireOf(bytes, little);
  const [type, flags, seq] = [wire.view.getUint16(4, little), wire.view.getUint16(6, little), wire.view.getUint32(8, little)];
  if (type === NLMSG.ERROR) {
    // The request is quoted, whole or only its header; what the kernel has to say stands behind it.
    const quoted = bytes.length < HEADER_BYTES + 8 || (flags & NLM_F_CAPPED) !== 0 ? HEADER_BYTES : wire.view.getUint32(HEADER_BYTES + 4, little);
    const from = HEADER_BYTES + 4 + align4(Math.min(quoted, bytes.length));
    const at = (flags & NLM_F_ACK_TLVS) === 0 ? -1 : findAttribute(wire, from, bytes.length, NLMSGERR_ATTR_MSG);
    return { kind: 'error', seq, errno: -wire.view.getInt32(HEADER_BYTES, little), ...(at < 0 ? {} : { message: readText(wire, at) }) };
  }
  if (type !== RTM.NEWROUTE) return undefined;
  const message = decodeAnswer(wire, { length: bytes.length, type, flags, seq, portid: 0 }, HEADER_BYTES, bytes.length);
  return message.kind === 'route' ? { kind: 'route', seq, route: message.route, cloned: (message.route.flags & RTM_F_CLONED) !== 0 } : undefined;
}

/** RTM_NEWNEIGH (net/core/neighbour.c neigh_fill_info()); undefined: it is none, or none of ours. Never throws. */
export function decodeNeighbour(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): Neighbour | undefined {
  if (bytes.length < HEADER_BYTES + NDMSG_BYTES) return undefined;
  const wire = wireOf(bytes, little);
  const family = familyOf(wire.view.getUint8(HEADER_BYTES));
  if (wire.view.getUint16(4, little) !== RTM.NEWNEIGH || family === undefined) return undefined;
  const at = findAttribute(wire, HEADER_BYTES + NDMSG_BYTES, bytes.length, NDA_DST);
  const address = at < 0 ? undefined : readAddress(wire, at, family);
  return address === undefined ? undefined : { ifindex: wire.view.getInt32(HEADER_BYTES + 4, little), address, state: wire.view.getUint16(HEADER_BYTES + 8, little) };
}

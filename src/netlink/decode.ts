import type { NlHeader, OtherMessage, RtMessage } from '../model/rtnetlink.ts';
import { decodeAddress, decodeAnycast } from './decode-address.ts';
import { decodeLink } from './decode-link.ts';
import { decodeNetconf } from './decode-netconf.ts';
import { decodeNexthop } from './decode-nexthop.ts';
import { decodePrefix } from './decode-prefix.ts';
import { decodeRoute } from './decode-route.ts';
import { decodeRule } from './decode-rule.ts';
import { HEADER_BYTES, RTM } from './constants.ts';
import { HOST_LITTLE_ENDIAN, wireOf, type Wire } from './wire.ts';

/**
 * One message (notification, dump answer or request) that starts at the first byte. It may be cut short: then
 * `header.cut` is set, the attributes that are whole are decoded and the rest is as if it were absent. Never throws.
 */
export function decodeMessage(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): RtMessage {
  if (bytes.length < HEADER_BYTES) return noHeader(`${bytes.length} bytes are no netlink header`);
  const wire = wireOf(bytes, little);
  const length = wire.view.getUint32(0, little);
  const header: NlHeader = {
    length,
    type: wire.view.getUint16(4, little),
    flags: wire.view.getUint16(6, little),
    seq: wire.view.getUint32(8, little),
    portid: wire.view.getUint32(12, little),
    ...(length > bytes.length ? { cut: true as const } : {}),
  };
  if (length < HEADER_BYTES) return { kind: 'other', header, problem: `nlmsg_len ${length} is less than its header` };
  return decodeBody(wire, header, HEADER_BYTES, Math.min(length, bytes.length));
}

const noHeader = (problem: string): OtherMessage =>
  ({ kind: 'other', header: { length: 0, type: 0, flags: 0, seq: 0, portid: 0 }, problem });

function decodeBody(wire: Wire, header: NlHeader, at: number, end: number): RtMessage {
  switch (header.type) {
    case RTM.NEWROUTE: case RTM.DELROUTE: return decodeRoute(wire, header, at, end);
    case RTM.NEWLINK: case RTM.DELLINK: case RTM.SETLINK: return decodeLink(wire, header, at, end);
    case RTM.NEWADDR: case RTM.DELADDR: return decodeAddress(wire, header, at, end);
    case RTM.NEWRULE: case RTM.DELRULE: return decodeRule(wire, header, at, end);
    case RTM.NEWNEXTHOP: case RTM.DELNEXTHOP: return decodeNexthop(wire, header, at, end);
    case RTM.NEWNETCONF: case RTM.DELNETCONF: return decodeNetconf(wire, header, at, end);
    case RTM.NEWPREFIX: return decodePrefix(wire, header, at, end);
    case RTM.NEWANYCAST: case RTM.DELANYCAST: return decodeAnycast(wire, header, at, end);
    default: return { kind: 'other', header };
  }
}

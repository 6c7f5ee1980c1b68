import type { NlHeader, OtherMessage, RtMessage } from '../model/rtnetlink.ts';
import { decodeAddress, decodeAnycast } from './decode-address.ts';
import { decodeLink } from './decode-link.ts';
import { decodeNetconf } from './decode-netconf.ts';
import { decodeNexthop } from './decode-nexthop.ts';
import { decodePrefix } from './decode-prefix.ts';
import { decodeRoute } from './decode-route.ts';
import { decodeRule } from './decode-rule.ts';
import { RTM } from './constants.ts';
import { align4, HOST_LITTLE_ENDIAN, wireOf } from './wire.ts';
import type { Wire } from './wire.ts';

/** `struct nlmsghdr`, include/uapi/linux/netlink.h. */
export const HEADER_BYTES = 16;

/** All messages of one datagram, in order. Never throws; bytes that are no message become one `other` with a problem. */
export function decodeMessages(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): RtMessage[] {
  const wire = wireOf(bytes, little);
  const messages: RtMessage[] = [];
  for (let at = 0; at < bytes.length;) {
    const message = decodeAt(wire, at, bytes.length);
    messages.push(message);
    if (message.header.length < HEADER_BYTES) break;
    at += align4(message.header.length);
  }
  return messages;
}

/**
 * One message (notification, dump answer or request) that starts at the first byte. It may be cut short: then
 * `header.cut` is set, the attributes that are whole are decoded and the rest is as if it were absent. Never throws.
 */
export function decodeMessage(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): RtMessage {
  return decodeAt(wireOf(bytes, little), 0, bytes.length);
}

function decodeAt(wire: Wire, at: number, limit: number): RtMessage {
  if (at + HEADER_BYTES > limit) return noHeader(`${limit - at} bytes are no netlink header`);
  const length = wire.view.getUint32(at, wire.little);
  const header: NlHeader = {
    length,
    type: wire.view.getUint16(at + 4, wire.little),
    flags: wire.view.getUint16(at + 6, wire.little),
    seq: wire.view.getUint32(at + 8, wire.little),
    portid: wire.view.getUint32(at + 12, wire.little),
    ...(at + length > limit ? { cut: true as const } : {}),
  };
  if (length < HEADER_BYTES) return { kind: 'other', header, problem: `nlmsg_len ${length} is less than its header` };
  return decodeBody(wire, header, at + HEADER_BYTES, Math.min(at + length, limit));
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

import type { NetconfMessage, NlHeader, OtherMessage } from '../model/rtnetlink.ts';
import { familyOf } from './address.ts';
import { NETCONFA, RTM } from './constants.ts';
import type { Mutable } from './mutable.ts';
import { tooShort, undecodable } from './other.ts';
import type { Wire } from './wire.ts';
import { attributeType, hasAttribute, nextAttribute, readS32 } from './wire.ts';

/** `struct netconfmsg` is one byte, padded to four. */
const NETCONFMSG_BYTES = 4;

/** RTM_NEWNETCONF and RTM_DELNETCONF (net/ipv4/devinet.c inet_netconf_fill_devconf(), net/ipv6/addrconf.c inet6_netconf_fill_devconf()). */
export function decodeNetconf(wire: Wire, header: NlHeader, at: number, end: number): NetconfMessage | OtherMessage {
  if (at + NETCONFMSG_BYTES > end) return tooShort(header, 'netconfmsg');
  let ifindex: number | undefined;
  const netconf: Mutable<NetconfMessage> = {
    kind: 'netconf', deleted: header.type === RTM.DELNETCONF, header, family: familyOf(wire.view.getUint8(at)) ?? 'other', ifindex: 0,
  };
  for (let a = at + NETCONFMSG_BYTES; hasAttribute(wire, a, end); a = nextAttribute(wire, a)) {
    switch (attributeType(wire, a)) {
      case NETCONFA.IFINDEX: ifindex = readS32(wire, a, 0); break;
      case NETCONFA.FORWARDING: netconf.forwarding = readS32(wire, a, 0); break;
      case NETCONFA.IGNORE_ROUTES_WITH_LINKDOWN: netconf.ignoreRoutesWithLinkdown = readS32(wire, a, 0) !== 0; break;
      default: break;
    }
  }
  if (ifindex === undefined) return undecodable(header, 'no NETCONFA_IFINDEX');
  netconf.ifindex = ifindex;
  return netconf;
}

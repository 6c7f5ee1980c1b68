import type { LinkMessage, NlHeader, OtherMessage } from '../model/rtnetlink.ts';
import { IFINFOMSG_BYTES, IFLA, IFLA_INFO, IFLA_TUN_PERSIST, IFLA_VRF_TABLE, RTM } from './constants.ts';
import type { Mutable } from './mutable.ts';
import { notOurs, tooShort } from './other.ts';
import type { Wire } from './wire.ts';
import { attributeType, findAttribute, hasAttribute, nextAttribute, payloadEnd, payloadStart, readText, readU32, readU8 } from './wire.ts';
import { AF_BRIDGE } from './address.ts';

/** `struct ifinfomsg`. */

/**
 * RTM_NEWLINK, RTM_DELLINK and RTM_SETLINK (net/core/rtnetlink.c rtnl_fill_ifinfo()). The AF_BRIDGE ones are about a
 * port's place in a bridge: their RTM_DELLINK means that it left the bridge, and the device lives on.
 */
export function decodeLink(wire: Wire, header: NlHeader, at: number, end: number): LinkMessage | OtherMessage {
  if (at + IFINFOMSG_BYTES > end) return tooShort(header, 'ifinfomsg');
  if (wire.view.getUint8(at) === AF_BRIDGE) return notOurs(header);
  const link: Mutable<LinkMessage> = {
    kind: 'link', deleted: header.type === RTM.DELLINK, header,
    ifindex: wire.view.getInt32(at + 4, wire.little),
    flags: wire.view.getUint32(at + 8, wire.little),
    change: wire.view.getUint32(at + 12, wire.little),
  };
  for (let a = at + IFINFOMSG_BYTES; hasAttribute(wire, a, end); a = nextAttribute(wire, a)) setAttribute(wire, a, link);
  // Its number is that of another namespace, or its own.
  if (findAttribute(wire, at + IFINFOMSG_BYTES, end, IFLA.LINK_NETNSID) >= 0 || link.lower === link.ifindex || link.lower === 0) delete link.lower;
  return link;
}

function setAttribute(wire: Wire, at: number, link: Mutable<LinkMessage>): void {
  switch (attributeType(wire, at)) {
    case IFLA.IFNAME: link.name = readText(wire, at); break;
    case IFLA.LINK: link.lower = readU32(wire, at, 0); break;
    case IFLA.MTU: link.mtu = readU32(wire, at, 0); break;
    case IFLA.MASTER: link.master = readU32(wire, at, 0); break;
    case IFLA.CARRIER: link.carrier = readU8(wire, at, 0) !== 0; break;
    case IFLA.GROUP: link.group = readU32(wire, at, 0); break;
    case IFLA.OPERSTATE: link.operstate = readU8(wire, at, 0); break;
    case IFLA.LINKINFO: setLinkInfo(wire, payloadStart(at), payloadEnd(wire, at), link); break;
    case IFLA.NET_NS_PID: case IFLA.NET_NS_FD: case IFLA.TARGET_NETNSID: case IFLA.NEW_NETNSID: link.movesNetns = true; break;
    default: break;
  }
}

function setLinkInfo(wire: Wire, from: number, end: number, link: Mutable<LinkMessage>): void {
  const kind = findAttribute(wire, from, end, IFLA_INFO.KIND);
  if (kind >= 0) link.infoKind = readText(wire, kind);
  if (link.infoKind === 'tun') setPersistence(wire, from, end, link);
  const table = vrfTable(wire, from, end, { kind: IFLA_INFO.KIND, data: IFLA_INFO.DATA })
    ?? vrfTable(wire, from, end, { kind: IFLA_INFO.SLAVE_KIND, data: IFLA_INFO.SLAVE_DATA });
  if (table !== undefined) link.vrfTable = table;
}

/** drivers/net/tun.c tun_fill_info() */
function setPersistence(wire: Wire, from: number, end: number, link: Mutable<LinkMessage>): void {
  const data = findAttribute(wire, from, end, IFLA_INFO.DATA);
  const persist = data < 0 ? -1 : findAttribute(wire, payloadStart(data), payloadEnd(wire, data), IFLA_TUN_PERSIST);
  if (persist >= 0) link.outlivesOwner = readU8(wire, persist, 0) !== 0;
}

/** drivers/net/vrf.c vrf_fillinfo() for the device itself, vrf_fill_slave_info() for its ports. */
function vrfTable(wire: Wire, from: number, end: number, types: { readonly kind: number; readonly data: number }): number | undefined {
  const kind = findAttribute(wire, from, end, types.kind);
  const data = findAttribute(wire, from, end, types.data);
  if (kind < 0 || data < 0 || readText(wire, kind) !== 'vrf') return undefined;
  const table = findAttribute(wire, payloadStart(data), payloadEnd(wire, data), IFLA_VRF_TABLE);
  return table < 0 ? undefined : readU32(wire, table, 0);
}

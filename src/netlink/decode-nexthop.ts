import type { NexthopMessage, NlHeader, OtherMessage } from '../model/rtnetlink.ts';
import { readAddress } from './address.ts';
import { NHA, RTM } from './constants.ts';
import type { Mutable } from './mutable.ts';
import { tooShort } from './other.ts';
import type { Wire } from './wire.ts';
import { attributeType, hasAttribute, nextAttribute, payloadEnd, payloadLength, payloadStart, readU32 } from './wire.ts';

/** `struct nhmsg`. */
const NHMSG_BYTES = 8;
/** `struct nexthop_grp`. */
const GROUP_ENTRY_BYTES = 8;

/** RTM_NEWNEXTHOP and RTM_DELNEXTHOP (net/ipv4/nexthop.c nh_fill_node()). Id 0: a request that leaves the choice to the kernel. */
export function decodeNexthop(wire: Wire, header: NlHeader, at: number, end: number): NexthopMessage | OtherMessage {
  if (at + NHMSG_BYTES > end) return tooShort(header, 'nhmsg');
  const nexthop: Mutable<NexthopMessage> = {
    kind: 'nexthop', deleted: header.type === RTM.DELNEXTHOP, header, id: 0, protocol: wire.view.getUint8(at + 2),
  };
  for (let a = at + NHMSG_BYTES; hasAttribute(wire, a, end); a = nextAttribute(wire, a)) {
    switch (attributeType(wire, a)) {
      case NHA.ID: nexthop.id = readU32(wire, a, 0); break;
      case NHA.GROUP: nexthop.group = decodeGroup(wire, payloadStart(a), payloadEnd(wire, a)); break;
      case NHA.BLACKHOLE: nexthop.blackhole = true; break;
      case NHA.OIF: nexthop.ifindex = readU32(wire, a, 0); break;
      case NHA.GATEWAY: {
        const gateway = readAddress(wire, a, payloadLength(wire, a) === 4 ? 'ipv4' : 'ipv6');
        if (gateway !== undefined) nexthop.gateway = gateway;
        break;
      }
      default: break;
    }
  }
  return nexthop;
}

/** The weight has had a high byte since 6.12, where older kernels have a reserved zero. */
function decodeGroup(wire: Wire, from: number, end: number): { id: number; weight: number }[] {
  const group: { id: number; weight: number }[] = [];
  for (let at = from; at + GROUP_ENTRY_BYTES <= end; at += GROUP_ENTRY_BYTES) {
    group.push({
      id: wire.view.getUint32(at, wire.little),
      weight: (wire.view.getUint8(at + 4) | (wire.view.getUint8(at + 5) << 8)) + 1,
    });
  }
  return group;
}

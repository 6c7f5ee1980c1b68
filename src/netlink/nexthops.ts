import type { Family, Nexthop } from '../model/route.ts';
import { familyOf, formatIpv4, formatIpv6, readAddress } from './address.ts';
import { RTA } from './constants.ts';
import type { Mutable } from './mutable.ts';
import type { Wire } from './wire.ts';
import { align4, attributeType, hasAttribute, nextAttribute, payloadLength, payloadStart, readU16 } from './wire.ts';

/** `struct rtnexthop`: length, flags, hops, ifindex. */
const RTNEXTHOP_BYTES = 8;

/** The legs of RTA_MULTIPATH; a leg that runs over the end closes the list. */
export function decodeMultipath(wire: Wire, from: number, end: number, family: Family): Nexthop[] {
  const legs: Nexthop[] = [];
  for (let at = from; at + RTNEXTHOP_BYTES <= end;) {
    const length = wire.view.getUint16(at, wire.little);
    if (length < RTNEXTHOP_BYTES || at + length > end) break;
    legs.push(decodeLeg(wire, at, at + length, family));
    at += align4(length);
  }
  return legs;
}

function decodeLeg(wire: Wire, from: number, end: number, family: Family): Nexthop {
  const leg: Mutable<Nexthop> = { weight: wire.view.getUint8(from + 3) + 1, flags: wire.view.getUint8(from + 2) };
  const ifindex = wire.view.getInt32(from + 4, wire.little);
  if (ifindex !== 0) leg.ifindex = ifindex;
  for (let at = from + RTNEXTHOP_BYTES; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    const type = attributeType(wire, at);
    const gateway = type === RTA.GATEWAY ? readAddress(wire, at, family) : type === RTA.VIA ? readVia(wire, at) : undefined;
    if (gateway !== undefined) leg.gateway = gateway;
    const encap = type === RTA.ENCAP_TYPE ? readU16(wire, at, 0) : 0;
    if (encap !== 0) leg.encap = encapName(encap);
  }
  return leg;
}

/** RTA_VIA, `struct rtvia`: a gateway with a family of its own, such as an IPv6 one of an IPv4 route (RFC 8950). */
export function readVia(wire: Wire, at: number): string | undefined {
  const length = payloadLength(wire, at);
  if (length < 2) return undefined;
  const family = familyOf(wire.view.getUint16(payloadStart(at), wire.little));
  const address = payloadStart(at) + 2;
  if (family === 'ipv4' && length >= 6) return formatIpv4(wire.bytes, address);
  if (family === 'ipv6' && length >= 18) return formatIpv6(wire.bytes, address);
  return undefined;
}

/** include/uapi/linux/lwtunnel.h enum lwtunnel_encap_types. */
const ENCAP_NAMES: readonly string[] = ['none', 'mpls', 'ip', 'ila', 'ip6', 'seg6', 'bpf', 'seg6local', 'rpl', 'ioam6', 'xfrm'];

export const encapName = (type: number): string => ENCAP_NAMES[type] ?? `type ${type}`;

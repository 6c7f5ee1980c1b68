import type { NlHeader, OtherMessage, RouteMessage } from '../model/rtnetlink.ts';
import type { Nexthop, Route } from '../model/route.ts';
import { addressBytes, anyAddress, familyOf, readAddress } from './address.ts';
import { HEADER_BYTES, RTA, RTM, RTMSG_BYTES, RTM_F_CLONED } from './constants.ts';
import { decodeMetrics } from './metrics.ts';
import type { Mutable } from './mutable.ts';
import { decodeMultipath, encapName, readVia } from './nexthops.ts';
import { notOurs, tooShort, undecodable } from './other.ts';
import type { Wire } from './wire.ts';
import { HOST_LITTLE_ENDIAN, wireOf, attributeType, hasAttribute, nextAttribute, payloadEnd, payloadLength, payloadStart, readS32, readU16, readU32, readU8 } from './wire.ts';

/** `struct nlmsghdr`. */
/** `struct rtmsg`. */
/** RTNH_F_* share the low bits of rtm_flags with the flags of the route itself (RTM_F_* start at 0x100). */
const RTNH_FLAGS = 0xff;
/** `rta_expires` is the third word of `struct rta_cacheinfo`, in clock ticks of user space (USER_HZ is 100 on every port but alpha and ia64). */
const EXPIRES_OFFSET = 8;
const USER_HZ = 100;
/** Of RTA_EXPIRES, which only requests have: no end. */
const FOREVER = 0xffff_ffff;
const PREF: readonly Route['pref'][] = ['medium', 'high', 'invalid', 'low'];
/** RTA_PREF, or IPV6_EXTRACT_PREF() of the kernel's own flags. */
export const prefOf = (value: number): Route['pref'] => PREF[value];

/**
 * RTM_NEWROUTE and RTM_DELROUTE (net/ipv4/fib_semantics.c fib_dump_info(), net/ipv6/route.c rt6_fill_node()).
 * RTM_F_CLONED ones are entries of the exception cache or answers to lookups, no FIB entries: `other` without a problem.
 */
export function decodeRoute(wire: Wire, header: NlHeader, at: number, end: number): RouteMessage | OtherMessage {
  const message = decodeAnswer(wire, header, at, end);
  return message.kind === 'route' && (message.route.flags & RTM_F_CLONED) !== 0 ? notOurs(header) : message;
}

/** An entry of the exception cache (fnhe_dump_bucket(), rt6_nh_dump_exceptions()) in the form of a route; undefined: no such message. */
export function decodeException(bytes: Uint8Array): Route | undefined {
  const wire = wireOf(bytes, HOST_LITTLE_ENDIAN);
  if (bytes.length < HEADER_BYTES + RTMSG_BYTES || (wire.view.getUint32(HEADER_BYTES + 8, wire.little) & RTM_F_CLONED) === 0) return undefined;
  const [length, type, flags, seq, portid] = [wire.view.getUint32(0, wire.little), wire.view.getUint16(4, wire.little), wire.view.getUint16(6, wire.little), wire.view.getUint32(8, wire.little), wire.view.getUint32(12, wire.little)];
  const message = type === RTM.NEWROUTE ? decodeAnswer(wire, { length, type, flags, seq, portid }, HEADER_BYTES, bytes.length) : undefined;
  return message?.kind === 'route' ? message.route : undefined;
}

/** The same, for whoever asked: RTM_F_CLONED ones are routes, too. */
export function decodeAnswer(wire: Wire, header: NlHeader, at: number, end: number): RouteMessage | OtherMessage {
  if (at + RTMSG_BYTES > end) return tooShort(header, 'rtmsg');
  const family = familyOf(wire.view.getUint8(at));
  const flags = wire.view.getUint32(at + 8, wire.little);
  if (family === undefined) return notOurs(header);
  const dstLength = wire.view.getUint8(at + 1);
  const srcLength = wire.view.getUint8(at + 2);
  if (Math.max(dstLength, srcLength) > addressBytes(family) * 8) return undecodable(header, `prefix length ${Math.max(dstLength, srcLength)} of an ${family} route`);

  const route: Mutable<Route> = {
    family, dst: '', tos: wire.view.getUint8(at + 3), type: wire.view.getUint8(at + 7),
    table: wire.view.getUint8(at + 4), protocol: wire.view.getUint8(at + 5), scope: wire.view.getUint8(at + 6),
    flags, metric: 0, nexthops: [],
  };
  const addresses = decodeAttributes(wire, at + RTMSG_BYTES, end, route);
  if (dstLength > 0 && addresses.dst === undefined && header.cut === true) return undecodable(header, 'cut before RTA_DST');
  route.dst = `${addresses.dst ?? anyAddress(family)}/${dstLength}`;
  if (srcLength > 0) route.src = `${addresses.src ?? anyAddress(family)}/${srcLength}`;
  return { kind: 'route', deleted: header.type === RTM.DELROUTE, header, route };
}

/** Fills `route`, and returns the two addresses that need their lengths from the header. */
function decodeAttributes(wire: Wire, from: number, end: number, route: Mutable<Route>): { dst?: string | undefined; src?: string | undefined } {
  const family = route.family;
  let dst: string | undefined;
  let src: string | undefined;
  let hasLeg = false;
  const leg: Mutable<Nexthop> = { weight: 1, flags: route.flags & RTNH_FLAGS };
  for (let at = from; hasAttribute(wire, at, end); at = nextAttribute(wire, at)) {
    switch (attributeType(wire, at)) {
      case RTA.DST: dst = readAddress(wire, at, family); break;
      case RTA.SRC: src = readAddress(wire, at, family); break;
      case RTA.TABLE: route.table = readU32(wire, at, route.table); break;
      case RTA.PRIORITY: route.metric = readU32(wire, at, 0); break;
      case RTA.OIF: leg.ifindex = readS32(wire, at, 0); hasLeg = true; break;
      case RTA.GATEWAY: hasLeg = setGateway(leg, readAddress(wire, at, family)) || hasLeg; break;
      case RTA.VIA: hasLeg = setGateway(leg, readVia(wire, at)) || hasLeg; break;
      case RTA.ENCAP_TYPE: setEncap(leg, readU16(wire, at, 0)); break;
      case RTA.PREFSRC: setPrefsrc(route, readAddress(wire, at, family)); break;
      case RTA.NH_ID: route.nhid = readU32(wire, at, 0); break;
      case RTA.METRICS: setMetrics(wire, at, route); break;
      case RTA.MULTIPATH: route.nexthops = decodeMultipath(wire, payloadStart(at), payloadEnd(wire, at), family); break;
      case RTA.CACHEINFO: setExpires(wire, at, route); break;
      case RTA.EXPIRES: if (readU32(wire, at, FOREVER) !== FOREVER) route.expiresSec = readU32(wire, at, 0); break;
      case RTA.PREF: setPref(route, readU8(wire, at, 0)); break;
      default: break;
    }
  }
  if (hasLeg && route.nexthops.length === 0) route.nexthops = [leg];
  return { dst, src };
}

function setGateway(leg: Mutable<Nexthop>, gateway: string | undefined): boolean {
  if (gateway === undefined) return false;
  leg.gateway = gateway;
  return true;
}

function setEncap(leg: Mutable<Nexthop>, type: number): void {
  if (type !== 0) leg.encap = encapName(type);
}

function setPrefsrc(route: Mutable<Route>, address: string | undefined): void {
  if (address !== undefined) route.prefsrc = address;
}

function setMetrics(wire: Wire, at: number, route: Mutable<Route>): void {
  const metrics = decodeMetrics(wire, payloadStart(at), payloadEnd(wire, at));
  if (metrics !== undefined) route.metrics = metrics;
}

function setExpires(wire: Wire, at: number, route: Mutable<Route>): void {
  if (payloadLength(wire, at) < EXPIRES_OFFSET + 4) return;
  const ticks = wire.view.getInt32(payloadStart(at) + EXPIRES_OFFSET, wire.little);
  if (ticks !== 0) route.expiresSec = ticks / USER_HZ;
}

function setPref(route: Mutable<Route>, value: number): void {
  const pref = prefOf(value);
  if (pref !== undefined) route.pref = pref;
}

import { RTPROT, type Nexthop, type Route } from '../model/route.ts';

/** What the kernel looks an alias up by: several routes may share it, in order. `fib_find_alias` (IPv4), `fib6_add_rt2node` (IPv6). */
export const slotOf = (route: Pick<Route, 'family' | 'table' | 'dst' | 'src' | 'tos' | 'metric'>): string =>
  `${route.family}|${route.table}|${route.dst}|${route.src ?? ''}|${route.family === 'ipv4' ? route.tos : 0}|${route.metric}`;

export const sameLeg = (a: Nexthop, b: Nexthop): boolean =>
  a.ifindex === b.ifindex && a.gateway === b.gateway && a.encap === b.encap;

/** Whatever the order: an IPv6 message lists the newest leg first, a dump the oldest. */
const sameLegs = (a: readonly Nexthop[], b: readonly Nexthop[]): boolean =>
  a.length === b.length && a.every(leg => b.some(other => sameLeg(leg, other)));

/** The same route, apart from what changes in place (flags, expiry, preference, metrics). */
export const sameRoute = (a: Route, b: Route): boolean =>
  a.type === b.type && (isIpv6Multipath(a, b) || (a.protocol === b.protocol && a.prefsrc === b.prefsrc)) && a.scope === b.scope && a.nhid === b.nhid
  && (a.nhid !== undefined || sameLegs(a.nexthops, b.nexthops));

/** Each leg of an IPv6 multipath route has a protocol and source of its own; messages and dumps show those of different legs. */
const isIpv6Multipath = (a: Route, b: Route): boolean => a.family === 'ipv6' && a.nexthops.length > 1 && b.nexthops.length > 1;

/**
 * `rt6_qualify_for_ecmp()`: routes with a gateway, not made by router advertisements, group into one multipath route.
 * The flag that marks those is not in the message: protocol ra stands for it, unless a program asked for the route
 * (`isRequested`) or it has several legs.
 */
export const joinsMultipath = ({ route, isRequested }: { readonly route: Route; readonly isRequested?: true }): boolean =>
  route.family === 'ipv6' && route.nhid === undefined && (route.protocol !== RTPROT.RA || isRequested === true || route.nexthops.length > 1)
  && route.nexthops.some(leg => leg.gateway !== undefined);

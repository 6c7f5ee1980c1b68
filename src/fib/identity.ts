import type { Nexthop, Route } from '../model/route.ts';

/** What the kernel looks an alias up by: several routes may share it, in order. `fib_find_alias` (IPv4), `fib6_add_rt2node` (IPv6). */
export const slotOf = (route: Pick<Route, 'family' | 'table' | 'dst' | 'src' | 'tos' | 'metric'>): string =>
  `${route.family}|${route.table}|${route.dst}|${route.src ?? ''}|${route.family === 'ipv4' ? route.tos : 0}|${route.metric}`;

export const sameLeg = (a: Nexthop, b: Nexthop): boolean =>
  a.ifindex === b.ifindex && a.gateway === b.gateway && a.encap === b.encap;

export const sameLegs = (a: readonly Nexthop[], b: readonly Nexthop[]): boolean =>
  a.length === b.length && a.every((leg, index) => { const other = b[index]; return other !== undefined && sameLeg(leg, other); });

/** The same route, apart from what changes in place (flags, expiry, preference, metrics). */
export const sameRoute = (a: Route, b: Route): boolean =>
  a.type === b.type && a.protocol === b.protocol && a.scope === b.scope && a.prefsrc === b.prefsrc && a.nhid === b.nhid
  && (a.nhid !== undefined || sameLegs(a.nexthops, b.nexthops));

/** `rt6_qualify_for_ecmp()`: routes with a gateway, not made by router advertisements, group into one multipath route. */
export const joinsMultipath = (route: Route): boolean =>
  route.family === 'ipv6' && route.nhid === undefined && route.protocol !== 9 && route.nexthops.some(leg => leg.gateway !== undefined);

import { RT_SCOPE, RTN, type Route } from '../model/route.ts';
import type { Revision } from './shadow.ts';

/** RTNH_F_DEAD: the device is down; RTNH_F_LINKDOWN: it has no carrier. */
const DEAD = 1;
const LINKDOWN = 16;

/** NETDEV_CHANGE: the carrier came or went; whether the device is up is as it was. */
export const NETDEV_CHANGE = 4;

export interface DeviceState { readonly isUp: boolean; readonly isRunning: boolean; /** NETDEV_*, as far as it is known. */ readonly event?: number }

/** What fib_sync_down_dev(), fib_sync_up(), rt6_sync_down_dev() and rt6_sync_up() make of the flags of a leg. */
export const afterEvent = ({ isUp, isRunning, event }: DeviceState) => (flags: number): number => {
  const others = flags & ~(DEAD | LINKDOWN);
  if (!isUp) return others | DEAD | LINKDOWN;
  if (isRunning) return others;
  // Without a carrier before, too: "dead" is then how a leg is shown while ignore_routes_with_linkdown is on (fib_nexthop_info()).
  return event === NETDEV_CHANGE && (flags & LINKDOWN) !== 0 ? flags : others | LINKDOWN;
};

/** Legs over this device get other flags; addresses of this host and routes on nexthop objects are left alone. */
export const withFlags = (ifindex: number, after: (flags: number) => number) => (route: Route): Revision | undefined => {
  const isOwn = route.family === 'ipv4' ? route.scope === RT_SCOPE.HOST : route.type === RTN.LOCAL || route.type === RTN.ANYCAST;
  if (isOwn || route.nhid !== undefined) return undefined;
  const nexthops = route.nexthops.map(leg => leg.ifindex === ifindex ? { ...leg, flags: after(leg.flags) } : leg);
  const legs = nexthops.filter((leg, at) => leg.flags !== route.nexthops[at]?.flags);
  return legs.length === 0 ? undefined : { route: { ...route, nexthops }, legs };
};

/** Some leg can be used less than before; else flags were cleared. */
export const isWorse = (before: Route, after: Route): boolean =>
  after.nexthops.some(({ flags }, at) => (flags & ~(before.nexthops[at]?.flags ?? 0) & (DEAD | LINKDOWN)) !== 0);

/** IPv6: the address is gone, so routes no longer prefer it (rt6_remove_prefsrc()); those on nexthop objects keep it. */
export const withoutPrefsrc = (address: string, isMeant: (route: Route) => boolean) => (route: Route): Revision | undefined => {
  if (route.family !== 'ipv6' || route.prefsrc !== address || route.nhid !== undefined || !isMeant(route)) return undefined;
  const { prefsrc: _, ...rest } = route;
  return { route: rest };
};

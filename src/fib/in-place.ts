import { RT_SCOPE, RTN, type Route } from '../model/route.ts';
import type { Revision } from './shadow.ts';

/** RTNH_F_DEAD: the device is down; RTNH_F_LINKDOWN: it has no carrier. */
const DEAD = 1;
const LINKDOWN = 16;

/** What fib_sync_down_dev(), fib_sync_up(), rt6_sync_down_dev() and rt6_sync_up() do to the legs of a route. */
export function flagsOf(device: { readonly isUp: boolean; readonly isRunning: boolean }): number {
  return device.isUp ? device.isRunning ? 0 : LINKDOWN : DEAD | LINKDOWN;
}

/** Legs over this device get these flags; addresses of this host and routes on nexthop objects are left alone. */
export const withFlags = (ifindex: number, flags: number) => (route: Route): Revision | undefined => {
  const isOwn = route.family === 'ipv4' ? route.scope === RT_SCOPE.HOST : route.type === RTN.LOCAL || route.type === RTN.ANYCAST;
  if (isOwn || route.nhid !== undefined) return undefined;
  const nexthops = route.nexthops.map(leg => leg.ifindex === ifindex ? { ...leg, flags: (leg.flags & ~(DEAD | LINKDOWN)) | flags } : leg);
  const legs = nexthops.filter((leg, at) => leg.flags !== route.nexthops[at]?.flags);
  return legs.length === 0 ? undefined : { route: { ...route, nexthops }, legs };
};

/** IPv6: the address is gone, so routes no longer prefer it (rt6_remove_prefsrc()); those on nexthop objects keep it. */
export const withoutPrefsrc = (address: string, isMeant: (route: Route) => boolean) => (route: Route): Revision | undefined => {
  if (route.family !== 'ipv6' || route.prefsrc !== address || route.nhid !== undefined || !isMeant(route)) return undefined;
  const { prefsrc: _, ...rest } = route;
  return { route: rest };
};

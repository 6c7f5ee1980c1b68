import type { RouteChange } from '../model/attribution.ts';
import { NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { RTN, RTNH_F, RT_SCOPE, type Family, type Route } from '../model/route.ts';
import type { Devices } from './devices.ts';
import { ignoresLinkdown } from './linkdown.ts';
import type { Revision } from './shadow.ts';

const { DEAD, LINKDOWN } = RTNH_F;

/** NETDEV_CHANGE: the carrier came or went; whether the device is up is as it was. */
export const NETDEV_CHANGE = 4;

export interface DeviceState {
  readonly isUp: boolean; readonly isRunning: boolean;
  /** NETDEV_*, as far as it is known. */
  readonly event?: number;
  /** ignore_routes_with_linkdown; undefined: not known. */
  readonly ignoresLinkdown?: boolean | undefined;
}

/** What fib_sync_down_dev(), fib_sync_up(), rt6_sync_down_dev() and rt6_sync_up() make of the flags of a leg. */
export const afterEvent = ({ isUp, isRunning, event, ignoresLinkdown: isIgnored }: DeviceState, flags: number): number => {
  const others = flags & ~(DEAD | LINKDOWN);
  if (!isUp) return others | DEAD | LINKDOWN;
  if (isRunning) return others;
  // Without a carrier before, too: "dead" is then how a leg is shown while ignore_routes_with_linkdown is on (fib_nexthop_info()).
  if (event === NETDEV_CHANGE && (flags & LINKDOWN) !== 0) return flags;
  return isIgnored === true ? others | DEAD | LINKDOWN : others | LINKDOWN;
};

/** How a leg without a carrier is shown once ignore_routes_with_linkdown is switched, and its device is up (fib_nexthop_info(), rt6_nlmsg_flags()). */
const afterSwitch = (isOn: boolean, flags: number): number => (flags & LINKDOWN) === 0 ? flags : isOn ? flags | DEAD : flags & ~DEAD;

/** Legs over this device get other flags; addresses of this host and routes on nexthop objects are left alone. */
export const withFlags = (isMeant: (ifindex: number) => boolean, after: (flags: number, family: Family, ifindex: number) => number) => (route: Route): Revision | undefined => {
  const isOwn = route.family === 'ipv4' ? route.scope === RT_SCOPE.HOST : route.type === RTN.LOCAL || route.type === RTN.ANYCAST;
  if (isOwn || route.nhid !== undefined) return undefined;
  const nexthops = route.nexthops.map(leg => leg.ifindex !== undefined && isMeant(leg.ifindex) ? { ...leg, flags: after(leg.flags, route.family, leg.ifindex) } : leg);
  const legs = nexthops.filter((leg, at) => leg.flags !== route.nexthops[at]?.flags);
  return legs.length === 0 ? undefined : { route: { ...route, nexthops }, legs };
};

/** What a switch of ignore_routes_with_linkdown for a device, or for all, makes of legs. One that is down has dead legs whatever the setting. */
export function switched(devices: Pick<Devices, 'isUp' | 'linkdown'>, family: Family, ifindex: number): (route: Route) => Revision | undefined {
  const settings = devices.linkdown();
  return withFlags(own => ifindex === NETCONFA_IFINDEX.ALL || own === ifindex, (flags, of, own) => {
    const isOn = of === family && devices.isUp(own) ? ignoresLinkdown(settings, family, own) : undefined;
    return isOn === undefined ? flags : afterSwitch(isOn, flags);
  });
}

/** A change of flags: it takes something away where some leg can be used less than before; else flags were cleared. */
export function asOfFlags(change: RouteChange): RouteChange {
  const before = change.replaced?.nexthops;
  const isWorse = before !== undefined && change.route.nexthops.some(({ flags }, at) => (flags & ~(before[at]?.flags ?? 0) & (DEAD | LINKDOWN)) !== 0);
  return { ...change, change: isWorse ? 'delete' : 'add' };
}

/** IPv6: the address is gone, so routes no longer prefer it (rt6_remove_prefsrc()); those on nexthop objects keep it. */
export const withoutPrefsrc = (address: string, isMeant: (route: Route) => boolean) => (route: Route): Revision | undefined => {
  if (route.family !== 'ipv6' || route.prefsrc !== address || route.nhid !== undefined || !isMeant(route)) return undefined;
  const { prefsrc: _, ...rest } = route;
  return { route: rest };
};

import { IFAPROT, NETCONFA_IFINDEX, type AddressMessage } from '../model/rtnetlink.ts';
import { RTN, RTPROT, type Family, type Route, type RouteEffect } from '../model/route.ts';
import { confName } from '../model/sysctl.ts';
import type { BootTime } from '../model/time.ts';
import type { Trigger } from '../model/output.ts';
import { covers as isWithin, parsePrefix } from '../netlink/parse-address.ts';
import { addressPart, lengthPart, networkOf } from '../netlink/prefix-text.ts';
import type { LinkSignEvent, Scene, SignOf } from './sign.ts';

/** Messages of one act follow each other at once; what lies between two of them is the time that the kernel takes for it. */
const CLOSE_NS = 500_000_000n;

export const isClose = (a: { readonly time: BootTime }, b: { readonly time: BootTime }): boolean =>
  (a.time < b.time ? b.time - a.time : a.time - b.time) < CLOSE_NS;

/** Devices of a route, any of which may have taken it along. */
export const ifindexesOf = ({ change }: Pick<Scene, 'change'>): ReadonlySet<number> =>
  new Set((change.change === 'delete' && change.legs !== undefined ? change.legs : (change.replaced ?? change.route).nexthops).flatMap(leg => leg.ifindex ?? []));

/** The kernel says that it made the route by itself: no port id, protocol kernel. */
export const isKernels = ({ change, header }: Pick<Scene, 'change' | 'header'>): boolean => (header?.portid ?? 0) === 0 && change.route.protocol === RTPROT.KERNEL;

export const deviceIn = ({ names }: Pick<Scene, 'names'>, ifindex: number | undefined): { readonly dev?: string; readonly ifindex?: number } => {
  const dev = ifindex === undefined ? undefined : names.device(ifindex);
  return { ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }) };
};

/** Receipt of a message lags behind what it tells, on a busy host by much. */
const MAY_LAG_SEC = 1;
export const LAGS_SEC = 0.1;
/** An expired route is swept up within gc_interval, half of that by default: what lived on for longer had been given more time, of which nobody is told. */
const SWEPT_SEC = 60;

/**
 * Whether the lifetime of the route was over: by its own message, which newer kernels leave without a time (from 6.9, fib6_purge_rt()), or by what was
 * told when it came. undefined: it may have been.
 */
export function isOver({ header, told, secondsLeft, change: { route } }: Pick<Scene, 'header' | 'told' | 'secondsLeft' | 'change'>): boolean | undefined {
  if (told?.expiresSec !== undefined) return told.expiresSec <= 0;
  if (secondsLeft === undefined || secondsLeft > (header === undefined ? LAGS_SEC : MAY_LAG_SEC)) return false;
  const isRenewable = route.protocol === RTPROT.RA || route.protocol === RTPROT.KERNEL;
  return secondsLeft > LAGS_SEC || (isRenewable && secondsLeft < -SWEPT_SEC) ? undefined : true;
}

/** The setting of a device, or of all. */
export const settingOf = ({ names }: Pick<Scene, 'names'>, family: Family, ifindex: number, setting: string): string =>
  confName(family, ifindex === NETCONFA_IFINDEX.ALL ? 'all' : names.device(ifindex) ?? `ifindex ${ifindex}`, setting);

/** The nearest sign of these events of a device before the change, that no other one of `ends` followed. */
export function lastOf(scene: Scene, ifindex: number, events: readonly LinkSignEvent[], ends: readonly LinkSignEvent[] = []): SignOf<'link'> | undefined {
  const found = scene.book.before(scene.at, 'link', sign => sign.ifindex === ifindex && (events.includes(sign.event) || ends.includes(sign.event)));
  return found !== undefined && events.includes(found.event) ? found : undefined;
}

export const nextOf = (scene: Scene, ifindex: number, events: readonly LinkSignEvent[]): SignOf<'link'> | undefined =>
  scene.book.after(scene.at, 'link', sign => sign.ifindex === ifindex && events.includes(sign.event));

export const addressTrigger = (scene: Scene, { address }: SignOf<'address'>, event: 'added' | 'removed' | 'changed'): Trigger =>
  ({ kind: 'address-change', event, address: `${address.address}/${address.prefixLength}`, ...deviceIn(scene, address.ifindex) });

/** The destination is in that prefix. */
export function covers(prefix: string, dst: string): boolean {
  const [whole, part] = [parsePrefix(prefix), parsePrefix(dst)];
  return whole !== undefined && part !== undefined && isWithin(whole, part);
}

/** The route is this address's own, or that of its prefix, its broadcast address, its peer or its anycast address. */
export function belongs({ change: { route } }: Pick<Scene, 'change'>, { family, ifindex, address, peer, broadcast, prefixLength }: AddressMessage): boolean {
  if (route.family !== family || !route.nexthops.some(leg => leg.ifindex === ifindex)) return false;
  const dst = addressPart(route.dst);
  if (dst === address || dst === broadcast) return true;
  const network = `${dst}/${prefixLength}`;
  if (peer !== undefined && network === networkOf(peer, prefixLength)) return true;
  if (network === networkOf(address, prefixLength)) return lengthPart(route.dst) === prefixLength || route.type === RTN.ANYCAST || route.type === RTN.BROADCAST;
  return route.type === RTN.BROADCAST && route.prefsrc === address;
}

/** The address has got another metric: its prefix route comes with the new one, and goes with the old one. */
export function isOfMetric({ address, before }: SignOf<'address'>, change: RouteEffect, route: Route, usual: number): boolean {
  if (route.type !== RTN.UNICAST || before === undefined || address.metric === before.metric) return false;
  return route.metric === ((change === 'delete' ? before.metric : address.metric) ?? usual);
}

/** The route came after that: what took it along cannot have been that. */
export function cameSince({ book, at, change: { route } }: Scene, sign: { readonly at: number }): boolean {
  const came = book.before(at, 'route', one => one.change.change !== 'delete' && one.change.route.dst === route.dst && one.change.route.table === route.table
    && one.change.route.nexthops.some(leg => route.nexthops.some(other => other.ifindex === leg.ifindex)));
  return came !== undefined && came.at > sign.at;
}

/** The kernel gives lo its addresses when it is set up (inetdev_event(), init_loopback()); IFA_PROTO says so from 5.18. */
export const isLoopbacks = ({ address, protocol }: AddressMessage): boolean => protocol === IFAPROT.KERNEL_LO || address === '127.0.0.1' || address === '::1';

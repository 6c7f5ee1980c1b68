import { IFAPROT, IFF, NETCONFA_IFINDEX, type AddressMessage, type LinkMessage } from '../model/rtnetlink.ts';
import { RTN, RTNH_F, RTPROT, type Family, type Nexthop, type Route, type RouteEffect } from '../model/route.ts';
import { confName } from '../model/sysctl.ts';
import type { BootTime } from '../model/time.ts';
import type { Trigger } from '../model/output.ts';
import { covers as isWithin, parsePrefix } from '../netlink/parse-address.ts';
import { addressPart, lengthPart, networkOf } from '../netlink/prefix-text.ts';
import type { LinkSignEvent, Scene, SignBook, SignOf } from './sign.ts';

/** Messages of one act follow each other at once; what lies between two of them is the time that the kernel takes for it. */
const CLOSE_NS = 500_000_000n;

export const isClose = (a: { readonly time: BootTime }, b: { readonly time: BootTime }): boolean =>
  (a.time < b.time ? b.time - a.time : a.time - b.time) < CLOSE_NS;

/** Legs that a change is about: those that went, where others stayed; else all that the route had. */
function legsIn({ change, legs, route, replaced }: Scene['change']): readonly Nexthop[] {
  if (change === 'delete' && legs !== undefined) return legs;
  if (replaced?.nhid === undefined || replaced.nhid !== route.nhid) return (replaced ?? route).nexthops;
  // A group that lost members, and got none.
  const lost = replaced.nexthops.filter(leg => !route.nexthops.some(other => other.ifindex === leg.ifindex && other.gateway === leg.gateway));
  return lost.length > 0 && lost.length === replaced.nexthops.length - route.nexthops.length ? lost : replaced.nexthops;
}

/** Devices of a route, any of which may have taken it along. */
export const ifindexesOf = ({ change }: Pick<Scene, 'change'>): ReadonlySet<number> => new Set(legsIn(change).flatMap(leg => leg.ifindex ?? []));

/** Of a change that was told: all legs that the route had. Where an IPv6 route goes as a whole, they are told one right after the other (rt6_multipath_flush()). */
export function legsBefore({ book, at, time, change: { change, legs = [], route } }: Pick<Scene, 'book' | 'at' | 'time' | 'change'>): readonly Nexthop[] {
  const last = change === 'delete' ? book.before(at, 'route', () => true) : undefined;
  const isOfOne = last?.change.change === 'delete' && last.change.legs !== undefined && isClose(last, { time }) && isInPlaceOf(last.change.route, route);
  return [...legs, ...route.nexthops, ...(isOfOne ? legsBefore({ book, ...last }) : [])];
}

const isInPlaceOf = (a: Route, b: Route): boolean => a.dst === b.dst && a.src === b.src && a.table === b.table && a.metric === b.metric;

/** No leg of the route lived at that place but those over this device. */
export const isLastAlive = (scene: Scene, ifindex: number, at: number): boolean =>
  (scene.change.silent ? legsIn(scene.change) : legsBefore(scene)).every(leg => leg.ifindex === undefined || leg.ifindex === ifindex || isDead(scene, leg, leg.ifindex, at));

/** A device as it was at that place: by the last message before it, or by what the next one behind it changed. */
function linkAt({ book }: Pick<Scene, 'book'>, ifindex: number, at: number): LinkMessage | undefined {
  const last = book.before(at, 'link', sign => sign.ifindex === ifindex);
  return last === undefined ? book.after(at - 1, 'link', sign => sign.ifindex === ifindex)?.before : last.link;
}

export function isSetDown(scene: Pick<Scene, 'book'>, ifindex: number, at: number): boolean {
  const link = linkAt(scene, ifindex, at);
  return link === undefined ? !scene.book.isUp(ifindex) : (link.flags & IFF.UP) === 0;
}

function isDead(scene: Scene, { flags }: Nexthop, ifindex: number, at: number): boolean {
  const { book, since = 0, change: { route } } = scene;
  if (isSetDown(scene, ifindex, at)) return true;
  const link = linkAt(scene, ifindex, at);
  // Nexthop objects do not outlive the carrier, nor do they need an address.
  if (route.nhid !== undefined) return link !== undefined && (link.flags & (IFF.RUNNING | IFF.LOWER_UP)) === 0;
  // Without a carrier it may be shown as dead, and live (ignore_routes_with_linkdown).
  if ((flags & RTNH_F.DEAD) !== 0 && (link === undefined || (link.flags & IFF.RUNNING) !== 0)) return true;
  if (route.family === 'ipv6') return book.before(at, 'route', sign => sign.change.route.type === RTN.MULTICAST && sign.change.route.nexthops.some(leg => leg.ifindex === ifindex))?.change.change === 'delete';
  const last = book.before(at, 'address', sign => sign.address.family === 'ipv4' && sign.address.ifindex === ifindex);
  return last?.event === 'removed' && last.at >= since && !hasIpv4(book, ifindex, at);
}

export const hasIpv4 = (book: SignBook, ifindex: number, at: number): boolean => book.addressesAt(at, ifindex).some(({ family }) => family === 'ipv4');

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

import type { AddressMessage } from '../model/rtnetlink.ts';
import type { Route, RouteEffect } from '../model/route.ts';
import type { BootTime } from '../model/time.ts';
import type { Trigger } from '../model/output.ts';
import type { LinkSignEvent, Scene, SignOf } from './sign.ts';

/** Messages of one act follow each other at once; what lies between two of them is the time that the kernel takes for it. */
const CLOSE_NS = 500_000_000n;
const KERNEL = 2;

export const isClose = (a: { readonly time: BootTime }, b: { readonly time: BootTime }): boolean =>
  (a.time < b.time ? b.time - a.time : a.time - b.time) < CLOSE_NS;

/** The one device that a change is about: of its legs, those that changed where it is about some. */
export function ifindexOf({ change }: Pick<Scene, 'change'>): number | undefined {
  const legs = change.legs ?? change.route.nexthops;
  const all = new Set(legs.map(leg => leg.ifindex));
  return all.size === 1 ? [...all][0] : undefined;
}

/** Devices of a route, any of which may have taken it along. */
export const ifindexesOf = ({ change }: Pick<Scene, 'change'>): ReadonlySet<number> =>
  new Set((change.change === 'delete' && change.legs !== undefined ? change.legs : (change.replaced ?? change.route).nexthops).flatMap(leg => leg.ifindex ?? []));

/** The kernel says that it made the route by itself: no port id, protocol kernel. */
export const isKernels = ({ change, header }: Scene): boolean => (header?.portid ?? 0) === 0 && change.route.protocol === KERNEL;

export const deviceIn = ({ names }: Pick<Scene, 'names'>, ifindex: number | undefined): { readonly dev?: string; readonly ifindex?: number } => {
  const dev = ifindex === undefined ? undefined : names.device(ifindex);
  return { ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }) };
};

/** The nearest sign of these events of a device before the change, that no other one of `ends` followed. */
export function lastOf(scene: Scene, ifindex: number, events: readonly LinkSignEvent[], ends: readonly LinkSignEvent[] = []): SignOf<'link'> | undefined {
  const found = scene.book.before(scene.at, 'link', sign => sign.ifindex === ifindex && (events.includes(sign.event) || ends.includes(sign.event)));
  return found !== undefined && events.includes(found.event) ? found : undefined;
}

export const nextOf = (scene: Scene, ifindex: number, events: readonly LinkSignEvent[]): SignOf<'link'> | undefined =>
  scene.book.after(scene.at, 'link', sign => sign.ifindex === ifindex && events.includes(sign.event));

export const addressTrigger = (scene: Scene, { address }: SignOf<'address'>, event: 'added' | 'removed' | 'changed'): Trigger =>
  ({ kind: 'address-change', event, address: `${address.address}/${address.prefixLength}`, ...deviceIn(scene, address.ifindex) });

/** The bits of an address behind its prefix are zero in a network. */
export function networkOf(address: string, length: number): string {
  const bytes = bytesOf(address);
  for (let bit = length; bit < bytes.length * 8; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7));
  return hexOf(bytes);
}

/** The destination is in that prefix. */
export function covers(prefix: string, dst: string): boolean {
  const [network = '', length = '0'] = prefix.split('/');
  return networkOf(network, Number(length)) === networkOf(dst.split('/')[0] ?? '', Number(length));
}

export const hexOfAddress = (address: string): string => hexOf(bytesOf(address));
const hexOf = (bytes: readonly number[]): string => bytes.map(byte => byte.toString(16).padStart(2, '0')).join('');

function bytesOf(address: string): number[] {
  if (!address.includes(':')) return address.split('.').map(Number);
  const [head = '', tail] = address.split('::');
  const words = (text: string): number[] => text === '' ? [] : text.split(':').flatMap(word => word.includes('.') ? pairs(bytesOf(word)) : [Number.parseInt(word, 16)]);
  const [first, last] = [words(head), tail === undefined ? [] : words(tail)];
  return [...first, ...Array.from({ length: tail === undefined ? 0 : 8 - first.length - last.length }, () => 0), ...last].flatMap(word => [word >> 8, word & 255]);
}

const pairs = (bytes: readonly number[]): number[] => [0, 2].map(at => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));

/** The route is this address's own, or that of its prefix, its broadcast address, its peer or its anycast address. */
export function belongs(scene: Pick<Scene, 'change'>, address: AddressMessage): boolean {
  const { route } = scene.change;
  if (route.family !== address.family || !route.nexthops.some(leg => leg.ifindex === address.ifindex)) return false;
  const [dst = '', length = ''] = route.dst.split('/');
  const target = hexOfAddress(dst);
  if (target === hexOfAddress(address.address)) return true;
  if (address.peer !== undefined && target === networkOf(address.peer, address.prefixLength)) return true;
  if (address.broadcast !== undefined && dst === address.broadcast) return true;
  const network = networkOf(address.address, address.prefixLength);
  if (target === network) return Number(length) === address.prefixLength || route.type === 4 || route.type === 3;
  return route.type === 3 && route.prefsrc === address.address;
}


/** The address has got another metric: its prefix route comes with the new one, and goes with the old one. */
export function isOfMetric({ address, before }: SignOf<'address'>, change: RouteEffect, route: Route, usual: number): boolean {
  if (route.type !== 1 || before === undefined || address.metric === before.metric) return false;
  return route.metric === ((change === 'delete' ? before.metric : address.metric) ?? usual);
}

/** The route came after that: what took it along cannot have been that. */
export function cameSince({ book, at, change: { route } }: Scene, sign: { readonly at: number }): boolean {
  const came = book.before(at, 'route', one => one.change.change !== 'delete' && one.change.route.dst === route.dst && one.change.route.table === route.table
    && one.change.route.nexthops.some(leg => route.nexthops.some(other => other.ifindex === leg.ifindex)));
  return came !== undefined && came.at > sign.at;
}

const PROTO_LOOPBACK = 1;
/** The kernel gives lo its addresses when it is set up (inetdev_event(), init_loopback()); IFA_PROTO says so from 5.18. */
export const isLoopbacks = ({ address, protocol }: AddressMessage): boolean => protocol === PROTO_LOOPBACK || address === '127.0.0.1' || address === '::1';

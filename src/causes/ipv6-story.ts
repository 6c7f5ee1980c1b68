import { RTN, RT_SCOPE } from '../model/route.ts';
import { DETECTION_NS, isAdvertised, managerOf, prefixBefore } from './advertised-address.ts';
import { deviceStory, duplicateBefore, type DeviceStory } from './device-story.ts';
import { IFAPROT, IFA_F } from '../model/rtnetlink.ts';
import { addressPart, networkOf } from '../netlink/prefix-text.ts';
import { belongs, cameSince, covers, ifindexesOf, isClose, isKernels, isLoopbacks, isOfMetric } from './scene.ts';
import type { Scene, SignOf } from './sign.ts';

/** What the messages around an IPv6 route of the kernel's own point to. */
export type Ipv6Story =
  | { readonly kind: 'address'; readonly event: 'added' | 'removed' | 'changed'; readonly sign: SignOf<'address'> }
  | { readonly kind: 'advertised'; readonly prefix?: string; readonly ifindex: number; readonly root?: SignOf<'prefix'> | SignOf<'address'> }
  | { readonly kind: 'expired' | 'duplicate' | 'temporary' | 'generated'; readonly sign: SignOf<'address'> }
  | { readonly kind: 'device'; readonly story: DeviceStory }
  /** IPv6 began on the device, and no message says why. */
  | { readonly kind: 'begun'; readonly ifindex: number; readonly isWhole: boolean; readonly root: Pick<SignOf<'route'>, 'at' | 'time' | 'header'> };

const isLinkLocal = ({ address }: SignOf<'address'>): boolean => address.protocol === IFAPROT.KERNEL_LL || (address.protocol === undefined && address.scope === RT_SCOPE.LINK && (address.flags & IFA_F.PERMANENT) !== 0);
export function ipv6Story(scene: Scene): Ipv6Story | undefined {
  if (scene.change.route.family !== 'ipv6' || scene.change.silent || !isKernels(scene)) return undefined;
  return scene.change.change === 'delete' ? lossOf(scene) : gainOf(scene);
}

function gainOf(scene: Scene): Ipv6Story | undefined {
  const { route } = scene.change;
  if (route.type === RTN.LOCAL || route.type === RTN.ANYCAST) return hostGain(scene);
  const announced = scene.book.after(scene.at, 'address', sign => sign.event !== 'removed' && belongs(scene, sign.address));
  const prefix = scene.book.after(scene.at, 'prefix', sign => sign.prefix.prefix === route.dst && ifindexesOf(scene).has(sign.prefix.ifindex));
  const isAnnounced = announced !== undefined && isClose(announced, scene) && announced.event === 'added' && !isLinkLocal(announced);
  // An address that comes right behind says more than an advertisement that comes after it.
  if (prefix !== undefined && isClose(prefix, scene) && route.expiresSec !== undefined && !(isAnnounced && announced.at < prefix.at)) return { kind: 'advertised', prefix: route.dst, ifindex: prefix.prefix.ifindex, root: prefix };
  if (isAnnounced) {
    return isAdvertised(scene, announced) ? { kind: 'advertised', prefix: route.dst, ifindex: announced.address.ifindex, root: announced } : { kind: 'address', event: 'added', sign: announced };
  }
  const peer = scene.book.before(scene.at, 'address', sign => sign.event !== 'removed' && sign.address.peer !== undefined && `${sign.address.peer}/128` === route.dst && ifindexesOf(scene).has(sign.address.ifindex));
  if (peer !== undefined && isClose(peer, scene)) return { kind: 'address', event: 'added', sign: scene.book.before(peer.at + 1, 'address', sign => sign.event === 'added' && sign.address.address === peer.address.address) ?? peer };
  const changed = metricChange(scene);
  if (changed !== undefined) return { kind: 'address', event: 'changed', sign: changed };
  const story = deviceStory(scene);
  if (story !== undefined) return { kind: 'device', story };
  const [ifindex] = ifindexesOf(scene);
  if (ifindex === undefined || (route.type !== RTN.MULTICAST && route.dst !== 'fe80::/64')) return undefined;
  const behind = route.type === RTN.MULTICAST ? prefixRouteBehind(scene, ifindex) : undefined;
  if (behind !== undefined) return gainOf({ ...scene, at: behind.at, time: behind.time, change: behind.change, header: behind.header });
  const at = begunAt(scene, ifindex);
  return { kind: 'begun', ifindex, isWhole: route.type === RTN.MULTICAST || at !== scene.at, root: { at, time: scene.time, header: scene.header ?? NO_HEADER } };
}

/** The first address of a device without a carrier brings the multicast route (inet6_addr_add(), addrconf_add_dev()). Where IPv6 begins, link-local comes first. */
function prefixRouteBehind(scene: Scene, ifindex: number): SignOf<'route'> | undefined {
  const next = scene.book.after(scene.at, 'route', ({ change: { change, route } }) => change !== 'delete' && route.family === 'ipv6' && route.nexthops.some(leg => leg.ifindex === ifindex));
  return next !== undefined && isClose(next, scene) && isKernels(next) && next.change.route.type === RTN.UNICAST && next.change.route.dst !== 'fe80::/64' ? next : undefined;
}

const NO_HEADER = { length: 0, type: 0, flags: 0, seq: 0, portid: 0 };

/** Multicast and link-local route come one after the other: the first one stands for both. */
function begunAt(scene: Scene, ifindex: number): number {
  const first = scene.book.before(scene.at, 'route', sign => sign.change.route.nexthops.some(leg => leg.ifindex === ifindex));
  return first !== undefined && first.change.route.type === RTN.MULTICAST && first.change.change !== 'delete' && isClose(first, scene) ? first.at : scene.at;
}

/** "::192.0.2.1": an IPv4 address as part of an IPv6 one. */
const isCompatible = (address: string): boolean => /^::\d+\.\d+\.\d+\.\d+$/.test(address);

/** The route of an address itself comes when duplicate address detection has ended: the act lies before it. */
function hostGain(scene: Scene): Ipv6Story | undefined {
  const settled = scene.book.before(scene.at, 'address', sign => sign.event !== 'removed' && belongs(scene, sign.address));
  if (settled === undefined || !isClose(settled, scene)) return optimisticGain(scene);
  const { address } = settled;
  const loopback = isLoopbacks(address) ? deviceStory(scene) : undefined;
  if (loopback !== undefined) return { kind: 'device', story: loopback };
  if (address.protocol === IFAPROT.KERNEL_LO) return { kind: 'begun', ifindex: address.ifindex, isWhole: true, root: settled };
  const isIt = (sign: SignOf<'address'>): boolean => sign.address.address === address.address && sign.address.ifindex === address.ifindex;
  const added = settled.event === 'added' ? settled : scene.book.before(scene.at, 'address', sign => isIt(sign) && sign.event !== 'settled' && sign.event !== 'changed');
  const prefixRoute = scene.book.before(scene.at, 'route', sign => sign.change.change !== 'delete' && sign.change.route.type === RTN.UNICAST && belongs({ change: sign.change }, address));
  const isOld = added?.event !== 'added' || (prefixRoute !== undefined && prefixRoute.at > added.at);
  if ((address.flags & IFA_F.TEMPORARY) !== 0) {
    const manager = managerOf(scene, address, added?.at ?? scene.at, scene.time);
    if (manager !== undefined && !isAdvertised(scene, manager)) return { kind: 'address', event: manager.event === 'changed' ? 'changed' : 'added', sign: manager };
    return prefixBefore(scene, address, added?.at ?? scene.at, scene.time) === undefined ? { kind: 'temporary', sign: added ?? settled } : { kind: 'advertised', ifindex: address.ifindex, ...(added === undefined ? {} : { root: added }) };
  }
  const made = prefixRoute === undefined && added?.event === 'added' && (isLinkLocal(settled) || isCompatible(address.address)) ? deviceStory(scene) : undefined;
  // Tunnels over IPv4 get addresses made of those of this host, without a prefix route before them (addrconf_sit_config()).
  if (made?.root !== undefined && added !== undefined && isClose(made.root, added)) return { kind: 'device', story: made };
  const isTaken = prefixRoute !== undefined && scene.book.after(prefixRoute.at, 'address', sign => sign.at < scene.at && sign.event === 'added' && sign.address.ifindex === address.ifindex && isLinkLocal(sign) && !isIt(sign)) !== undefined;
  if (isLinkLocal(settled) && (prefixRoute === undefined || isTaken || scene.time - prefixRoute.time > DETECTION_NS)) {
    // One that was there when the session began: what brought it was not seen.
    return added?.event === 'added' ? { kind: 'generated', sign: added } : undefined;
  }
  if (isLinkLocal(settled) || (isOld && !isAdvertised(scene, settled))) {
    if (prefixRoute === undefined) return undefined;
    return gainOf({ ...scene, at: prefixRoute.at, time: prefixRoute.time, change: prefixRoute.change, header: prefixRoute.header });
  }
  if (isAdvertised(scene, settled)) return { kind: 'advertised', ifindex: address.ifindex, root: added ?? settled };
  return { kind: 'address', event: 'added', sign: added ?? settled };
}

/** An optimistic address is told after its route. */
function optimisticGain(scene: Scene): Ipv6Story | undefined {
  const announced = scene.book.after(scene.at, 'address', sign => sign.event === 'added' && belongs(scene, sign.address));
  if (announced !== undefined && isClose(announced, scene)) return isAdvertised(scene, announced) ? { kind: 'advertised', ifindex: announced.address.ifindex, root: announced } : { kind: 'address', event: 'added', sign: announced };
  const [ifindex] = ifindexesOf(scene);
  const prefix = scene.book.before(scene.at, 'prefix', sign => sign.prefix.ifindex === ifindex && covers(sign.prefix.prefix, scene.change.route.dst));
  return prefix !== undefined && ifindex !== undefined && isClose(prefix, scene) ? { kind: 'advertised', ifindex, root: prefix } : undefined;
}

function lossOf(scene: Scene): Ipv6Story | undefined {
  const removed = scene.book.before(scene.at, 'address', sign => sign.event === 'removed' && belongs(scene, sign.address) && takesAlong(scene, sign));
  // Where IPv6 leaves a device, routes go first and addresses after them.
  if (removed !== undefined && isClose(removed, scene) && !isDown(scene, removed) && !cameSince(scene, removed)) return removalOf(removed);
  const story = deviceStory(scene);
  if (story !== undefined) return { kind: 'device', story };
  for (const ifindex of ifindexesOf(scene)) {
    const duplicate = duplicateBefore(scene, ifindex);
    if (duplicate !== undefined) return { kind: 'duplicate', sign: duplicate };
  }
  const changed = metricChange(scene);
  if (changed !== undefined) return { kind: 'address', event: 'changed', sign: changed };
  const prefix = scene.book.after(scene.at, 'prefix', sign => sign.prefix.prefix === scene.change.route.dst && sign.prefix.validSec === 0 && ifindexesOf(scene).has(sign.prefix.ifindex));
  return prefix !== undefined && isClose(prefix, scene) ? { kind: 'advertised', prefix: scene.change.route.dst, ifindex: prefix.prefix.ifindex, root: prefix } : undefined;
}

/** The prefix route of an address is replaced by one with another metric, right with the message about the address. */
function metricChange(scene: Scene): SignOf<'address'> | undefined {
  const fits = (sign: SignOf<'address'>): boolean => sign.event === 'changed' && belongs(scene, sign.address) && isClose(sign, scene);
  const { change, route } = scene.change;
  const sign = scene.book.before(scene.at, 'address', fits) ?? scene.book.after(scene.at, 'address', fits);
  return sign !== undefined && isOfMetric(sign, change, route, 256) ? sign : undefined;
}

/** The prefix route stays for others of that prefix (check_cleanup_prefix_route()). */
function takesAlong({ book, change: { route } }: Scene, { at, address: { address, ifindex, prefixLength } }: SignOf<'address'>): boolean {
  if (route.type !== RTN.UNICAST || route.dst !== `${addressPart(route.dst)}/${prefixLength}` || prefixLength === 128) return true;
  const network = networkOf(address, prefixLength);
  return !book.addressesAt(at + 1, ifindex).some(other => other.family === 'ipv6' && other.prefixLength === prefixLength && networkOf(other.address, prefixLength) === network);
}

const isDown = (scene: Scene, { at, address: { ifindex } }: SignOf<'address'>): boolean => {
  const last = scene.book.before(at, 'link', sign => sign.ifindex === ifindex && ['up', 'created', 'down', 'closed'].includes(sign.event));
  return last?.event === 'closed' || last?.event === 'down';
};

/** Why an address was removed: its lifetime was over, another host has it, or somebody asked for it. */
function removalOf(sign: SignOf<'address'>): Ipv6Story {
  const { address } = sign;
  if ((address.flags & IFA_F.DADFAILED) !== 0 && (address.flags & IFA_F.PERMANENT) === 0) return { kind: 'duplicate', sign };
  if (isOver(sign)) return { kind: 'expired', sign };
  // Its time was ended before it was over: that is how a new token takes an old address. Before 5.18 nothing says that it was advertised; a request cannot do it.
  return (address.protocol === IFAPROT.KERNEL_RA || address.protocol === undefined) && address.validSec === 0 ? { kind: 'generated', sign } : { kind: 'address', event: 'removed', sign };
}

/** Seconds that one may be off: lifetimes are told in whole ones. */
const SLACK_SEC = 3;

/** What was told of the address last leaves it hardly any time. */
export const isOver = (sign: SignOf<'address'>): boolean => sign.header.portid === 0 && secondsLeft(sign) < SLACK_SEC;

/** By what was told last. */
export const secondsLeft = ({ before, since, time }: SignOf<'address'>): number =>
  before?.validSec === undefined || since === undefined ? Infinity : before.validSec - Number((time - since) / 1_000_000n) / 1000;

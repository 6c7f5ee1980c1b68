import { RT_SCOPE, RTN } from '../model/route.ts';
import { IFF } from '../model/rtnetlink.ts';
import type { LinkEvent } from './link-event.ts';
import { hasIpv4, ifindexesOf, isClose, isKernels, isLastAlive, isLoopbacks, isSetDown, lastOf, legsBefore, nextOf } from './scene.ts';
import type { Scene, SignOf } from './sign.ts';
import { beginningOf, isWithoutCarrier, UP_TO_CARRIER_NS } from './stacked.ts';

/** Which event of a device the messages around a change point to, and the message that began it. */
export interface DeviceStory {
  readonly event: LinkEvent;
  readonly ifindex: number;
  readonly root?: SignOf<'link'>;
  /** Where no message of the device began it: the one that stands for the act. */
  readonly anchor?: Pick<SignOf<'route'>, 'at' | 'time' | 'header'>;
  readonly weak?: true;
  readonly seen: string;
}

const IPV6_MIN_MTU = 1280;
const IPV4_MIN_MTU = 68;

export function deviceStory(scene: Scene): DeviceStory | undefined {
  const story = ownStory(scene);
  if (story?.root === undefined || (story.event !== 'admin' && story.event !== 'carrier')) return story;
  const root = beginningOf(scene.book, story.root);
  return root.ifindex === story.ifindex ? story : { ...story, root, ifindex: root.ifindex, seen: `${story.seen}, right after another one that it depends on` };
}

/** By what happened to the device of the route itself. */
function ownStory(scene: Scene): DeviceStory | undefined {
  const { isOfFlags, change: { change, silent, route } } = scene;
  if (isOfFlags === true) return flagsStory(scene);
  if (silent) return silentStory(scene);
  const isLoss = change === 'delete';
  const devices = isLoss && route.family === 'ipv6' ? legsBefore(scene).flatMap(leg => leg.ifindex ?? []) : ifindexesOf(scene);
  for (const ifindex of new Set(devices)) {
    const story = isLoss ? lossStory(scene, ifindex) : gainStory(scene, ifindex);
    if (story !== undefined) return story;
  }
  return undefined;
}

/** A device that was closed by the kernel: the message of its end, or of its move, comes behind all that it takes along. */
function closedStory(scene: Scene, ifindex: number, root: SignOf<'link'>): DeviceStory {
  const end = scene.book.after(root.at, 'link', sign => sign.ifindex === ifindex && ['removed', 'moved', 'up'].includes(sign.event));
  return end === undefined || end.event === 'up' || !isOneAct(scene, root, end) ? { event: 'admin', ifindex, root, seen: 'the kernel set the device down just before' } : endStory(ifindex, end);
}

/** Between the closing of a device and its end the kernel waits for others to let go of it. */
const UNREGISTERING_NS = 5_000_000_000n;

/** A bond or team lets its port go, which is told, and then closes it; one that is removed is closed first. */
function isOneAct(scene: Scene, closed: SignOf<'link'>, end: SignOf<'link'>): boolean {
  const released = scene.book.before(closed.at, 'link', sign => sign.ifindex === closed.ifindex && sign.event === 'master');
  const from = released === undefined || !isClose(released, closed) ? undefined : released.before?.master;
  return end.time - closed.time < UNREGISTERING_NS && !(from !== undefined && (isOfKind(scene, from, 'bond') || isOfKind(scene, from, 'team')));
}

const endStory = (ifindex: number, end: SignOf<'link'>): DeviceStory => end.event === 'moved'
  ? { event: 'netns-moved', ifindex, root: end, seen: 'the device was set down, lost its addresses, and left for another namespace' }
  : { event: 'unregistered', ifindex, root: end, seen: 'the device was set down, lost its addresses, and was removed' };

/** A route, or a leg of one, that was announced as deleted. */
function lossStory(scene: Scene, ifindex: number): DeviceStory | undefined {
  if ((scene.header?.portid ?? 0) !== 0) return undefined;
  const { route } = scene.change;
  const isIpv4 = route.family === 'ipv4';
  // With the end of a device go the legs over it. When it is set down, or loses IPv6, they are marked dead, and if none is left alive the route goes whole (fib6_ifdown()).
  const isOverIt = ifindexesOf(scene).has(ifindex);
  const isLast = (at: number): boolean => isIpv4 || isLastAlive(scene, ifindex, at);
  const down = lastOf(scene, ifindex, ['down', 'closed'], ['up', 'created']);
  // IPv4: what is announced while a device is down belongs to an address, which outlives that.
  if (down?.event === 'closed' && isClose(down, scene)) {
    const story = closedStory(scene, ifindex, down);
    if (isLast(down.at) || (isOverIt && story.event !== 'admin')) return story;
  }
  if (down?.event === 'down' && !isIpv4 && isClose(down, scene) && isLast(down.at)) return masterStory(scene, ifindex) ?? { event: 'admin', ifindex, root: down, seen: 'the device was set down just before' };
  const end = isOverIt ? endOfIp(scene, ifindex) : undefined;
  if (end !== undefined || isIpv4) return end;
  const story = masterStory(scene, ifindex) ?? disabledStory(scene, ifindex);
  // What is told of it may come behind.
  const from = story?.root?.at ?? story?.anchor?.at ?? scene.at;
  return isLast(from < scene.at ? from : scene.at) ? story : undefined;
}

/** The device lost its settings of this family with its addresses: it is about to go, or its MTU is too small. */
function endOfIp(scene: Scene, ifindex: number): DeviceStory | undefined {
  const { family } = scene.change.route;
  const end = nextOf(scene, ifindex, ['removed', 'moved', 'up', 'down']);
  const gone = scene.book.after(scene.at, 'netconf', sign => sign.ifindex === ifindex && sign.family === family);
  const next = nextOf(scene, ifindex, ['closed', 'down', 'up']);
  if (gone?.event !== 'gone' || !isClose(gone, scene) || (next !== undefined && next.at < gone.at)) return undefined;
  if (end !== undefined && (end.event === 'removed' || end.event === 'moved') && isClose(end, scene)) return endStory(ifindex, end);
  const mtu = lastOf(scene, ifindex, ['mtu']);
  return mtu !== undefined && isClose(mtu, scene) && isTooSmall(scene, mtu) ? { event: 'mtu', ifindex, root: mtu, seen: 'the MTU of the device fell below what IP needs just before' } : undefined;
}

const isTooSmall = ({ change: { route } }: Scene, { event, link }: SignOf<'link'>): boolean => event === 'mtu' && (link.mtu ?? 0) < (route.family === 'ipv4' ? IPV4_MIN_MTU : IPV6_MIN_MTU);

/** One that went lately counts, too. */
const isOfKind = (scene: Scene, ifindex: number, kind: string): boolean => scene.names.kind(ifindex) === kind
  || scene.book.before(Number.MAX_SAFE_INTEGER, 'link', sign => sign.ifindex === ifindex && sign.link.infoKind === kind) !== undefined;
/** It was put under a VRF, or released from one. */
const changesVrf = (scene: Scene, { event, link, before }: SignOf<'link'>): boolean =>
  event === 'master' && [link.master, before?.master].some(master => master !== undefined && master !== 0 && isOfKind(scene, master, 'vrf'));

/** Entering and leaving a VRF: the message that names the new master comes first, or behind. */
function masterStory(scene: Scene, ifindex: number): DeviceStory | undefined {
  const fits = (sign: SignOf<'link'>): boolean => sign.ifindex === ifindex && changesVrf(scene, sign) && isClose(sign, scene);
  const root = scene.book.before(scene.at, 'link', fits) ?? scene.book.after(scene.at, 'link', fits);
  return root === undefined ? undefined : { event: 'master', ifindex, root, seen: 'the device was put under a VRF, or released from one, at that moment' };
}

/** IPv6 went from a device as a whole, its multicast route included, and no message of the device came with it. */
function disabledStory(scene: Scene, ifindex: number): DeviceStory | undefined {
  const whole = wholeLoss(scene, ifindex);
  // With accept_dad 2 a device whose link-local address is taken by another host loses IPv6, too.
  return whole === undefined || duplicateBefore(scene, ifindex) !== undefined ? undefined
    : { event: 'disable-ipv6', ifindex, anchor: whole, seen: 'the device lost IPv6 as a whole, and no message said that it was set down' };
}

/** The other host's answer is told before the device loses IPv6 over it. */
export function duplicateBefore(scene: Scene, ifindex: number): SignOf<'address'> | undefined {
  const sign = scene.book.before(scene.at, 'address', one => one.event === 'duplicate' && one.address.ifindex === ifindex && isClose(one, scene));
  return sign !== undefined && wholeLoss(scene, ifindex) !== undefined ? sign : undefined;
}

/** The end of the device's multicast route, which goes only with all of IPv6. */
function wholeLoss(scene: Scene, ifindex: number): SignOf<'route'> | undefined {
  const isWhole = (sign: SignOf<'route'>): boolean => sign.change.route.type === RTN.MULTICAST && sign.change.change === 'delete' && sign.header.portid === 0
    && sign.change.route.nexthops.some(leg => leg.ifindex === ifindex) && isClose(sign, scene);
  const whole = scene.book.after(scene.at - 1, 'route', isWhole) ?? scene.book.before(scene.at, 'route', isWhole);
  if (whole === undefined) return undefined;
  // Between the two nothing came for that device: they are of one act.
  const [from, to] = scene.at < whole.at ? [scene.at, whole.at] : [whole.at, scene.at];
  const other = scene.book.after(from, 'route', sign => sign.at <= to && sign.change.change !== 'delete');
  if (other !== undefined && other.at < to) return undefined;
  // The device, or its MTU, was told to be the reason.
  const told = scene.book.before(to, 'link', sign => sign.ifindex === ifindex && (['up', 'created', 'down', 'closed'].includes(sign.event) || isTooSmall(scene, sign)));
  return told === undefined || told.event === 'up' || told.event === 'created' || !isClose(told, whole) ? whole : undefined;
}

/** A route that came: of what the device went through lately, the last one that can have brought it. */
function gainStory(scene: Scene, ifindex: number): DeviceStory | undefined {
  if (!isKernels(scene)) return undefined;
  const isIpv4 = scene.change.route.family === 'ipv4';
  const up = unspent(scene, ifindex, lastOf(scene, ifindex, ['up'], ['down', 'closed', 'carrier-lost']));
  const mtu = isIpv4 ? undefined : unspent(scene, ifindex, lastOf(scene, ifindex, ['mtu']));
  const master = masterStory(scene, ifindex);
  if (mtu !== undefined && mtu.at > (up?.at ?? -1) && (mtu.before?.mtu ?? IPV6_MIN_MTU) < IPV6_MIN_MTU && (mtu.link.mtu ?? 0) >= IPV6_MIN_MTU) return { event: 'mtu', ifindex, root: mtu, seen: 'the MTU of the device rose above what IPv6 needs just before' };
  // Addresses that the device kept get their prefix routes when it is set up, carrier or not (addrconf_permanent_addr()).
  const isKept = scene.change.route.type === RTN.UNICAST && scene.change.route.dst !== 'fe80::/64';
  if (up !== undefined && (isIpv4 || isKept || (up.link.flags & IFF.RUNNING) !== 0)) return master ?? { event: 'admin', ifindex, root: up, seen: 'the device was set up just before' };
  if (isIpv4 || master !== undefined) return isIpv4 ? undefined : master;
  const carrier = nextOf(scene, ifindex, ['carrier-gained', 'carrier-lost', 'up', 'down', 'closed']);
  if (carrier?.event !== 'carrier-gained' || !isClose(carrier, scene)) return undefined;
  // A device that is set up has its carrier told soon after, where there is one.
  const cause = up !== undefined && !isWithoutCarrier(up) && carrier.time - up.time < UP_TO_CARRIER_NS ? up : undefined;
  return { event: 'carrier', ifindex, root: cause ?? carrier, seen: `the device gained its carrier at that moment${cause === undefined ? '' : ', right after it was set up'}` };
}

/** An event brings a route once: neither has it done so already, nor did its address come, change or go since. */
function unspent(scene: Scene, ifindex: number, event: SignOf<'link'> | undefined): SignOf<'link'> | undefined {
  if (event === undefined || scene.time - event.time > UP_TO_CARRIER_NS) return undefined;
  const { book, at, change: { route } } = scene;
  const again = book.before(at, 'route', sign => sign.change.route.dst === route.dst && sign.change.route.table === route.table && sign.change.route.nexthops.some(leg => leg.ifindex === ifindex));
  const address = book.before(at, 'address', sign => sign.address.family === route.family && sign.address.ifindex === ifindex && !(sign.header.portid === 0 && isLoopbacks(sign.address)));
  return (again !== undefined && again.at > event.at) || (route.family === 'ipv4' && address !== undefined && address.at > event.at) ? undefined : event;
}

/** Of a route that only a look at the tables shows to be gone: of all that takes such routes along, what came first since it was seen last. The rest found it gone. */
export function takerOf(scene: Scene): SignOf<'link'> | SignOf<'address'> | undefined {
  const { since = 0, at, book } = scene;
  const devices = ifindexesOf(scene);
  const link = book.after(since - 1, 'link', sign => sign.at < at && devices.has(sign.ifindex) && takes(scene, sign));
  const address = addressLoss(scene, sign => isLastAlive(scene, sign.address.ifindex, sign.at));
  return link === undefined || (address !== undefined && address.at < link.at) ? address : link;
}

function takes(scene: Scene, sign: SignOf<'link'>): boolean {
  const { route, legs } = scene.change;
  const isOnObject = route.nhid !== undefined;
  const isLast = (): boolean => isLastAlive(scene, sign.ifindex, sign.at);
  switch (sign.event) {
    // An IPv4 route goes with the first of its devices that ends, whatever its other legs are (fib_sync_down_dev()).
    case 'removed': case 'moved': return (route.family === 'ipv4' && !isOnObject) || isLast();
    // Addresses of this host stay where a device is down, and legs where others live.
    case 'down': case 'closed': return (isOnObject || (legs === undefined && !(route.family === 'ipv4' && route.scope === RT_SCOPE.HOST))) && isLast();
    case 'master': return legs === undefined && changesVrf(scene, sign) && isLast();
    case 'mtu': return !isOnObject && isTooSmall(scene, sign) && isLast();
    // Nexthop objects go with the carrier (nh_netdev_event()).
    case 'carrier-lost': return isOnObject && (sign.link.flags & (IFF.RUNNING | IFF.LOWER_UP)) === 0 && isLast();
    default: return false;
  }
}

/** The first address since then without which a device of the route had none left: IPv4 ends on it (fib_disable_ip()), and nexthop objects stay. */
export function addressLoss(scene: Scene, fits: (sign: SignOf<'address'>) => boolean = () => true): SignOf<'address'> | undefined {
  const { since = 0, at, book, change: { route } } = scene;
  if (route.family !== 'ipv4' || route.nhid !== undefined) return undefined;
  const devices = ifindexesOf(scene);
  return book.after(since - 1, 'address', sign => sign.at < at && sign.event === 'removed' && sign.address.family === 'ipv4' && devices.has(sign.address.ifindex)
    && !hasIpv4(book, sign.address.ifindex, sign.at + 1) && !goesWithDevice(scene, sign) && fits(sign));
}

/** A device that ends is down by then, and loses its addresses before its settings (inetdev_destroy()). */
function goesWithDevice(scene: Scene, { at, time, header, address: { ifindex } }: SignOf<'address'>): boolean {
  const gone = scene.book.after(at, 'netconf', sign => sign.ifindex === ifindex && sign.family === 'ipv4');
  return header.portid === 0 && isSetDown(scene, ifindex, at) && gone?.event === 'gone' && isClose(gone, { time });
}

/** A route of which only a look told that it is gone. */
function silentStory(scene: Scene): DeviceStory | undefined {
  const root = takerOf(scene);
  if (root?.kind !== 'link') return undefined;
  const { ifindex } = root;
  switch (root.event) {
    case 'closed': return closedStory(scene, ifindex, root);
    case 'removed': case 'moved': return endStory(ifindex, root);
    case 'mtu': return { event: 'mtu', ifindex, root, seen: 'the MTU of the device fell below what IP needs' };
    case 'master': return { event: 'master', ifindex, root, seen: 'the device was put under a VRF, or released from one' };
    case 'carrier-lost': return { event: 'carrier', ifindex, root, seen: 'the device lost its carrier' };
    default: {
      const master = scene.book.after(root.at, 'link', sign => sign.ifindex === ifindex && isClose(sign, root) && changesVrf(scene, sign));
      return master === undefined ? { event: 'admin', ifindex, root, seen: 'the device was set down' } : { event: 'master', ifindex, root: master, seen: 'the device was put under a VRF, or released from one' };
    }
  }
}

/** Legs that can no longer be used, or can again: the last event of their device since they were seen otherwise. */
function flagsStory(scene: Scene): DeviceStory | undefined {
  const { since = 0, at, change: { change, legs = [] } } = scene;
  const devices = new Set(legs.map(leg => leg.ifindex));
  const root = scene.book.before(at, 'link', sign => sign.at >= since && devices.has(sign.ifindex) && ['up', 'down', 'closed', 'carrier-gained', 'carrier-lost'].includes(sign.event));
  if (root === undefined) return undefined;
  const { ifindex } = root;
  // Without its last address they were dead before, unless something brought them back.
  const isBack = (from: number): boolean => scene.book.after(from, 'link', sign => sign.at < root.at && sign.ifindex === ifindex && sign.event === 'up') !== undefined
    || scene.book.after(from, 'address', sign => sign.at < root.at && sign.address.ifindex === ifindex && sign.address.family === 'ipv4' && sign.event === 'added') !== undefined;
  if (change === 'delete' && addressLoss(scene, sign => sign.at < root.at && sign.address.ifindex === ifindex && !isBack(sign.at)) !== undefined) return undefined;
  if (root.event === 'closed') return closedStory(scene, ifindex, root);
  return root.event.startsWith('carrier') ? { event: 'carrier', ifindex, root, seen: `the device ${root.event === 'carrier-lost' ? 'lost' : 'gained'} its carrier` } : { event: 'admin', ifindex, root, seen: `the device was set ${root.event}` };
}

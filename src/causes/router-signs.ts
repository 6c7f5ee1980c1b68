import { RTN } from '../model/route.ts';
import { storyOf } from './link-signs.ts';
import { ipv6Story } from './ipv6-story.ts';
import { deviceIn, isClose } from './scene.ts';
import type { Scene, Sign, SignOf, Trace } from './sign.ts';
import type { Actor, Trigger } from '../model/output.ts';

const PROTO_RA = 9;
const ALL = -1;
const DEFAULT = -2;

const isRouters = ({ change, header }: Scene): boolean => change.route.family === 'ipv6' && change.route.protocol === PROTO_RA && (header?.portid ?? 0) === 0 && !change.silent;
const isDefault = ({ change }: Scene): boolean => change.route.dst === '::/0';

/** Of an address that went through detection, the message that told its prefix: which routes and prefixes came in one packet is not told. */
function packetOf({ book, header }: Scene, from: Pick<Sign, 'at' | 'time'> & { readonly header?: Sign['header'] | undefined; readonly kind?: Sign['kind'] }, ifindex: number | undefined): Pick<Trace, 'root'> {
  const own = from.header ?? header;
  const prefix = from.kind === 'address' ? book.before(from.at, 'prefix', sign => sign.prefix.ifindex === ifindex) : undefined;
  return prefix !== undefined ? { root: prefix } : own === undefined ? {} : { root: { at: from.at, time: from.time, header: own } };
}

/** Advertised routes lead to whoever advertised them: their gateway is the source of the packet (RFC 4861 section 6.3.4). */
function routerOf({ change }: Scene): Actor {
  const address = change.route.nexthops[0]?.gateway;
  return { kind: 'router', ...(address === undefined ? {} : { address }) };
}

function advertisement(scene: Scene, ifindex: number | undefined): Trigger {
  const source = scene.change.route.nexthops[0]?.gateway;
  const { dev } = deviceIn(scene, ifindex);
  return { kind: 'router-advertisement', ...(source === undefined ? {} : { source }), ...(dev === undefined ? {} : { dev }) };
}

/** Not removed by its device, and not because its time was over. */
const isWithdrawn = (scene: Scene): boolean => isRouters(scene) && scene.change.change === 'delete' && !isOver(scene) && storyOf(scene) === undefined;
/** By its own message, or by what was told when it came. */
const isOver = ({ told, secondsLeft }: Scene): boolean => (told?.expiresSec ?? secondsLeft ?? 1) <= 0;

export function advertisementSign(scene: Scene): Trace | undefined {
  const ifindex = scene.change.route.nexthops[0]?.ifindex;
  if (isRouters(scene) && scene.change.change !== 'delete') return { trigger: advertisement(scene, ifindex), actor: routerOf(scene), ...packetOf(scene, scene, ifindex), seen: 'the kernel made a route of protocol ra by itself: it does so for advertisements only', tellApart: 'a listener for router advertisements sees the packet' };
  if (isWithdrawn(scene) && (purgeOf(scene) === undefined || isWithPrefix(scene))) return { trigger: advertisement(scene, ifindex), actor: routerOf(scene), ...packetOf(scene, scene, ifindex), seen: 'an advertised route went before its time', tellApart: 'a listener for router advertisements sees lifetime 0' };
  const story = ipv6Story(scene);
  if (story?.kind !== 'advertised' || scene.change.route.type === 4) return undefined;
  return { trigger: { ...advertisement(scene, story.ifindex) }, actor: { kind: 'router' }, ...packetOf(scene, story.root ?? scene, story.ifindex), seen: 'the kernel told of the prefix option of an advertisement, or of an address made from one, right with it', tellApart: 'a listener for router advertisements sees the packet' };
}

/** Forwarding was switched on for the namespace, or for a device: told right before what that purges (addrconf_fixup_forwarding()). */
function purgeOf(scene: Scene): SignOf<'netconf'> | undefined {
  if (!isDefault(scene)) return undefined;
  const sign = scene.book.before(scene.at, 'netconf', one => one.family === 'ipv6' && one.ifindex !== DEFAULT);
  if (sign?.event !== 'on' || !isClose(sign, scene)) return undefined;
  // Between the two only what is purged along with it.
  const other = scene.book.after(sign.at, 'route', one => one.change.change !== 'delete' && one.change.route.type !== RTN.ANYCAST);
  return other !== undefined && other.at < scene.at ? undefined : sign;
}

export function purgeSign(scene: Scene): Trace | undefined {
  if (!isWithdrawn(scene) || !isDefault(scene) || isWithPrefix(scene)) return undefined;
  const root = purgeOf(scene);
  if (root !== undefined) {
    const place = root.ifindex === ALL ? 'all' : (deviceIn(scene, root.ifindex).dev ?? `ifindex ${root.ifindex}`).replaceAll('.', '/');
    return { trigger: { kind: 'sysctl', name: `net.ipv6.conf.${place}.forwarding`, oldValue: 0, value: 1 }, root, seen: 'forwarding was switched on at that moment', tellApart: 'an advertisement with lifetime 0 at that moment leaves the same messages' };
  }
  // Written again with the value that it has, on whatever device, it tells nothing, and purges all the same.
  if (!scene.book.isForwarding(scene.at)) return undefined;
  return { trigger: { kind: 'unknown' }, seen: 'forwarding is on, and writing that again removes advertised default routes without a word', tellApart: 'a listener for router advertisements sees whether one with lifetime 0 came' };
}

/** The prefixes of an advertisement are worked on after its lifetime as a router. */
function isWithPrefix(scene: Scene): boolean {
  const ifindex = scene.change.route.nexthops[0]?.ifindex;
  const prefix = scene.book.after(scene.at, 'prefix', sign => sign.prefix.ifindex === ifindex);
  return prefix !== undefined && isClose(prefix, scene);
}

export const hostSign = (scene: Scene): Trace | undefined => !isWithdrawn(scene) || isWithPrefix(scene) || !isDefault(scene) || purgeOf(scene) !== undefined ? undefined
  : { trigger: { kind: 'unknown' }, seen: 'an advertised default route went before its time', tellApart: 'ip neigh show: without "router" its gateway says that it is a host' };

/** The message that deletes an expired route says that its time is over. */
export function routeExpirySign(scene: Scene): Trace | undefined {
  if (scene.change.change !== 'delete' || scene.change.route.family !== 'ipv6' || (scene.header?.portid ?? 0) !== 0 || !isOver(scene)) return undefined;
  return { trigger: { kind: 'route-lifetime' }, ...(scene.maker !== undefined ? { root: scene.maker } : scene.change.route.protocol === PROTO_RA ? { actor: routerOf(scene) } : {}), seen: 'the message of its end says that its lifetime was over', tellApart: 'under tracing the sweep is seen' };
}

import { NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { storyOf } from './link-signs.ts';
import { ipv6Story } from './ipv6-story.ts';
import { forwardingTrigger } from './forwarding.ts';
import { farewellTo, heardAdvertisement, type HeardAdvertisement } from './heard.ts';
import { covers, deviceIn, isClose, isOver } from './scene.ts';
import type { Scene, Sign, SignOf, Trace } from './sign.ts';
import type { Actor, Trigger } from '../model/output.ts';

const { ALL, DEFAULT } = NETCONFA_IFINDEX;

const isRouters = ({ change, header }: Scene): boolean => change.route.family === 'ipv6' && change.route.protocol === RTPROT.RA && (header?.portid ?? 0) === 0 && !change.silent;
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

function advertisement(scene: Scene, ifindex: number | undefined): Extract<Trigger, { kind: 'router-advertisement' }> {
  const source = scene.change.route.nexthops[0]?.gateway;
  const { dev } = deviceIn(scene, ifindex);
  return { kind: 'router-advertisement', ...(source === undefined ? {} : { source }), ...(dev === undefined ? {} : { dev }) };
}

/** Not removed by its device, and not because its time was over. */
const isWithdrawn = (scene: Scene): boolean => isRouters(scene) && scene.change.change === 'delete' && isOver(scene) !== true && storyOf(scene) === undefined;
const HEARD = 'an advertisement of that router was heard at that moment';
/** Lifetimes are told in whole seconds, and by the message a moment later. */
const SLACK_SEC = 2;
const isSameLifetime = (told: number, heardSec: number | undefined): boolean => heardSec !== undefined && Math.abs(told - heardSec) <= SLACK_SEC;

/** The advertisement that says what became of the route: as default router, or by a route of its own (RFC 4191). */
function packetFor(scene: Scene): HeardAdvertisement | undefined {
  const { change, route } = scene.change;
  const [leg] = route.nexthops;
  // Some are announced before their lifetime is set.
  const { expiresSec = 0 } = route;
  const fits = (heardSec: number | undefined): boolean => change === 'delete' ? heardSec === 0 : expiresSec > 0 ? isSameLifetime(expiresSec, heardSec) : heardSec !== 0;
  return heardAdvertisement(scene, scene, packet => packet.from === leg?.gateway && packet.ifindex === leg.ifindex
    && (packet.routes.some(one => one.prefix === route.dst && fits(one.validSec)) || (isDefault(scene) && fits(packet.lifetimeSec))));
}

const lifetimeOf = ({ lifetime }: Pick<HeardAdvertisement, 'lifetime'> = {}): { readonly lifetime?: number } => lifetime === undefined ? {} : { lifetime };

export function advertisementSign(scene: Scene): Trace | undefined {
  const ifindex = scene.change.route.nexthops[0]?.ifindex;
  if (isRouters(scene) && scene.change.change !== 'delete') {
    const packet = packetFor(scene);
    return {
      trigger: { ...advertisement(scene, ifindex), ...lifetimeOf(packet) }, actor: routerOf(scene), ...(packet?.root === undefined ? packetOf(scene, scene, ifindex) : { root: packet.root }),
      seen: `the kernel made a route of protocol ra by itself: it does so for advertisements only${packet === undefined ? '' : `; ${HEARD}`}`, tellApart: 'a listener for router advertisements sees the packet',
    };
  }
  if (isWithdrawn(scene)) return withdrawal(scene, ifindex);
  const story = ipv6Story(scene);
  return story?.kind !== 'advertised' || scene.change.route.type === RTN.ANYCAST ? undefined : prefixSign(scene, story);
}

function withdrawal(scene: Scene, ifindex: number | undefined): Trace | undefined {
  const trigger = advertisement(scene, ifindex);
  const base = { trigger, actor: routerOf(scene), ...packetOf(scene, scene, ifindex), seen: 'an advertised route went before its time', tellApart: 'a listener for router advertisements sees lifetime 0' };
  if (!isDefault(scene)) {
    const packet = packetFor(scene);
    return packet === undefined ? base : { ...base, trigger: { ...trigger, ...lifetimeOf(packet) }, ...(packet.root === undefined ? {} : { root: packet.root }), seen: `${base.seen}; ${HEARD}` };
  }
  const farewell = farewellTo(scene);
  if (farewell?.advertisement !== undefined) return { ...base, trigger: { ...trigger, lifetime: 0 }, root: farewell.advertisement, seen: `${base.seen}; ${HEARD}, with lifetime 0` };
  // Default routes go for other reasons, too: that it was not said counts where somebody listened.
  return (farewell !== undefined || purgeOf(scene) !== undefined) && !isWithPrefix(scene) ? undefined : base;
}

/** A prefix option names no router: whoever was heard to send it, if it was one alone. */
function prefixSign(scene: Scene, story: Extract<ReturnType<typeof ipv6Story>, { kind: 'advertised' }>): Trace {
  const own = packetOf(scene, story.root ?? scene, story.ifindex);
  const packet = heardAdvertisement(scene, own.root ?? scene, one => one.ifindex === story.ifindex && one.prefixes.some(({ prefix }) => covers(prefix, scene.change.route.dst)));
  return {
    trigger: { ...advertisement(scene, story.ifindex), ...(packet === undefined ? {} : { source: packet.from }), ...lifetimeOf(packet) },
    actor: { kind: 'router', ...(packet === undefined ? {} : { address: packet.from }) }, ...(packet?.root === undefined ? own : { root: packet.root }),
    seen: `the kernel told of the prefix option of an advertisement, or of an address made from one, right with it${packet === undefined ? '' : `; one from ${packet.from} with that prefix was heard at that moment`}`, tellApart: 'a listener for router advertisements sees the packet',
  };
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
    return { trigger: forwardingTrigger(scene, root, root.ifindex === ALL ? root : undefined), root, seen: 'forwarding was switched on at that moment', tellApart: 'an advertisement with lifetime 0 at that moment leaves the same messages' };
  }
  const farewell = farewellTo(scene);
  // Written again with the value that it has, on whatever device, it tells nothing, and purges all the same.
  if (!scene.book.isForwarding(scene.at) || farewell?.advertisement !== undefined || farewell?.answer !== undefined) return undefined;
  if (farewell !== undefined) return { trigger: { kind: 'unknown' }, weak: true, seen: 'forwarding is on, and writing that again removes advertised default routes without a word; no router was heard to take it back', tellApart: 'under tracing the write is seen' };
  return { trigger: { kind: 'unknown' }, seen: 'forwarding is on, and writing that again removes advertised default routes without a word', tellApart: 'a listener for router advertisements sees whether one with lifetime 0 came' };
}

/** The prefixes of an advertisement are worked on after its lifetime as a router. */
function isWithPrefix(scene: Scene): boolean {
  const ifindex = scene.change.route.nexthops[0]?.ifindex;
  const prefix = scene.book.after(scene.at, 'prefix', sign => sign.prefix.ifindex === ifindex);
  return prefix !== undefined && isClose(prefix, scene);
}

export function hostSign(scene: Scene): Trace | undefined {
  if (!isWithdrawn(scene) || isWithPrefix(scene) || !isDefault(scene)) return undefined;
  const farewell = farewellTo(scene);
  if (farewell?.answer !== undefined) {
    return {
      trigger: advertisement(scene, scene.change.route.nexthops[0]?.ifindex), actor: routerOf(scene), root: farewell.answer,
      seen: 'an advertised default route went before its time, and its router was heard to answer as a host at that moment', tellApart: 'an advertisement with lifetime 0 at that moment, or forwarding switched on, leaves the same messages',
    };
  }
  return farewell !== undefined || purgeOf(scene) !== undefined ? undefined
  : { trigger: { kind: 'unknown' }, seen: 'an advertised default route went before its time', tellApart: 'ip neigh show: without "router" its gateway says that it is a host' };
}

/** The message that deletes an expired route says that its time is over. */
export function routeExpirySign(scene: Scene): Trace | undefined {
  if (scene.change.change !== 'delete' || scene.change.route.family !== 'ipv6' || (scene.header?.portid ?? 0) !== 0) return undefined;
  const isSure = isOver(scene);
  if (isSure === false) return undefined;
  return { trigger: { kind: 'route-lifetime' }, ...(isSure === true ? {} : { weak: true as const }), ...(scene.maker !== undefined ? { root: scene.maker } : scene.change.route.protocol === RTPROT.RA ? { actor: routerOf(scene) } : {}), seen: scene.told?.expiresSec === undefined ? 'its lifetime was over, by what was told of it when it came' : 'the message of its end says that its lifetime was over', tellApart: 'under tracing the sweep is seen' };
}

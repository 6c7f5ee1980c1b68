import { RTN } from '../model/route.ts';
import { IFA_F } from '../model/rtnetlink.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { enabledTrigger } from './disable-ipv6.ts';
import { ipv4Story, type Ipv4Story } from './ipv4-story.ts';
import { ipv6Story, secondsLeft } from './ipv6-story.ts';
import { addressTrigger, deviceIn } from './scene.ts';
import type { Scene, SignOf, Trace } from './sign.ts';

const told = (event: string): string => `the message that an address was ${event} came right with it`;
/** Of what was told in whole seconds, so much may be left at the very end. */
const SURE_SEC = 1.1;
const REQUEST_OR_NOT = 'who asked is told by the port id where the kernel passes it on; under tracing always';

const ofAddress = (scene: Scene, sign: SignOf<'address'>, event: 'added' | 'removed' | 'changed'): Trace =>
  ({ trigger: addressTrigger(scene, sign, event), root: sign, seen: told(event), tellApart: REQUEST_OR_NOT });

export function ipv4Sign(scene: Scene, ...kinds: readonly Ipv4Story['kind'][]): Trace | undefined {
  const story = ipv4Story(scene);
  if (story === undefined || !(kinds.includes(story.kind) || (kinds.includes('removed') && isDoubtful(story)))) return undefined;
  if (story.kind === 'promoted') return { ...ofAddress(scene, rootOfPromotion(scene, story.sign), 'removed'), seen: 'a secondary address took the place of one that was removed' };
  return ofAddress(scene, story.kind === 'removed' ? primaryOf(scene, story.sign) : story.sign, story.kind === 'expired' ? 'removed' : story.kind);
}

/** Secondary addresses go before the primary one that takes them along, all by the same request. */
function primaryOf({ book }: Scene, sign: SignOf<'address'>): SignOf<'address'> {
  if ((sign.address.flags & IFA_F.SECONDARY) === 0 || sign.header.portid === 0) return sign;
  return book.after(sign.at, 'address', one => one.event === 'removed' && one.header.portid === sign.header.portid && one.header.seq === sign.header.seq && (one.address.flags & IFA_F.SECONDARY) === 0) ?? sign;
}

/** The address whose removal promoted another one is told before it. */
function rootOfPromotion(scene: Scene, sign: SignOf<'address'>): SignOf<'address'> {
  if (sign.event === 'removed') return sign;
  return scene.book.before(sign.at, 'address', one => one.event === 'removed' && one.address.ifindex === sign.address.ifindex && one.address.family === 'ipv4') ?? sign;
}

export function ipv6Sign(scene: Scene, ...events: readonly ('added' | 'removed' | 'changed')[]): Trace | undefined {
  if (events.includes('removed') && scene.change.silent) return sourceSign(scene);
  const story = ipv6Story(scene);
  if (story?.kind === 'expired' && events.includes('removed') && isDoubtful(story)) return ofAddress(scene, story.sign, 'removed');
  return story?.kind === 'address' && events.includes(story.event) && scene.change.route.type !== RTN.ANYCAST ? ofAddress(scene, story.sign, story.event) : undefined;
}

/** Lifetimes are told in whole seconds: near its end an address may as well have been removed. */
const isDoubtful = ({ kind, sign }: { readonly kind: string; readonly sign: SignOf<'address'> }): boolean => kind === 'expired' && secondsLeft(sign) > SURE_SEC;

/** A route that lost its preferred source with the address. */
function sourceSign(scene: Scene): Trace | undefined {
  const { change, replaced, route } = scene.change;
  const source = replaced?.prefsrc;
  if (change !== 'replace' || route.family !== 'ipv6' || source === undefined || route.prefsrc !== undefined) return undefined;
  const sign = scene.book.after((scene.since ?? 0) - 1, 'address', one => one.at < scene.at && one.event === 'removed' && one.address.address === source);
  return sign === undefined ? undefined : { ...ofAddress(scene, sign, 'removed'), seen: 'the address that it preferred as its source was removed' };
}

/** IPv6 prefix routes of dynamic addresses end by a lifetime of their own. */
export function expirySign(scene: Scene): Trace | undefined {
  const sign = ipv4Story(scene)?.kind === 'expired' ? ipv4Story(scene)?.sign : ofKind(scene, 'expired');
  const { route } = scene.change;
  // A prefix route of a dynamic address has a lifetime of its own.
  if (sign === undefined || scene.change.change !== 'delete' || (scene.secondsLeft !== undefined && route.type === RTN.UNICAST)) return undefined;
  const { dev } = deviceIn(scene, route.nexthops[0]?.ifindex);
  return {
    trigger: { kind: 'address-lifetime', ...(route.type === RTN.LOCAL ? { address: addressPart(route.dst) } : {}), ...(dev === undefined ? {} : { dev }) },
    root: scene.book.before(sign.at, 'address', one => one.event !== 'removed' && one.address.address === sign.address.address && one.address.ifindex === sign.address.ifindex && one.header.portid !== 0) ?? sign,
    seen: 'the address was removed by nobody\'s request, with no valid lifetime left', tellApart: 'a request that removes it within the last second leaves the same messages',
  };
}

export function duplicateSign(scene: Scene): Trace | undefined {
  const sign = ofKind(scene, 'duplicate');
  return sign === undefined ? undefined : { trigger: { kind: 'address-change', event: 'removed' }, root: sign, seen: 'the address was removed before its duplicate address detection had ended', tellApart: 'a request that removes a tentative address leaves the same messages; the kernel\'s log names duplicates' };
}

export function temporarySign(scene: Scene): Trace | undefined {
  const sign = ofKind(scene, 'temporary');
  return sign === undefined ? undefined : { trigger: { kind: 'address-lifetime' }, root: sign, seen: 'a temporary address came, and no advertisement with it', tellApart: 'under tracing the worker that made it is seen' };
}

function ofKind(scene: Scene, kind: 'expired' | 'duplicate' | 'temporary' | 'generated'): SignOf<'address'> | undefined {
  const story = ipv6Story(scene);
  return story?.kind === kind ? story.sign : undefined;
}

/** IPv6 began on a device without a message of the device: its multicast route is new only if all of it is. */
export function enabledSign(scene: Scene): Trace | undefined {
  const story = ipv6Story(scene);
  if (story?.kind !== 'begun' || !story.isWhole) return undefined;
  return {
    trigger: enabledTrigger(scene, story.ifindex),
    root: story.root, seen: 'IPv6 as a whole began on the device, and no message said that it was set up or gained a carrier', tellApart: 'sysctl net.ipv6.conf.DEV.disable_ipv6, if one knows what it was before',
  };
}

export function generationSign(scene: Scene): Trace | undefined {
  const story = ipv6Story(scene);
  const tellApart = 'sysctl net.ipv6.conf.DEV.addr_gen_mode and stable_secret, and ip token, if one knows what they were before';
  if (story?.kind === 'begun' && !story.isWhole) return { trigger: { kind: 'unknown' }, root: story.root, seen: 'a link-local prefix came to a device that had IPv6 all the time', tellApart };
  if (story?.kind !== 'generated') return undefined;
  const isGone = scene.change.change === 'delete';
  return {
    trigger: isGone ? { kind: 'link-state', ...deviceIn(scene, story.sign.address.ifindex) } : { kind: 'unknown' }, root: story.sign,
    seen: isGone ? 'the advertised address was ended before its time' : 'a link-local address came to a device that had not been set up just before', tellApart,
  };
}

import { RTN } from '../model/route.ts';
import { IFA_F } from '../model/rtnetlink.ts';
import { addressLoss, deviceStory, takerOf } from './device-story.ts';
import { isOver } from './ipv6-story.ts';
import { belongs, cameSince, ifindexesOf, isClose, isKernels, isOfMetric } from './scene.ts';
import type { Scene, SignOf } from './sign.ts';

/** What the messages around an IPv4 route that came or went by itself point to. */
export interface Ipv4Story { readonly kind: 'added' | 'changed' | 'removed' | 'promoted' | 'expired'; readonly sign: SignOf<'address'> }

export function ipv4Story(scene: Scene): Ipv4Story | undefined {
  const { change } = scene;
  if (change.route.family !== 'ipv4' || (scene.header?.portid ?? 0) !== 0) return undefined;
  if (change.silent) return silent(scene);
  const asked = nearest(scene);
  // A request that is answered by the end of the address: the device, which may go soon after, has no part in it.
  if (change.change === 'delete' && asked?.event === 'removed' && asked.header.portid !== 0) return secondaryStory(scene) ?? { kind: 'removed', sign: asked };
  const story = deviceStory(scene);
  if (story !== undefined) return undefined;
  const secondary = secondaryStory(scene);
  if (secondary !== undefined) return secondary;
  const near = asked;
  if (near === undefined) return undefined;
  if (change.change !== 'delete') {
    if (!isKernels(scene)) return undefined;
    // A secondary that is primary now: its routes are those of an address that was there.
    if (near.event === 'changed') return { kind: isPromoted(near) ? 'promoted' : 'changed', sign: near };
    return near.event === 'removed' ? { kind: 'promoted', sign: near } : { kind: 'added', sign: near };
  }
  if (near.event === 'removed') return { kind: isOver(near) ? 'expired' : 'removed', sign: near };
  return near.event === 'changed' ? { kind: isPromoted(near) ? 'promoted' : 'changed', sign: near } : undefined;
}

/** Addresses that stay secondary change their primary one, and their routes with it: before its end is told, and after. */
function secondaryStory(scene: Scene): Ipv4Story | undefined {
  const { route, change } = scene.change;
  const [ifindex] = ifindexesOf(scene);
  if (route.type !== RTN.LOCAL || ifindex === undefined || route.prefsrc === undefined || `${route.prefsrc}/32` === route.dst) return undefined;
  const isOfPrimary = (sign: SignOf<'address'>): boolean => sign.event === 'removed' && sign.address.ifindex === ifindex && sign.address.family === 'ipv4' && isClose(sign, scene) && (sign.address.flags & IFA_F.SECONDARY) === 0;
  const sign = change === 'delete' ? scene.book.after(scene.at, 'address', one => isOfPrimary(one) && one.address.address === route.prefsrc) : scene.book.before(scene.at, 'address', isOfPrimary);
  const next = sign === undefined ? undefined : scene.book.after(sign.at, 'address', one => one.address.ifindex === ifindex && one.event === 'changed' && isPromoted(one));
  return sign === undefined || next === undefined || !isClose(next, scene) ? undefined : { kind: 'promoted', sign };
}

const isPromoted = ({ address, before }: SignOf<'address'>): boolean => ((before?.flags ?? 0) & IFA_F.SECONDARY) !== 0 && (address.flags & IFA_F.SECONDARY) === 0;

/** Addresses are told before their routes; a change of metric after them. */
function nearest(scene: Scene): SignOf<'address'> | undefined {
  const { route, change } = scene.change;
  const next = scene.book.after(scene.at, 'address', sign => belongs(scene, sign.address));
  if (next?.event === 'changed' && isClose(next, scene) && isOfMetric(next, change, route, 0)) return next;
  const fits = (sign: SignOf<'address'>): boolean => isClose(sign, scene) && (belongs(scene, sign.address) || (sign.event === 'removed' && route.prefsrc === sign.address.address))
    && (change !== 'delete' || sign.event !== 'removed' || takesAlong(scene, sign));
  const before = scene.book.before(scene.at, 'address', fits);
  if (before !== undefined && !(change === 'delete' && cameSince(scene, before))) return before;
  return scene.book.after(scene.at, 'address', sign => sign.event === 'changed' && fits(sign));
}

/** fib_del_ifaddr() removes what has the address for its source; what other addresses of the device need stays. */
function takesAlong({ book, change: { route } }: Scene, { at, address: { address, ifindex, broadcast } }: SignOf<'address'>): boolean {
  if (route.dst === `${address}/32` || route.prefsrc === undefined || route.prefsrc === address) return true;
  return route.type === RTN.BROADCAST && broadcast !== undefined && !book.addressesAt(at + 1, ifindex).some(other => other.broadcast === broadcast);
}

/** With the last address of a device go all routes over it, if that was what came first. */
function silent(scene: Scene): Ipv4Story | undefined {
  const sign = scene.isOfFlags !== true ? takerOf(scene) : deviceStory(scene) === undefined ? addressLoss(scene) : undefined;
  return sign?.kind !== 'address' ? undefined : { kind: isOver(sign) ? 'expired' : 'removed', sign };
}

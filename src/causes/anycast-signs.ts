import { NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { forwardingTrigger } from './forwarding.ts';
import { rootOf, storyOf, storyTrigger } from './link-signs.ts';
import { addressTrigger, belongs, isClose } from './scene.ts';
import type { Scene, SignOf, Trace } from './sign.ts';

const { ALL, DEFAULT } = NETCONFA_IFINDEX;

type Reason = { readonly kind: 'forwarding'; readonly on: boolean; readonly own: SignOf<'netconf'>; readonly all?: SignOf<'netconf'> } | { readonly kind: 'address'; readonly sign: SignOf<'address'>; readonly event: 'added' | 'removed' };

const isAnycast = ({ change, header }: Scene): boolean => change.route.family === 'ipv6' && change.route.type === RTN.ANYCAST && change.route.protocol === RTPROT.KERNEL && (header?.portid ?? 0) === 0;

/**
 * dev_forward_change() joins or leaves the groups of a device and tells its new setting right after; a write to `all` tells
 * `default` before the first device, and `all` after the last one (addrconf_fixup_forwarding()).
 */
function forwardingOf(scene: Scene, ifindex: number): Reason | undefined {
  const isGone = scene.change.change === 'delete';
  const own = scene.book.after(scene.at, 'netconf', sign => sign.family === 'ipv6' && sign.ifindex === ifindex);
  if (own === undefined || !isClose(own, scene) || own.event !== (isGone ? 'off' : 'on')) return undefined;
  const address = scene.book.before(scene.at, 'address', sign => belongs(scene, sign.address) && sign.event !== 'removed');
  // Groups are joined for every address: what came for a new one was told with it.
  if (!isGone && address !== undefined && isClose(address, scene) && own.at > scene.at && scene.book.before(own.at, 'netconf', sign => sign.at > scene.at) !== undefined) return undefined;
  const all = scene.book.after(own.at, 'netconf', sign => sign.family === 'ipv6' && (sign.ifindex === ALL || sign.ifindex === DEFAULT));
  const before = scene.book.before(scene.at, 'netconf', sign => sign.family === 'ipv6' && (sign.ifindex === ALL || sign.ifindex === DEFAULT));
  const isOfAll = all?.ifindex === ALL && before?.ifindex === DEFAULT && isClose(all, scene) && isClose(before, scene) && before.event !== (isGone ? 'on' : 'off');
  return { kind: 'forwarding', on: !isGone, own, ...(isOfAll ? { all } : {}) };
}

function addressOf(scene: Scene, ifindex: number): Reason | undefined {
  const isGone = scene.change.change === 'delete';
  const sign = scene.book.before(scene.at, 'address', one => belongs(scene, one.address) && (one.event === 'removed') === isGone);
  if (sign === undefined || !isClose(sign, scene)) return undefined;
  // A host has not joined the groups of its addresses: what goes then is a socket's.
  if (isGone ? scene.book.forwardingAt(scene.at, ifindex) === false : scene.book.forwardingAt(scene.at, ifindex) !== true) return undefined;
  // Of an address that went through detection, the act is what added it.
  const added = isGone ? undefined : scene.book.before(scene.at, 'address', one => one.event === 'added' && one.address.address === sign.address.address && one.address.ifindex === ifindex);
  return { kind: 'address', sign: added ?? sign, event: isGone ? 'removed' : 'added' };
}

function reasonOf(scene: Scene): Reason | undefined {
  const ifindex = scene.change.route.nexthops[0]?.ifindex;
  return ifindex === undefined ? undefined : forwardingOf(scene, ifindex) ?? addressOf(scene, ifindex);
}

export function subnetRouterSign(scene: Scene): Trace | undefined {
  if (!isAnycast(scene) || scene.change.silent || isOfDevice(scene)) return undefined;
  const reason = reasonOf(scene);
  if (reason === undefined) return undefined;
  if (reason.kind === 'address') {
    const device = storyOf(scene);
    if (device !== undefined) return { trigger: storyTrigger(scene, device), ...rootOf(device), seen: `${device.seen}, and forwarding is on`, tellApart: 'a socket that joins the same group at that moment leaves the same messages' };
    return { trigger: addressTrigger(scene, reason.sign, reason.event), root: reason.sign, seen: `the address was ${reason.event} right before, ${reason.event === 'added' ? 'and forwarding is on' : 'on which it depends'}`, tellApart: 'a socket that joins the same group at that moment leaves the same messages' };
  }
  const { own, all, on } = reason;
  return {
    trigger: forwardingTrigger(scene, own, all), root: all ?? own,
    seen: `right after it the kernel told that forwarding was switched ${on ? 'on' : 'off'}${all === undefined ? ' for that device' : ' for all devices, that one among them'}`,
    tellApart: 'a socket that joins the same group at that moment leaves the same messages',
  };
}

/** Neither a setting nor an address of that moment explains it. */
export function anycastSocketSign(scene: Scene): Trace | undefined {
  if (!isAnycast(scene) || scene.change.silent || isOfDevice(scene) || reasonOf(scene) !== undefined) return undefined;
  return {
    trigger: scene.change.change === 'delete' ? { kind: 'unknown' } : { kind: 'setsockopt', option: 'join', address: addressPart(scene.change.route.dst) },
    seen: 'no address and no forwarding setting of that moment explains it: sockets are what remains', tellApart: 'under tracing the socket call is seen',
  };
}

const isOfDevice = (scene: Scene): boolean => scene.change.change === 'delete' && storyOf(scene) !== undefined;

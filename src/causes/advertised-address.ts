import { IFAPROT, IFA_F, type AddressMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { addressPart, networkOf } from '../netlink/prefix-text.ts';
import { isClose } from './scene.ts';
import type { Scene, SignOf } from './sign.ts';

/** A random delay of up to a second, then the detection itself. */
export const DETECTION_NS = 4_000_000_000n;
/** What is left of a lifetime is told in whole seconds, when the detection has ended. */
const DETECTION_SEC = 5;

/** IFA_PROTO says so (from 5.18); else an advertisement told of its prefix a moment before, and it has the lifetime that that one gave. */
export function isAdvertised(scene: Scene, { address, time, at }: SignOf<'address'>): boolean {
  // A program may claim it as well.
  if (address.protocol === IFAPROT.KERNEL_RA) return prefixBefore(scene, address, at, time) !== undefined || isPrefixBehind(scene, address, at, time);
  // Where the kernel says what it made, it did not make this one.
  if ((address.flags & IFA_F.PERMANENT) !== 0 || address.protocol !== undefined || tellsMakers(scene)) return false;
  const prefix = prefixBefore(scene, address, at, time)?.prefix;
  return prefix?.autoconf === true && isOfLifetime(address.validSec, prefix.validSec);
}

/** Some address has IFA_PROTO: that of lo and link-local ones do, where it is told at all. */
const tellsMakers = ({ book, at }: Scene): boolean => book.addressesAt(at + 1).some(({ protocol }) => protocol !== undefined);

const isOfLifetime = (own: number | undefined, given: number | undefined): boolean =>
  own === undefined || given === undefined ? own === given : own <= given && own > given - DETECTION_SEC;

const isOfPrefix = ({ address, prefixLength, ifindex }: AddressMessage) => ({ prefix }: SignOf<'prefix'>): boolean =>
  prefix.ifindex === ifindex && networkOf(addressPart(prefix.prefix), prefixLength) === networkOf(address, prefixLength);

export function prefixBefore({ book }: Scene, address: AddressMessage, at: number, time: BootTime): SignOf<'prefix'> | undefined {
  const prefix = book.before(at, 'prefix', isOfPrefix(address));
  return prefix !== undefined && time - prefix.time < DETECTION_NS ? prefix : undefined;
}

/** The kernel tells of the option after all that it made of it (addrconf_prefix_rcv()). */
function isPrefixBehind({ book }: Scene, address: AddressMessage, at: number, time: BootTime): boolean {
  const prefix = book.after(at, 'prefix', isOfPrefix(address));
  return prefix !== undefined && isClose(prefix, { time });
}

/** The address for whose sake the kernel makes temporary ones: given by a program, with IFA_F_MANAGETEMPADDR (inet6_addr_add(), manage_tempaddrs()). */
export function managerOf({ book }: Scene, { ifindex, address, prefixLength }: AddressMessage, at: number, time: BootTime): SignOf<'address'> | undefined {
  const isIt = ({ event, address: other }: SignOf<'address'>): boolean => (event === 'added' || event === 'changed') && (other.flags & IFA_F.MANAGETEMPADDR) !== 0
    && other.ifindex === ifindex && other.prefixLength === prefixLength && networkOf(other.address, prefixLength) === networkOf(address, prefixLength);
  // Each has a detection of its own, and they end in any order.
  const manager = book.before(at, 'address', isIt) ?? book.after(at, 'address', isIt);
  return manager !== undefined && (manager.time < time ? time - manager.time : manager.time - time) < DETECTION_NS ? manager : undefined;
}

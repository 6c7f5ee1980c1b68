import type { Trigger } from '../model/output.ts';
import { isClose, settingOf } from './scene.ts';
import type { Scene, Sign } from './sign.ts';

const LO = 1;

const written = (scene: Pick<Scene, 'names'>, ifindex: number, value: 0 | 1): Trigger =>
  ({ kind: 'sysctl', name: settingOf(scene, 'ipv6', ifindex, 'disable_ipv6'), oldValue: 1 - value, value });

/** A write for all devices leaves no message but those of the devices that lose IPv6 by it: it was for the one if another kept it. */
export function disabledTrigger(scene: Pick<Scene, 'book' | 'names'>, ifindex: number, loss: Pick<Sign, 'at' | 'time'>): Trigger {
  const { book } = scene;
  const isGoing = (other: number): boolean => book.after(loss.at, 'address', sign => sign.event === 'removed' && sign.address.ifindex === other && sign.address.family === 'ipv6' && isClose(sign, loss)) !== undefined;
  const isKept = book.addressesAt(loss.at).some(other => other.family === 'ipv6' && other.ifindex !== ifindex && !isGoing(other.ifindex));
  return isKept ? written(scene, ifindex, 1) : { kind: 'unknown' };
}

/** Switched off for all devices, lo would have its address, which comes at once where it is set up (init_loopback()). */
export function enabledTrigger(scene: Pick<Scene, 'book' | 'names'>, ifindex: number): Trigger {
  const { book } = scene;
  const isOnlyOne = ifindex !== LO && book.isUp(LO) && !book.addressesAt(Number.MAX_SAFE_INTEGER, LO).some(({ family }) => family === 'ipv6');
  return isOnlyOne ? written(scene, ifindex, 0) : { kind: 'unknown' };
}

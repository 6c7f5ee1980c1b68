import type { Trigger } from '../model/output.ts';
import { NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { isClose, settingOf } from './scene.ts';
import type { Scene, SignOf } from './sign.ts';

const { ALL, DEFAULT } = NETCONFA_IFINDEX;

type Setting = SignOf<'netconf'>;

/** The write that switched forwarding of a device, told by `own`; `all`: it was told of all devices, too. What is 0 or not is told, what it was exactly is not. */
export function forwardingTrigger(scene: Pick<Scene, 'book' | 'names'>, own: Setting, all: Setting | undefined): Trigger {
  const { event, value } = all ?? own;
  if (all === undefined && mayBeOfAll(scene, own)) return { kind: 'unknown' };
  return { kind: 'sysctl', name: settingOf(scene, 'ipv6', (all ?? own).ifindex, 'forwarding'), ...(event === 'on' ? { oldValue: 0 } : {}), ...(value === undefined ? {} : { value }) };
}

/**
 * A write for all devices tells only of those that change by it, and of "all" and "default" only if these do (addrconf_fixup_forwarding()). Where
 * everything else is what it would have made of it, it was that, or a write for the one.
 */
function mayBeOfAll({ book }: Pick<Scene, 'book'>, own: Setting): boolean {
  const isOn = own.event === 'on';
  const isLeft = (ifindex: number): boolean => book.forwardingAt(own.at, ifindex) === !isOn
    && book.after(own.at, 'netconf', sign => sign.family === 'ipv6' && sign.ifindex === ifindex && sign.event === own.event && isClose(sign, own)) === undefined;
  return book.forwardingAt(own.at, ALL) !== !isOn && book.forwardingAt(own.at, DEFAULT) !== !isOn && !book.forwardingKnown().some(ifindex => ifindex !== own.ifindex && isLeft(ifindex));
}

import type { RuleChange } from '../model/attribution.ts';
import { RTPROT } from '../model/route.ts';
import { NLM_F } from '../model/rtnetlink.ts';
import { changeFlagNames } from '../netlink/names.ts';
import { replacedSign } from './nexthop-signs.ts';
import { LAGS_SEC } from './scene.ts';
import type { Scene, Trace } from './sign.ts';
import { requestName } from './trigger.ts';

const KERNELS: readonly number[] = [RTPROT.KERNEL, RTPROT.RA];

/**
 * What the message lets one say of the request: its effect (fib_table_insert(), fib6_add_rt2node()). "excl" says that nothing was there, whatever
 * was asked for, and IPv6 says "create" of any route that is new: flags that may not have been in the request are left out.
 */
function requestOf({ header, change: { change, position, route } }: Scene, flags = header?.flags ?? 0): { readonly request: string; readonly flags: number } {
  if (change === 'delete') return { request: 'delete', flags: 0 };
  const sure = flags & (route.family === 'ipv4' ? NLM_F.REPLACE | NLM_F.CREATE | NLM_F.APPEND : NLM_F.REPLACE | NLM_F.APPEND);
  if ((flags & NLM_F.APPEND) !== 0) return { request: 'append', flags: sure };
  // Only IPv6 tells a multipath route so.
  if ((flags & NLM_F.REPLACE) !== 0) return { request: 'replace', flags: sure };
  return { request: change === 'append' && position === 'first' ? 'prepend' : change, flags: sure };
}

/** A message with a port id is the answer to a request. */
export function routeRequestSign(scene: Scene): Trace | undefined {
  const { header } = scene;
  if (header === undefined || header.portid === 0 || replacedSign(scene) !== undefined) return undefined;
  const { request, flags } = requestOf(scene);
  return {
    trigger: { kind: 'netlink-request', request, flags: changeFlagNames(flags) }, root: { at: scene.at, time: scene.time, header },
    seen: `the message answers a request: it has port id ${header.portid} and its number ${header.seq}`,
    tellApart: 'add, replace and change are named by their effect; under tracing the request itself is seen',
  };
}

/** The kernel never says protocol boot of its own accord, and never takes what a program made but with its device, its address or its time. */
export function routeIoctlSign({ change, header, told, secondsLeft }: Scene): Trace | undefined {
  if (secondsLeft !== undefined && (told?.expiresSec ?? secondsLeft) <= LAGS_SEC) return undefined;
  if (header === undefined || header.portid !== 0 || KERNELS.includes(change.route.protocol)) return undefined;
  const isGone = change.change === 'delete';
  if (!isGone && change.route.protocol !== RTPROT.BOOT) return undefined;
  return {
    trigger: { kind: 'ioctl', request: isGone ? 'SIOCDELRT' : 'SIOCADDRT' }, ...(isGone ? { weak: true as const } : {}),
    seen: isGone ? 'a program\'s route went, by no netlink request, and no device, address or lifetime explains it' : 'a route of protocol boot came by no netlink request',
    tellApart: 'under tracing the ioctl is seen',
  };
}

export function ruleRequestSign(scene: Scene<RuleChange>): Trace | undefined {
  const { header } = scene;
  if (header === undefined || header.portid === 0) return undefined;
  return {
    trigger: { kind: 'netlink-request', request: requestName(header.type, header.flags), flags: changeFlagNames(header.flags) }, root: { at: scene.at, time: scene.time, header },
    seen: `the message answers a request: it has port id ${header.portid} and its number ${header.seq}`, tellApart: 'nothing else leaves such a message',
  };
}

/** The rules of the first VRF are told right before the device. */
export function vrfRuleSign(scene: Scene<RuleChange>): Trace | undefined {
  if (scene.header?.portid !== 0 || scene.change.rule.l3mdev !== true || scene.change.change !== 'add') return undefined;
  const made = scene.book.after(scene.at, 'link', sign => sign.event === 'created' && sign.link.infoKind === 'vrf');
  if (made === undefined) return undefined;
  const dev = made.link.name;
  return { trigger: { kind: 'device', event: 'created', ...(dev === undefined ? {} : { dev }), ifindex: made.ifindex }, root: made, seen: 'a VRF was made at that moment', tellApart: 'nothing else makes l3mdev rules without a request' };
}

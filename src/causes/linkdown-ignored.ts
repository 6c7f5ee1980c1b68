import type { RouteChange } from '../model/attribution.ts';
import { NETCONFA_IFINDEX } from '../model/rtnetlink.ts';
import { passed, type Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { settingOf } from './scene.ts';
import type { Scene, SignBook, SignOf, Trace } from './sign.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';

const SWITCHES = ['inet_netconf_notify_devconf', 'inet6_netconf_notify_devconf'] as const;

const isOn = ({ change }: { readonly change: RouteChange }): boolean => change.change === 'delete';

/** A write for all devices of IPv6 is told of each that changes, and then of all, with nothing in between (addrconf_fixup_linkdown()). */
function endsInAll(book: SignBook, root: SignOf<'linkdown'>): boolean {
  let last = root;
  while (last.ifindex !== NETCONFA_IFINDEX.ALL) {
    const next = book.after(last.at, 'linkdown', sign => sign.family === 'ipv6');
    if (next === undefined || next.at !== last.at + 1) return false;
    last = next;
  }
  return true;
}

/** The message about the setting is the last one before the change that was worked out from it. */
export function linkdownSign({ isOfFlags, at, book, change, ...scene }: Scene): Trace | undefined {
  const { family } = change.route;
  const root = book.before(at, 'linkdown', sign => sign.family === family);
  if (isOfFlags !== true || root === undefined || root.at !== at - 1) return undefined;
  const ofAll = family === 'ipv6' ? endsInAll(book, root) : root.ifindex === NETCONFA_IFINDEX.ALL;
  return {
    // Of IPv6 each device is told by itself, though all may have been meant.
    trigger: family === 'ipv6' && !ofAll ? { kind: 'unknown' } : { kind: 'sysctl', name: settingOf(scene, family, ofAll ? NETCONFA_IFINDEX.ALL : root.ifindex, 'ignore_routes_with_linkdown') }, root,
    seen: `ignore_routes_with_linkdown was switched ${isOn({ change }) ? 'on' : 'off'} at that moment`, tellApart: 'tracing shows the write itself',
  };
}

export const linkdownIgnored: Cause = {
  id: 'linkdown-ignored',
  title: 'routes over devices without a carrier are passed over, or used again',
  summary: 'While ignore_routes_with_linkdown is on for a device, the kernel passes over legs without a carrier: they are listed as dead linkdown, and packets take the next route that fits. Switching it changes no table and is announced for no route; what has a carrier is not affected.',
  probes: [...SWITCHES, 'proc_sys_call_handler'],
  path: ['proc_sys_call_handler', 'devinet_conf_proc / addrconf_sysctl_ignore_routes_with_linkdown', 'inet_netconf_notify_devconf / inet6_netconf_notify_devconf'],
  signature: SWITCHES,
  match: facts => passed(facts, ...SWITCHES) ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: linkdownSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: ignore_routes_with_linkdown was switched ${isOn(facts) ? 'on' : 'off'}, so route ${facts.change.route.dst} is ${isOn(facts) ? 'passed over' : 'used'} where it has no carrier`,
  references: [REFERENCES.ipSysctl],
  advice: facts => isOn(facts)
    ? ['The route is still there and is used again when the carrier comes back. Until then a less specific route, or one with a higher metric, takes its packets.']
    : ['Packets for this route are sent to a device that has no carrier, and get lost there, until the carrier is back or the setting is on again.'],
};

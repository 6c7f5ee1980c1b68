import type { Facts } from '../model/attribution.ts';
import { depthOf } from './cause.ts';
import { linkEvent, NOTIFIERS, type LinkEvent } from './link-event.ts';

/**
 * Where the kernel decides to have an address. These nest: the end of a lifetime is noticed within a request for
 * another address, a new address is made within an event of its device. The innermost one is why the work was queued.
 */
const QUEUE = [
  'inet6_rtm_newaddr', 'inet6_addr_add', 'addrconf_add_ifaddr', 'ndisc_router_discovery', 'addrconf_verify_rtnl', 'addrconf_verify_work',
  'addrconf_sysctl_addr_gen_mode', 'addrconf_sysctl_stable_secret', 'inet6_set_link_af', 'addrconf_dad_failure', ...NOTIFIERS,
] as const;

/** The change as if it had happened where its deferred work (duplicate address detection, link watch) was queued. */
const whereQueued = (facts: Facts): Facts | undefined => facts.deferral === undefined ? undefined : { ...facts, frames: facts.deferral.queuedFrames };

/** The route came because one of these functions queued the work. What such work takes away goes because detection failed, whoever queued it. */
export function queuedBy(facts: Facts, ...functions: readonly (typeof QUEUE)[number][]): boolean {
  const before = whereQueued(facts);
  if (before === undefined || facts.change.change === 'delete') return false;
  const depth = depthOf(before, QUEUE);
  return depth >= 0 && depth === depthOf(before, functions);
}

/** Which event of a device queued the work. */
export function queuedByLinkEvent(facts: Facts): LinkEvent | undefined {
  const before = whereQueued(facts);
  return before === undefined || !queuedBy(facts, ...NOTIFIERS) ? undefined : linkEvent(before);
}

import type { Facts } from '../model/attribution.ts';
import { passed, type Cause } from './cause.ts';
import { queuedBy } from './queued.ts';
import { addressAdvice } from './address-advice.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { ipv6Sign } from './address-signs.ts';

/** Duplicate address detection that a request for an address had queued. */
const afterDetection = (facts: Facts): boolean => queuedBy(facts, 'inet6_rtm_newaddr', 'inet6_addr_add', 'addrconf_add_ifaddr');

const shared = {
  probes: ['rtnl_notify', 'rtnetlink_rcv_msg', 'addrconf_add_ifaddr', 'addrconf_del_ifaddr', 'mod_delayed_work_on', 'addrconf_dad_work', 'fib6_purge_rt', 'rt6_remove_prefsrc', 'addrconf_get_prefix_route', 'ip6_route_add'],
  advice: addressAdvice,
} as const;

export const ipv6AddressAdded: Cause = {
  ...shared,
  id: 'ipv6-address-added',
  title: 'an IPv6 address was added or changed',
  summary: 'With an IPv6 address the kernel adds its prefix route at once, and the route of the address itself (local) when duplicate address detection has ended, a second or two later, in a worker thread. The program that asked for the address is the cause of both. A prefix route that is there already ends from then on with its addresses, or no more, and no message tells.',
  path: ['rtnetlink_rcv_msg / addrconf_add_ifaddr', 'inet6_rtm_newaddr', 'inet6_addr_add', 'addrconf_prefix_route', 'addrconf_dad_start', 'addrconf_dad_work (kworker)', 'addrconf_dad_completed', '__ipv6_ifa_notify', 'ip6_ins_rt', 'fib6_add'],
  signature: ['inet6_rtm_newaddr', 'inet6_addr_add', 'addrconf_add_ifaddr', 'addrconf_dad_work'],
  match: facts => !passed(facts, 'addrconf_dad_work') || (afterDetection(facts) && facts.change.change !== 'delete') ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: scene => ipv6Sign(scene, 'added', 'changed'),
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came'} with an address${passed(facts, 'addrconf_dad_work') ? ', when duplicate address detection ended' : ''}`,
  references: [REFERENCES.ipAddress, REFERENCES.autoconfiguration, REFERENCES.onLink],
};

export const ipv6AddressRemoved: Cause = {
  ...shared,
  id: 'ipv6-address-removed',
  title: 'an IPv6 address was removed',
  summary: 'With an IPv6 address goes its own route, and the prefix route if no other address of the device shares the prefix; if those that do will end, it begins to end with them, silently. Routes that used it as their source stay, but lose that source silently.',
  path: ['rtnetlink_rcv_msg / addrconf_del_ifaddr', 'inet6_rtm_deladdr', 'inet6_addr_del', 'ipv6_del_addr', '__ipv6_ifa_notify / cleanup_prefix_route', 'ip6_del_rt', 'fib6_del'],
  signature: ['inet6_rtm_deladdr', 'inet6_addr_del', 'addrconf_del_ifaddr'],
  match: facts => ({ trigger: triggerOf(facts) }),
  fingerprint: scene => ipv6Sign(scene, 'removed'),
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went with its address' : 'lost it as its preferred source, without a message'}`,
  references: [REFERENCES.ipAddress, REFERENCES.onLink],
};

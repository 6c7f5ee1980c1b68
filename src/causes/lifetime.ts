import type { Facts } from '../model/attribution.ts';
import type { Trigger } from '../model/output.ts';
import { RTN } from '../model/route.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import { passed, type Cause } from './cause.ts';
import { queuedBy } from './queued.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { duplicateSign, expirySign, generationSign, temporarySign } from './address-signs.ts';
import { routeExpirySign } from './router-signs.ts';

/** The address whose lifetime ended, as far as it is the route's own. */
function addressLifetime(facts: Facts): Trigger {
  const { route } = facts.change;
  const ifindex = route.nexthops[0]?.ifindex;
  const dev = ifindex === undefined ? undefined : facts.names.device(ifindex);
  return { kind: 'address-lifetime', ...(route.type === RTN.LOCAL ? { address: addressPart(route.dst) } : {}), ...(dev === undefined ? {} : { dev }) };
}

export const routeExpired: Cause = {
  id: 'route-expired',
  title: 'the lifetime of the route was over',
  summary: 'Routes from router advertisements, prefixes of dynamic addresses and routes added with expires have a lifetime. An expired route is ignored from that moment, but it is removed, and its removal announced, up to 30 seconds later, by a timer or by whatever happens to sweep the table.',
  probes: ['rtnl_notify', 'ndisc_rcv', 'rtnetlink_rcv_msg'],
  path: ['fib6_gc_timer_cb (softirq) / ndisc_netdev_event / ip6_dst_gc / ipv6_sysctl_rtcache_flush', 'fib6_run_gc', 'fib6_age', 'fib6_del'],
  signature: ['fib6_run_gc'],
  match: () => ({ trigger: { kind: 'route-lifetime' } }),
  fingerprint: routeExpirySign,
  headline: ({ act, change }, _trigger, actor) => `route ${change.route.dst} expired; its lifetime had been set ${act.actor.kind === 'kernel' ? 'before the session' : `by ${actor}`}`,
  references: [REFERENCES.neighbourDiscovery, REFERENCES.ipRoute],
  advice: () => ['Whoever set the lifetime did not renew it: look at the router, its advertisements (interval and lifetime) and at what filters them on the way; for a route added with expires, at the program named here.'],
};

export const addressExpired: Cause = {
  id: 'address-expired',
  title: 'the lifetime of an address was over',
  summary: 'Addresses from DHCP and router advertisements have a valid lifetime. When it is over and nobody has renewed it, the kernel removes the address and its routes in a worker thread.',
  probes: ['rtnl_notify', 'check_lifetime', 'addrconf_verify_work', 'ipv6_del_addr', 'fib_inetaddr_event', 'rtnetlink_rcv_msg', 'ndisc_rcv', 'fib_notify_alias_delete', 'fib_table_flush'],
  path: ['check_lifetime / addrconf_verify_work (kworker)', '__inet_del_ifa / ipv6_del_addr', 'fib_del_ifaddr / ip6_del_rt'],
  signature: ['check_lifetime', 'addrconf_verify_rtnl', 'addrconf_verify_work'],
  // A new token ends the addresses made with the old one by the same function.
  match: facts => facts.change.change === 'delete' && !passed(facts, 'inet6_set_link_af') ? { trigger: addressLifetime(facts) } : undefined,
  fingerprint: expirySign,
  headline: ({ act, change }, _trigger, actor) => `route ${change.route.dst} went with an address whose lifetime was over; it had been set ${act.actor.kind === 'kernel' ? 'before the session' : `by ${actor}`}`,
  references: [{ ...REFERENCES.autoconfiguration, section: '5.5.4', title: 'IPv6 Stateless Address Autoconfiguration: address lifetime expiry' }, REFERENCES.ipAddress],
  advice: () => ['Nobody renewed the address: is the DHCP client still running, does the router still advertise the prefix?'],
};

export const temporaryAddress: Cause = {
  id: 'temporary-address',
  title: 'a temporary IPv6 address was made',
  summary: 'With use_tempaddr on, the kernel makes random temporary addresses for each autoconfigured prefix, and new ones before the old ones end. Their routes come when duplicate address detection has ended.',
  probes: ['rtnl_notify', 'addrconf_verify_work', 'mod_delayed_work_on', 'addrconf_dad_work'],
  path: ['addrconf_verify_work (kworker)', 'ipv6_create_tempaddr', 'ipv6_add_addr', 'addrconf_dad_work (kworker)'],
  signature: ['addrconf_verify_rtnl', 'addrconf_verify_work', 'addrconf_dad_work'],
  match: facts => facts.change.change !== 'delete' && (passed(facts, 'addrconf_verify_rtnl', 'addrconf_verify_work') || queuedBy(facts, 'addrconf_verify_rtnl', 'addrconf_verify_work')) ? { trigger: { kind: 'address-lifetime' } } : undefined,
  fingerprint: temporarySign,
  headline: facts => `route ${facts.change.route.dst} came with a temporary address that the kernel made in time for the end of an older one`,
  references: [{ id: 'RFC 8981', title: 'Temporary Address Extensions for Stateless Address Autoconfiguration in IPv6', url: 'https://www.rfc-editor.org/rfc/rfc8981' }],
  advice: () => ['sysctl net.ipv6.conf.DEV.use_tempaddr=0 switches temporary addresses off.'],
};

export const duplicateAddress: Cause = {
  id: 'duplicate-address',
  title: 'duplicate address detection failed',
  summary: 'Another host on the link answered for the address, so the kernel gave it up: a temporary or dynamic address is deleted with its routes, a permanent one stays without its own route, and in place of a stable private one another is made. With accept_dad=2 the device loses IPv6 altogether.',
  probes: ['rtnl_notify', 'addrconf_dad_work', 'mod_delayed_work_on'],
  path: ['addrconf_dad_work (kworker)', 'addrconf_dad_stop', 'ipv6_del_addr', 'ip6_del_rt'],
  signature: ['addrconf_dad_work'],
  match: facts => facts.change.change === 'delete' ? { trigger: { kind: 'address-change', event: 'removed' } }
    : queuedBy(facts, 'addrconf_dad_failure') ? { trigger: { kind: 'address-change', event: 'added' } } : undefined,
  fingerprint: duplicateSign,
  headline: facts => `another host answered for the address: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came with another one in its place'}`,
  references: [REFERENCES.autoconfiguration],
  advice: () => ['Find the other host by its link-layer address (ip neigh, or the log line of the kernel) and give one of the two another address.'],
};

export const addressGeneration: Cause = {
  id: 'address-generation',
  title: 'the way link-local addresses are made was changed',
  summary: 'Writing addr_gen_mode or stable_secret, or setting a token, makes the kernel generate a link-local address and its routes at once, or end addresses made the old way.',
  probes: ['rtnl_notify', 'proc_sys_call_handler', 'addrconf_sysctl_addr_gen_mode', 'rtnetlink_rcv_msg'],
  path: ['proc_sys_call_handler / do_setlink', 'addrconf_sysctl_addr_gen_mode / addrconf_sysctl_stable_secret / inet6_set_link_af', 'addrconf_init_auto_addrs', 'addrconf_add_linklocal'],
  signature: ['addrconf_sysctl_addr_gen_mode', 'addrconf_sysctl_stable_secret', 'inet6_set_link_af', 'addrconf_dad_work'],
  match: facts => {
    const functions = ['addrconf_sysctl_addr_gen_mode', 'addrconf_sysctl_stable_secret', 'inet6_set_link_af'] as const;
    return passed(facts, ...functions) || queuedBy(facts, ...functions) ? { trigger: triggerOf(facts) } : undefined;
  },
  fingerprint: generationSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came'} with a generated address`,
  references: [REFERENCES.ipSysctl, { id: 'RFC 7217', title: 'Semantically Opaque Interface Identifiers', url: 'https://www.rfc-editor.org/rfc/rfc7217' }],
  advice: () => ['Set addr_gen_mode before the device is set up; the link-local address of a device that is up changes only when it is set down and up.'],
};

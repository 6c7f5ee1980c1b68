import type { RouteEffect } from '../model/route.ts';
import { passed, type Cause } from './cause.ts';
import { queuedBy } from './queued.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { advertisementSign, hostSign, purgeSign } from './router-signs.ts';

const rfc4861 = (section: string, title: string) => ({ ...REFERENCES.neighbourDiscovery, section, title: `Neighbor Discovery for IP version 6: ${title}` });

/** Append: a leg more. */
const BECAME: Readonly<Record<RouteEffect, string>> = { add: 'came', append: 'came', replace: 'changed', delete: 'went' };

export const routerAdvertisement: Cause = {
  id: 'router-advertisement',
  title: 'a router advertisement',
  summary: 'A router on the link announces itself, the prefixes of the link and routes through it. The kernel adds a default route, prefix routes and addresses of its own (whose routes follow when duplicate address detection has ended), and removes them when the router says lifetime zero. Of routes that are there it sets preference, metrics and lifetime in place, mostly without a message. The packet is worked on in an interrupt: the program that ran just then has nothing to do with it.',
  probes: ['rtnl_notify', 'ndisc_rcv', 'mod_delayed_work_on', 'addrconf_dad_work', 'ndisc_router_discovery', 'addrconf_get_prefix_route', 'fib6_metric_set'],
  path: ['icmpv6_rcv (softirq)', 'ndisc_rcv', 'ndisc_router_discovery', 'rt6_add_dflt_router / addrconf_prefix_rcv / rt6_route_rcv', 'ip6_route_add / ip6_del_rt'],
  signature: ['ndisc_router_discovery', 'addrconf_dad_work'],
  match: facts => passed(facts, 'ndisc_router_discovery') || queuedBy(facts, 'ndisc_router_discovery') ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: advertisementSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${BECAME[facts.change.change]}`,
  references: [rfc4861('6.3.4', 'processing received router advertisements'), REFERENCES.autoconfiguration, { id: 'RFC 4191', title: 'Default Router Preferences and More-Specific Routes', url: 'https://www.rfc-editor.org/rfc/rfc4191' }],
  advice: facts => facts.change.change === 'delete'
    ? ['The router itself withdrew it: look at the router, at its shutdown or its configuration of lifetimes.']
    : ['If this router should not be there, find it by its link-local address (ip neigh) and filter router advertisements on the switch (RA guard), or set accept_ra=0 on the device.'],
};

export const routerTurnedHost: Cause = {
  id: 'router-turned-host',
  title: 'a neighbour said it is no router any more',
  summary: 'A neighbour advertisement without the router flag from a router that the kernel knew: default routes through it are removed.',
  probes: ['rtnl_notify', 'ndisc_rcv'],
  path: ['icmpv6_rcv (softirq)', 'ndisc_rcv', 'ndisc_recv_na', 'rt6_clean_tohost', 'fib6_clean_all'],
  signature: ['rt6_clean_tohost', 'fib6_clean_tohost', 'ndisc_recv_na'],
  match: facts => ({ trigger: triggerOf(facts) }),
  fingerprint: hostSign,
  headline: (facts, _trigger, actor) => `${actor} answered as a host, not as a router: route ${facts.change.route.dst} went`,
  references: [rfc4861('7.2.5', 'receipt of neighbor advertisements')],
  advice: () => ['Somebody switched forwarding off on that router, or another host took over its address: look there.'],
};

export const advertisedRoutersPurged: Cause = {
  id: 'advertised-routers-purged',
  title: 'forwarding was switched on: advertised default routes were removed',
  summary: 'A router does not follow other routers. Writing a value other than 0 to an IPv6 forwarding sysctl removes the default routes learnt from router advertisements in the whole namespace, even if only one device was written, and even if the value was the same before. Devices with accept_ra=2 keep theirs.',
  probes: ['rtnl_notify', 'proc_sys_call_handler', 'addrconf_sysctl_forward'],
  path: ['proc_sys_call_handler', 'addrconf_sysctl_forward', 'addrconf_fixup_forwarding (inlined)', 'rt6_purge_dflt_routers', 'fib6_del'],
  signature: ['rt6_purge_dflt_routers'],
  match: facts => ({ trigger: triggerOf(facts) }),
  fingerprint: purgeSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: advertised default route ${facts.change.route.dst} went`,
  references: [rfc4861('6.2.2', 'becoming an advertising interface'), REFERENCES.ipSysctl],
  advice: () => ['To forward and still take the default route from the upstream router, set net.ipv6.conf.DEV.accept_ra=2 on the upstream device before switching forwarding on; then wait for, or provoke, the next advertisement.'],
};

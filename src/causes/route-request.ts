import { RTM } from '../netlink/constants.ts';
import type { Cause } from './cause.ts';
import { protocolAdvice } from './protocol-meaning.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { routeRequestSign } from './request-signs.ts';

const DONE: Readonly<Record<string, string>> = {
  add: 'added', replace: 'replaced', change: 'changed', append: 'appended', prepend: 'prepended', delete: 'deleted',
};

export const routeRequest: Cause = {
  id: 'route-request',
  title: 'a program asked for this very route',
  summary: 'A program sent RTM_NEWROUTE or RTM_DELROUTE: iproute2, a routing daemon, a DHCP client, a network manager. The kernel did what it was told. An IPv6 route that is there already is refused (EEXIST), and yet takes over from the request whether it ends: silently, unless NLM_F_EXCL was set.',
  probes: ['rtnetlink_rcv_msg', 'ip6_route_add'],
  path: ['netlink_sendmsg', 'rtnetlink_rcv_msg', 'inet_rtm_newroute / inet_rtm_delroute / inet6_rtm_newroute / inet6_rtm_delroute', 'fib_table_insert / fib_table_delete / fib6_add / fib6_del'],
  signature: [],
  match: facts => facts.request?.type === RTM.NEWROUTE || facts.request?.type === RTM.DELROUTE ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: routeRequestSign,
  headline(facts, trigger, actor) {
    const { change, route } = facts.change;
    const asked = trigger.kind === 'netlink-request' ? trigger.request : 'change';
    // ip6_route_multipath_add(): the legs that it had added go again when one of them is refused.
    if (change === 'delete' && asked !== 'delete') return `what ${actor} asked for (${asked}) was refused half-way: route ${route.dst} was taken back`;
    // The effect counts: replacing or prepending where nothing was is adding.
    const did = change === 'add' ? 'added' : DONE[asked] ?? `asked to ${asked}`;
    return `${actor} ${did} route ${route.dst}${change === 'add' && asked === 'replace' ? ' (nothing was there to replace)' : ''}`;
  },
  references: [REFERENCES.rtnetlink, REFERENCES.ipRoute],
  advice: facts => protocolAdvice(facts.change.route.protocol),
};

import { RTM } from '../netlink/constants.ts';
import type { Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { linkTrigger } from './link-causes.ts';
import { linkEvent } from './link-event.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { removedSign, replacedSign } from './nexthop-signs.ts';

const references = [{ id: 'ip-nexthop(8)', title: 'nexthop object management', url: 'https://man7.org/linux/man-pages/man8/ip-nexthop.8.html' }, REFERENCES.ipSysctl] as const;

export const nexthopReplaced: Cause = {
  id: 'nexthop-replaced',
  title: 'the nexthop object of the route was replaced',
  summary: 'Routes can point to a nexthop object instead of a gateway. When that object is replaced, every route that uses it changes at once; the kernel announces each of them under the port id of whoever replaced the object, unless net.ipv4.nexthop_compat_mode is 0.',
  probes: ['rtnetlink_rcv_msg', 'rtnl_notify'],
  path: ['rtnetlink_rcv_msg', 'rtm_new_nexthop', 'replace_nexthop (inlined)', 'fib_info_notify_update / fib6_rt_update'],
  signature: [],
  match: facts => facts.request?.type === RTM.NEWNEXTHOP ? { trigger: { kind: 'nexthop-change', event: 'replaced', ...(facts.change.route.nhid === undefined ? {} : { id: facts.change.route.nhid }) } } : undefined,
  fingerprint: replacedSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} changed with its nexthop object${facts.change.silent ? ', without a message' : ''}`,
  references,
  advice: () => ['Look at the nexthop object (ip nexthop show), not at the route: all routes that name it move together.'],
};

export const nexthopRemoved: Cause = {
  id: 'nexthop-removed',
  title: 'the nexthop object of the route went',
  summary: 'When a nexthop object is deleted, the routes on it go; IPv4 routes go without a message. The kernel deletes such objects by itself when their device goes down, loses its carrier or is removed, without a message even about the object, and nothing brings them back.',
  probes: ['rtnl_notify', 'rtnetlink_rcv_msg', 'remove_nexthop', 'fib_notify_alias_delete', 'fib_table_flush', 'fib6_purge_rt', 'linkwatch_do_dev', 'netif_carrier_off'],
  path: ['rtm_del_nexthop / nh_netdev_event', 'remove_nexthop', '__remove_nexthop', 'fib_flush / ip6_del_rt'],
  // 7.2 has them all inlined; their callers remove objects, and nothing else that takes routes away.
  signature: ['remove_nexthop', '__remove_nexthop', 'nexthop_flush_dev', 'rtm_del_nexthop', 'nh_netdev_event'],
  match: facts => {
    const event = linkEvent(facts);
    return { trigger: event === undefined ? triggerOf(facts) : linkTrigger(event, facts) };
  },
  fingerprint: removedSign,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: route ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went with its nexthop object' : 'lost a leg with a nexthop object of its group'}${facts.change.silent ? ', without a message' : ''}`,
  references,
  advice: () => ['Make the nexthop object again and then the routes: neither comes back by itself when the device does. A routing daemon that owns them has to be told to reinstall.'],
};

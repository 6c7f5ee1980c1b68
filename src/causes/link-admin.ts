import { passed, type Cause } from './cause.ts';
import { linkEvent, queuedByLinkEvent } from './link-event.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf, deviceOf } from './words.ts';

const shared = { probes: ['rtnl_notify', 'rtnetlink_rcv_msg', 'devinet_ioctl', 'dev_ioctl', 'fib_notify_alias_delete', 'fib6_purge_rt', 'mod_delayed_work_on', 'addrconf_dad_work'] } as const;
const isAnycast = (facts: Parameters<Cause['match']>[0]): boolean => passed(facts, '__ipv6_dev_ac_inc', '__ipv6_dev_ac_dec');

export const linkUp: Cause = {
  ...shared,
  id: 'link-up',
  title: 'a device was set up',
  summary: 'When a device is set up, the routes of the addresses it kept come back, and IPv6 gets its multicast route and link-local address, whose own route follows when duplicate address detection has ended. Static routes that went when the device was set down do not come back.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'do_setlink', 'dev_change_flags', '__dev_notify_flags', 'fib_netdev_event / addrconf_notify', 'fib_add_ifaddr / addrconf_prefix_route', 'addrconf_dad_work (kworker)'],
  match(facts) {
    if (facts.change.change === 'delete' || isAnycast(facts)) return undefined;
    return linkEvent(facts) === 'admin' || (passed(facts, 'addrconf_dad_work') && queuedByLinkEvent(facts) === 'admin') ? { trigger: triggerOf(facts) } : undefined;
  },
  headline: (facts, trigger, actor) => `route ${facts.change.route.dst} came with ${deviceOf(facts)}, because ${becauseOf(trigger, actor)}`,
  references: [REFERENCES.ipLink, REFERENCES.autoconfiguration],
  advice: () => ['Routes of addresses come back by themselves when a device is set up; static routes do not: let a routing daemon or network manager own them, or add them again.'],
};

export const linkDown: Cause = {
  ...shared,
  id: 'link-down',
  title: 'a device was set down',
  summary: 'When a device is set down, every route whose legs all use it goes, in all tables, static ones too. For IPv4 the kernel sends no message about that: monitors that only listen believe the routes are still there. IPv6 announces each one unless net.ipv6.route.skip_notify_on_dev_down is set.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'do_setlink', 'dev_change_flags', '__dev_notify_flags', 'fib_netdev_event -> fib_disable_ip (inlined) -> fib_flush -> fib_table_flush', 'addrconf_notify -> addrconf_ifdown -> rt6_disable_ip -> fib6_clean_all'],
  match: facts => facts.change.change === 'delete' && linkEvent(facts) === 'admin' && !isAnycast(facts) ? { trigger: triggerOf(facts) } : undefined,
  headline: (facts, trigger, actor) =>
    `route ${facts.change.route.dst} went with ${deviceOf(facts)}${facts.change.silent ? ', without a message' : ''}, because ${becauseOf(trigger, actor)}`,
  references: [REFERENCES.ipLink, REFERENCES.ipSysctl],
  advice: () => [
    'Setting the device up again brings back the routes of its IPv4 addresses, not static ones, and not global IPv6 addresses unless keep_addr_on_down is set.',
    'Programs that keep their own copy of the table from messages alone (route daemons, caches) still show the silent ones: make them read the table again.',
  ],
};

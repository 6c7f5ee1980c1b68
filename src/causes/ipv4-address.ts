import type { Facts } from '../model/attribution.ts';
import { passed, type Cause } from './cause.ts';
import { addressAdvice } from './address-advice.ts';
import { linkEvent } from './link-event.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';

const KINDS: Readonly<Record<number, string>> = { 2: 'local', 3: 'broadcast', 1: 'connected' };

const word = (facts: Facts): string => KINDS[facts.change.route.type] ?? 'its';
const isAddressEvent = (facts: Facts): boolean =>
  facts.change.route.family === 'ipv4' && linkEvent(facts) === undefined
  && passed(facts, 'fib_inetaddr_event', '__inet_insert_ifa', '__inet_del_ifa', 'fib_modify_prefix_metric') && !passed(facts, 'check_lifetime');

const shared = {
  probes: ['rtnl_notify', 'rtnetlink_rcv_msg', 'devinet_ioctl', 'fib_notify_alias_delete'],
  references: [REFERENCES.ipAddress, REFERENCES.broadcast, REFERENCES.slash31],
  advice: addressAdvice,
} as const;

export const ipv4AddressAdded: Cause = {
  ...shared,
  id: 'ipv4-address-added',
  title: 'an IPv4 address was added',
  summary: 'With an IPv4 address the kernel adds up to three routes: the address itself (local, table local), the broadcast address of its prefix (table local), and the connected prefix (table main, or that of the VRF). Adding one address can also move routes of another, when a secondary address is promoted.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'inet_rtm_newaddr', '__inet_insert_ifa', 'fib_inetaddr_event', 'fib_add_ifaddr', 'fib_magic', 'fib_table_insert', 'rtmsg_fib'],
  match: facts => facts.change.change !== 'delete' && isAddressEvent(facts) ? { trigger: triggerOf(facts) } : undefined,
  headline: (facts, trigger, actor) => `${word(facts)} route ${facts.change.route.dst} came with an address, because ${becauseOf(trigger, actor)}`,
};

export const ipv4AddressRemoved: Cause = {
  ...shared,
  id: 'ipv4-address-removed',
  title: 'an IPv4 address was removed',
  summary: 'With an IPv4 address go its local, broadcast and connected routes, and every route that used it as its source. If it was the last address of the device, all IPv4 routes through that device go too, static ones included, and no message tells of those.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'inet_rtm_deladdr', '__inet_del_ifa', 'fib_inetaddr_event', 'fib_del_ifaddr / fib_disable_ip (inlined)', 'fib_table_delete / fib_table_flush'],
  match: facts => facts.change.change === 'delete' && isAddressEvent(facts) ? { trigger: triggerOf(facts) } : undefined,
  headline: (facts, trigger, actor) => `${word(facts)} route ${facts.change.route.dst} went${facts.change.silent ? ' without a message' : ''}, because ${becauseOf(trigger, actor)}`,
};

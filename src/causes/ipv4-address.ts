import type { Facts } from '../model/attribution.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { passed, type Cause } from './cause.ts';
import { addressAdvice } from './address-advice.ts';
import { linkEvent } from './link-event.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { becauseOf } from './words.ts';
import { ipv4Sign } from './address-signs.ts';

const KINDS: Readonly<Record<number, string>> = { [RTN.LOCAL]: 'local route', [RTN.BROADCAST]: 'broadcast route' };

/** What goes with an address need not be what came with it. */
const word = ({ change: { route } }: Facts): string =>
  KINDS[route.type] ?? (route.protocol === RTPROT.KERNEL && route.nexthops.every(({ gateway }) => gateway === undefined) ? 'connected route' : 'route');
const isAddressEvent = (facts: Facts): boolean => linkEvent(facts) === undefined && !passed(facts, 'check_lifetime');
/** The kernel adds routes while it removes an address: for a secondary one that takes its place. */
const isRemoval = (facts: Facts): boolean => passed(facts, '__inet_del_ifa');

const shared = {
  probes: ['rtnl_notify', 'rtnetlink_rcv_msg', 'devinet_ioctl', 'fib_notify_alias_delete', 'fib_table_flush'],
  // A change of metric reaches the FIB by a tail call, which leaves only the request on the stack.
  signature: ['fib_inetaddr_event', 'fib_modify_prefix_metric', 'inet_rtm_newaddr'],
  references: [REFERENCES.ipAddress, REFERENCES.broadcast, REFERENCES.slash31],
  advice: addressAdvice,
} as const;

export const ipv4AddressAdded: Cause = {
  ...shared,
  id: 'ipv4-address-added',
  title: 'an IPv4 address was added or changed',
  summary: 'With an IPv4 address the kernel adds up to three routes: the address itself (local, table local), the broadcast address of its prefix (table local), and the connected prefix (table main, or that of the VRF). Changing its metric replaces the connected route by another.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'inet_rtm_newaddr', '__inet_insert_ifa', 'fib_inetaddr_event', 'fib_add_ifaddr', 'fib_magic', 'fib_table_insert', 'rtmsg_fib'],
  match: facts => isAddressEvent(facts) && !isRemoval(facts) ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: scene => ipv4Sign(scene, 'added', 'changed'),
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: ${word(facts)} ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came'} with an address`,
};

export const ipv4AddressRemoved: Cause = {
  ...shared,
  id: 'ipv4-address-removed',
  title: 'an IPv4 address was removed',
  summary: 'With an IPv4 address go its local, broadcast and connected routes, and every route that used it as its source. If it was the last address of the device, all IPv4 routes through that device go too, static ones included, and no message tells of those.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'inet_rtm_deladdr', '__inet_del_ifa', 'fib_inetaddr_event', 'fib_del_ifaddr / fib_disable_ip (inlined)', 'fib_table_delete / fib_table_flush'],
  match: facts => isAddressEvent(facts) && isRemoval(facts) && facts.change.change === 'delete' ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: scene => scene.change.change === 'delete' ? ipv4Sign(scene, 'removed') : undefined,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: ${word(facts)} ${facts.change.route.dst} went${facts.change.silent ? ' without a message' : ''}`,
};

export const ipv4SecondaryPromoted: Cause = {
  ...shared,
  id: 'ipv4-secondary-promoted',
  title: 'a secondary IPv4 address took the place of a removed one',
  summary: 'With net.ipv4.conf.DEV.promote_secondaries on, removing the primary address of a prefix makes the next secondary one primary: the routes of the secondary are removed and added again, with it as their source.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl / check_lifetime (kworker)', 'inet_rtm_deladdr', '__inet_del_ifa', 'fib_add_ifaddr', 'fib_magic', 'fib_table_insert', 'rtmsg_fib'],
  signature: ['fib_inetaddr_event', '__inet_del_ifa'],
  match(facts) {
    // What the removed address itself takes along is deleted within fib_inetaddr_event; the rest is done for the promoted one.
    const isForPromoted = facts.change.change !== 'delete' || !passed(facts, 'fib_inetaddr_event');
    if (linkEvent(facts) !== undefined || !isRemoval(facts) || !isForPromoted) return undefined;
    return { trigger: passed(facts, 'check_lifetime') ? { kind: 'address-lifetime' } : triggerOf(facts) };
  },
  fingerprint: scene => ipv4Sign(scene, 'promoted'),
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: ${word(facts)} ${facts.change.route.dst} ${facts.change.change === 'delete' ? 'went' : 'came'} for a secondary address that was promoted`,
  references: [REFERENCES.ipAddress, REFERENCES.ipSysctl],
  advice: () => ['Without promote_secondaries all secondary addresses of the prefix would have gone with the primary one: sysctl net.ipv4.conf.DEV.promote_secondaries decides.'],
};

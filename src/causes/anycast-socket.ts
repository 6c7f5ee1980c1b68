import { passed, type Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { addressOf, becauseOf, deviceOf } from './words.ts';
import { anycastSocketSign } from './anycast-signs.ts';

export const SOCKET_FUNCTIONS = ['ipv6_sock_ac_join', 'ipv6_sock_ac_drop', '__ipv6_sock_ac_close', 'ipv6_sock_ac_close'] as const;

export const anycastSocket: Cause = {
  id: 'anycast-socket',
  title: 'a program joined or left an IPv6 anycast group',
  summary: 'A program asked with the socket option IPV6_JOIN_ANYCAST that this host answer to an anycast address. Memberships are counted: the first one adds the route, the last one to leave removes it, be it by IPV6_LEAVE_ANYCAST, by closing the socket, or by the end of the program.',
  probes: ['rtnl_notify', 'ipv6_sock_ac_join', 'ipv6_sock_ac_drop', '__ipv6_sock_ac_close'],
  path: ['setsockopt / close', 'ipv6_sock_ac_join / ipv6_sock_ac_drop / __ipv6_sock_ac_close', '__ipv6_dev_ac_inc / __ipv6_dev_ac_dec', 'ip6_ins_rt / ip6_del_rt'],
  // The same two functions that forwarding uses: the socket functions around them make the difference.
  signature: ['__ipv6_dev_ac_inc', '__ipv6_dev_ac_dec'],
  match: facts => passed(facts, ...SOCKET_FUNCTIONS) ? { trigger: triggerOf(facts) } : undefined,
  fingerprint: anycastSocketSign,
  headline: (facts, trigger, actor) =>
    `${becauseOf(trigger, actor)}: anycast address ${addressOf(facts)} ${facts.change.change === 'delete' ? 'left' : 'came to'} ${deviceOf(facts)}`,
  references: [REFERENCES.anycast, REFERENCES.ipv6Socket],
  advice: facts => [facts.change.change === 'delete'
    ? 'No socket holds the address any more; this host stops answering to it.'
    : 'The address stays as long as a socket holds it: end or reconfigure the program named here. /proc/net/anycast6 counts the users, but does not name them.'],
};

import { passed, type Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { SOCKET_FUNCTIONS } from './anycast-socket.ts';
import { triggerOf } from './trigger.ts';
import { addressOf, becauseOf, deviceOf } from './words.ts';
import { subnetRouterSign } from './anycast-signs.ts';

export const subnetRouterAnycast: Cause = {
  id: 'subnet-router-anycast',
  title: 'subnet-router anycast address of a forwarding device',
  summary: 'A device that forwards IPv6 answers to the first address of each of its prefixes, the subnet-router anycast address. The kernel adds it as a route of type anycast when forwarding is switched on or an address comes while it is on, and removes it the other way round. Whoever uses that address as a host\'s own is then out of reach from here: packets for it stay on this machine.',
  probes: ['rtnl_notify', '__ipv6_dev_ac_inc', '__ipv6_dev_ac_dec', 'dev_forward_change', 'addrconf_sysctl_forward', 'proc_sys_call_handler', 'rtnetlink_rcv_msg', 'mod_delayed_work_on', 'addrconf_dad_work'],
  path: ['proc_sys_call_handler', 'addrconf_sysctl_forward', 'dev_forward_change', 'addrconf_join_anycast (inlined)', '__ipv6_dev_ac_inc', 'ip6_ins_rt', 'fib6_add', 'inet6_rt_notify'],
  signature: ['__ipv6_dev_ac_inc', '__ipv6_dev_ac_dec'],
  match(facts) {
    if (passed(facts, ...SOCKET_FUNCTIONS)) return undefined;
    // Whoever set the lifetime of the address is the actor, but to set it was not to end it. A new token ends it by request.
    const isExpiry = passed(facts, 'addrconf_verify_rtnl') && !passed(facts, 'inet6_set_link_af');
    return { trigger: isExpiry ? { kind: 'address-lifetime' } : triggerOf(facts) };
  },
  fingerprint: subnetRouterSign,
  headline(facts, trigger, actor) {
    const what = facts.change.change === 'delete' ? 'is no longer' : 'became';
    return `${becauseOf(trigger, actor)}: subnet-router anycast ${addressOf(facts)} ${what} an address of this host on ${deviceOf(facts)}`;
  },
  references: [REFERENCES.subnetRouterAnycast, REFERENCES.pointToPoint127, REFERENCES.reservedAnycast, REFERENCES.ipSysctl],
  advice(facts) {
    if (facts.change.change === 'delete') return ['Packets for this address leave the host again; a neighbour that really owns it can be reached.'];
    const address = addressOf(facts);
    return [
      `If a neighbour has ${address} as its own address, it cannot be reached from here now: packets for it are delivered to this host.`,
      'Do not give a host the first address of a prefix: use another one, or a /127 between two routers (RFC 6164), where there is no subnet-router anycast.',
      'If this host is not meant to route IPv6: sysctl -w net.ipv6.conf.all.forwarding=0, and look for what set it (sysctl.d, container and VM managers, routing daemons).',
    ];
  },
};

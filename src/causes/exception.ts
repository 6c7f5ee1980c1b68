import type { FactsOf, RouteException } from '../model/attribution.ts';
import { addressPart } from '../netlink/prefix-text.ts';
import type { Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { becauseOf } from './words.ts';

const destination = ({ change }: FactsOf<RouteException>): string => addressPart(change.dst);
const cacheOf = ({ change }: FactsOf<RouteException>): string => change.family === 'ipv6' ? 'ip -6 route' : 'ip route';

export const icmpRedirect: Cause<RouteException> = {
  id: 'icmp-redirect',
  title: 'a router sent a redirect',
  summary: 'A router that sends a packet out on the link it came in by tells the sender of a better first hop (ICMP redirect). A host that accepts redirects then sends packets for that one destination there: no route changes, ip route show does not tell, and ip route get shows it as cache <redirected>. The message is worked on in an interrupt: the program that ran just then has nothing to do with it.',
  probes: ['update_or_create_fnhe', 'rt6_insert_exception'],
  path: ['icmp_rcv / icmpv6_rcv (softirq)', 'icmp_redirect / ndisc_rcv', '__ip_do_redirect / rt6_do_redirect', 'update_or_create_fnhe / rt6_insert_exception'],
  signature: [],
  match: ({ change }) => change.event === 'redirect'
    ? { trigger: { kind: 'icmp-redirect', ...(change.packet?.source === undefined ? {} : { source: change.packet.source }) } } : undefined,
  headline: (facts, trigger, actor) => `${becauseOf(trigger, actor)}: packets to ${destination(facts)} now go ${facts.change.gateway === undefined ? 'to it directly, on the link' : `via ${facts.change.gateway}`}, whatever the routes say`,
  references: [REFERENCES.icmp, REFERENCES.hostRequirements, { ...REFERENCES.neighbourDiscovery, section: '8', title: 'Neighbor Discovery for IP version 6: redirect function' }, REFERENCES.ipSysctl],
  advice: facts => [
    `To look and to undo: ${cacheOf(facts)} get ${destination(facts)}; ${cacheOf(facts)} flush cache.`,
    'If the router is right, its own hint is to give this host a route via that gateway. If this host should not follow redirects, set accept_redirects=0 on the device (and for IPv4 on all): anybody on the link can forge one.',
  ],
};

export const pathMtu: Cause<RouteException> = {
  id: 'path-mtu',
  title: 'the path MTU became smaller',
  summary: 'A router that cannot forward a packet because its next link has a smaller MTU says so (ICMP fragmentation needed, ICMPv6 packet too big); the kernel then sends smaller packets to that one destination, for ten minutes unless told otherwise. Tunnels and IPsec on this host lower it in the same way without a message. No route changes: ip route get shows it.',
  probes: ['update_or_create_fnhe', 'rt6_insert_exception', 'rt6_do_update_pmtu'],
  path: ['icmp_rcv / icmpv6_rcv (softirq)', 'icmp_unreach / icmpv6_notify', '__ip_rt_update_pmtu / __ip6_rt_update_pmtu', 'update_or_create_fnhe / rt6_insert_exception'],
  signature: [],
  match: ({ change: { event, packet } }) => event === 'path-mtu' ? { trigger: packet === undefined ? { kind: 'unknown' } : { kind: 'icmp-too-big', ...packet } } : undefined,
  headline(facts, trigger, actor) {
    const { change, act } = facts;
    const why = trigger.kind !== 'unknown' ? becauseOf(trigger, actor) : act.actor.kind === 'kernel' ? 'a tunnel or IPsec on this host leaves less room' : 'it is not known by whom';
    return `the path MTU to ${destination(facts)} is ${change.mtu ?? 'smaller'} now: ${why}`;
  },
  references: [REFERENCES.pathMtu, REFERENCES.pathMtu6, REFERENCES.ipSysctl],
  advice: facts => [
    `To look and to undo: ${cacheOf(facts)} get ${destination(facts)}; ${cacheOf(facts)} flush cache.`,
    ...(facts.act.actor.kind === 'router' ? ['This is how it should work. If the path has no such link, the message is wrong or forged: look at that router and at the links behind it.'] : []),
  ],
};

import type { Cause } from './cause.ts';
import { REFERENCES } from './references.ts';
import { triggerOf } from './trigger.ts';
import { routeIoctlSign } from './request-signs.ts';

export const routeIoctl: Cause = {
  id: 'route-ioctl',
  title: 'a program asked for this very route by ioctl',
  summary: 'A program used the old SIOCADDRT or SIOCDELRT: net-tools\' route, busybox, old DHCP and PPP clients. The message carries no port id, so ip monitor cannot tell who it was.',
  probes: ['rtnl_notify', 'ip_rt_ioctl', 'ipv6_route_ioctl'],
  path: ['ioctl', 'inet_ioctl / inet6_ioctl', 'ip_rt_ioctl / ipv6_route_ioctl', 'fib_table_insert / fib_table_delete / ip6_route_add / ip6_route_del'],
  signature: ['ip_rt_ioctl', 'ipv6_route_ioctl'],
  match: facts => ({ trigger: triggerOf(facts) }),
  fingerprint: routeIoctlSign,
  headline: (facts, trigger, actor) =>
    `${actor} ${facts.change.change === 'delete' ? 'deleted' : 'added'} route ${facts.change.route.dst} by ioctl${trigger.kind === 'ioctl' ? ` ${trigger.request}` : ''}`,
  references: [REFERENCES.routeIoctl, REFERENCES.ipRoute],
  advice: () => ['Routes made by ioctl always say protocol boot. Look at the program and its parents above: that is where the route is configured.'],
};

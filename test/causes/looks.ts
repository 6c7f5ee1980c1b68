import type { Route } from '../../src/model/route.ts';

const route = (more: Partial<Route> & Pick<Route, 'dst'>): Route => ({
  family: more.dst.includes(':') ? 'ipv6' : 'ipv4', tos: 0, type: 1, table: 254, protocol: 2, scope: 0, flags: 0, metric: 0,
  nexthops: [{ ifindex: 4, weight: 1, flags: 0 }], ...more,
});
const via = (gateway: string): Pick<Route, 'nexthops'> => ({ nexthops: [{ ifindex: 4, weight: 1, flags: 0, gateway }] });

/** How routes look. Nothing in them says how they came or went: that is what the table of paths is about. */
export const ROUTES = {
  'IPv4 prefix': route({ dst: '192.0.2.0/24', scope: 253, prefsrc: '192.0.2.1' }),
  'IPv4 local': route({ dst: '192.0.2.1/32', type: 2, table: 255, scope: 254, prefsrc: '192.0.2.1' }),
  'IPv4 static': route({ dst: '198.51.100.0/24', protocol: 3, ...via('192.0.2.9') }),
  'IPv4 by nexthop object': route({ dst: '203.0.113.0/24', protocol: 3, nhid: 5, ...via('192.0.2.9') }),
  'IPv6 prefix': route({ dst: '2001:db8:1::/64', metric: 256 }),
  'IPv6 link-local prefix': route({ dst: 'fe80::/64', metric: 256 }),
  'IPv6 multicast': route({ dst: 'ff00::/8', type: 5, table: 255, metric: 256 }),
  'IPv6 local': route({ dst: '2001:db8:1::1/128', type: 2, table: 255 }),
  'IPv6 anycast': route({ dst: '2001:db8:1::/128', type: 4, table: 255 }),
  'IPv6 default': route({ dst: '::/0', protocol: 9, metric: 1024, ...via('fe80::1') }),
  'IPv6 static': route({ dst: '2001:db8:2::/48', protocol: 3, metric: 1024, ...via('fe80::9') }),
  'IPv6 by nexthop object': route({ dst: '2001:db8:3::/48', protocol: 3, metric: 1024, nhid: 5, ...via('fe80::9') }),
} as const satisfies Record<string, Route>;

export type Look = keyof typeof ROUTES;

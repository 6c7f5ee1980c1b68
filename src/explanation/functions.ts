/**
 * What the functions on the way to the FIB mean to a person. Only those that change the story are told; a stack
 * holds many more. Names without `.isra.N` and the like.
 */
export const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  // net/ipv6/addrconf.c
  addrconf_sysctl_forward: 'the IPv6 forwarding switch is written',
  dev_forward_change: 'the device turns into a router or back into a host',
  addrconf_dad_start: 'duplicate address detection is started',
  addrconf_dad_work: 'duplicate address detection runs in a worker thread',
  addrconf_dad_completed: 'nobody else uses the address: duplicate address detection ends well',
  addrconf_prefix_route: 'the prefix of the address is entered as on-link',
  addrconf_add_linklocal: 'the link-local address is made',
  addrconf_add_mroute: 'the multicast route of the device is entered',
  inet6_addr_add: 'the IPv6 address is added to the device',
  inet6_addr_del: 'the IPv6 address is taken off the device',
  ipv6_del_addr: 'the IPv6 address is deleted',
  __ipv6_ifa_notify: 'the address is announced inside the kernel; its own route follows it',
  cleanup_prefix_route: 'no other address shares the prefix: its route goes',
  addrconf_ifdown: 'IPv6 is taken down on the device',
  addrconf_notify: 'IPv6 hears of the device',
  // net/ipv6/anycast.c
  ipv6_sock_ac_join: 'the socket joins the anycast group',
  ipv6_sock_ac_drop: 'the socket leaves the anycast group',
  __ipv6_sock_ac_close: 'the closing socket leaves its anycast groups',
  __ipv6_dev_ac_inc: 'the device gets its first user of the anycast address',
  __ipv6_dev_ac_dec: 'the device loses its last user of the anycast address',
  // net/ipv6/route.c, ip6_fib.c
  rt6_disable_ip: 'every IPv6 route over the device is removed',
  rt6_purge_dflt_routers: 'a router does not follow other routers: default routes from advertisements are removed',
  fib6_add: 'the route enters the IPv6 FIB',
  fib6_del: 'the route leaves the IPv6 FIB',
  // net/ipv4
  __inet_insert_ifa: 'the IPv4 address is added to the device',
  __inet_del_ifa: 'the IPv4 address is taken off the device',
  inetdev_event: 'IPv4 hears of the device',
  fib_inetaddr_event: 'the IPv4 FIB hears of the address',
  fib_netdev_event: 'the IPv4 FIB hears of the device',
  fib_add_ifaddr: 'the routes of the address are made: local, broadcast, prefix',
  fib_del_ifaddr: 'the routes of the address are taken away',
  fib_sync_down_addr: 'routes with this source address are marked dead',
  fib_flush: 'dead routes of all tables are flushed',
  fib_table_flush: 'the dead route leaves the IPv4 FIB',
  fib_table_insert: 'the route enters the IPv4 FIB',
  fib_table_delete: 'the route leaves the IPv4 FIB',
  // net/core
  dev_change_flags: 'the device is set up or down',
  netif_change_flags: 'the device is set up or down',
};

/** Without what the compiler appended: "addrconf_ifdown.isra.0" is addrconf_ifdown. */
export const plainName = (frame: string): string => frame.replace(/\.(isra|constprop|part|cold)\.\d+$/, '');

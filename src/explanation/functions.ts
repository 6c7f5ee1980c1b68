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
  // net/ipv6/ndisc.c and what lifetimes do
  ndisc_rcv: 'a neighbour discovery packet came in',
  ndisc_router_discovery: 'it is a router advertisement',
  ndisc_recv_na: 'it is a neighbour advertisement without the router flag',
  rt6_clean_tohost: 'the neighbour is a host now: default routes through it go',
  rt6_add_dflt_router: 'the router becomes a default router',
  addrconf_prefix_rcv: 'the advertised prefix is taken in',
  rt6_route_rcv: 'the advertised route is taken in',
  addrconf_verify_rtnl: 'addresses whose lifetime is over are looked for',
  check_lifetime: 'IPv4 addresses whose lifetime is over are looked for',
  fib6_run_gc: 'expired routes are swept',
  ipv6_create_tempaddr: 'a temporary address is made',
  addrconf_dad_stop: 'another host has the address: it is given up',
  addrconf_sysctl_disable: 'the disable_ipv6 switch is written',
  addrconf_sysctl_addr_gen_mode: 'the way of making link-local addresses is changed',
  // net/ipv4/nexthop.c
  nh_netdev_event: 'nexthop objects hear of the device',
  remove_nexthop: 'the nexthop object is removed',
  __remove_nexthop: 'what uses the nexthop object goes with it',
  // net/core, drivers
  linkwatch_do_dev: 'the change of the carrier is worked on',
  netif_carrier_off: 'the device loses its carrier',
  netif_carrier_on: 'the device gains its carrier',
  do_set_master: 'the device gets another master',
  vrf_add_slave: 'the device enters the VRF',
  vrf_del_slave: 'the device leaves the VRF',
  unregister_netdevice_many: 'the device is removed',
  unregister_netdevice_many_notify: 'the device is removed',
  __dev_change_net_namespace: 'the device leaves the network namespace',
  dev_set_mtu_ext: 'the MTU of the device is set',
  cleanup_net: 'the network namespace is taken apart',
  dev_change_flags: 'the device is set up or down',
  netif_change_flags: 'the device is set up or down',
};

/** Without what the compiler appended: "addrconf_ifdown.isra.0" is addrconf_ifdown. */
export const plainName = (frame: string): string => frame.replace(/\.(isra|constprop|part|cold)\.\d+$/, '');

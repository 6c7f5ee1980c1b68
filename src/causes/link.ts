import type { Cause } from './cause.ts';
import { linkCause } from './link-causes.ts';
import { REFERENCES } from './references.ts';

/** Of a VLAN, whose device below was set up or down (Linux 7.2). */
const BY_WORK = ['netdev_work_sched', 'netdev_work_proc', 'netif_change_flags'];
const SILENT_ADVICE = 'Programs that keep their own copy of the table from messages alone (route daemons, caches) still show the silent ones: make them read the table again.';

export const linkUp = linkCause({
  id: 'link-up', event: 'admin', only: 'gained', probes: BY_WORK,
  title: 'a device was set up',
  summary: 'When a device is set up, the routes of the addresses it kept come back, and IPv6 gets its multicast route and link-local address, whose own route follows when duplicate address detection has ended. Static routes that went when the device was set down do not come back.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'do_setlink', 'dev_change_flags', '__dev_notify_flags', 'fib_netdev_event / addrconf_notify', 'fib_add_ifaddr / addrconf_prefix_route', 'addrconf_dad_work (kworker)'],
  references: [REFERENCES.ipLink, REFERENCES.autoconfiguration],
  advice: ['Routes of addresses come back by themselves when a device is set up; static routes do not: let a routing daemon or network manager own them, or add them again.'],
});

export const linkDown = linkCause({
  id: 'link-down', event: 'admin', only: 'lost', probes: BY_WORK,
  title: 'a device was set down',
  summary: 'When a device is set down, every route whose legs all use it goes, in all tables, static ones too. For IPv4 the kernel sends no message about that: monitors that only listen believe the routes are still there. IPv6 announces each one unless net.ipv6.route.skip_notify_on_dev_down is set.',
  path: ['rtnetlink_rcv_msg / devinet_ioctl', 'do_setlink', 'dev_change_flags', '__dev_notify_flags', 'fib_netdev_event', 'fib_disable_ip (inlined)', 'fib_flush', 'fib_table_flush; for IPv6 addrconf_notify', 'addrconf_ifdown', 'rt6_disable_ip', 'fib6_clean_all'],
  references: [REFERENCES.ipLink, REFERENCES.ipSysctl],
  advice: ['Setting the device up again brings back the routes of its IPv4 addresses, not static ones, and not global IPv6 addresses unless keep_addr_on_down is set.', SILENT_ADVICE],
});

export const linkCarrier = linkCause({
  id: 'link-carrier', event: 'carrier',
  title: 'a device gained or lost its carrier',
  summary: 'Losing the carrier (cable, far end of a veth, a closed tun) removes no route by itself, but it deletes nexthop objects of the device with their routes. The first carrier lets IPv6 add the link-local address and its routes.',
  path: ['netif_carrier_on / netif_carrier_off', 'linkwatch_event (kworker)', 'linkwatch_do_dev', 'netdev_state_change', 'nh_netdev_event / fib_netdev_event / addrconf_notify'],
  probes: ['linkwatch_do_dev', 'netif_carrier_on', 'netif_carrier_off'],
  references: [REFERENCES.ipLink, REFERENCES.autoconfiguration],
  advice: ['Look at the far end: the cable, the switch port, the peer of the veth, the program that holds the tun. The steps name who changed it where that happened on this host.'],
});

export const vrfMembership = linkCause({
  id: 'vrf-membership', event: 'master',
  title: 'a device was put under a master or released from it',
  summary: 'Entering or leaving a VRF moves a device to another routing table: its routes leave the old table (IPv4 without a message), the device is cycled down and up, routes of IPv4 addresses come up in the new table, and global IPv6 addresses are lost unless keep_addr_on_down is set. Static routes over the device are lost.',
  path: ['rtnetlink_rcv_msg', 'do_setlink', 'do_set_master', 'vrf_add_slave / vrf_del_slave', '__netdev_upper_dev_link', 'fib_netdev_event / addrconf_notify', 'cycle_netdev (inlined)'],
  references: [REFERENCES.vrf, REFERENCES.ipLink],
  advice: ['Enslave devices before giving them addresses and static routes, or add those again afterwards; keep_addr_on_down=1 saves global IPv6 addresses.', SILENT_ADVICE],
});

export const linkMtu = linkCause({
  id: 'link-mtu', event: 'mtu',
  title: 'the MTU of a device was changed',
  summary: 'Below an MTU of 1280 a device loses IPv6 altogether, addresses and routes; below 68 it loses IPv4. Raising the MTU brings back the link-local address, not the global ones. Above that, IPv6 routes over it that have an MTU of their own may follow it, silently.',
  probes: ['fib6_metric_set'],
  path: ['rtnetlink_rcv_msg / dev_ioctl', 'dev_set_mtu_ext', 'addrconf_notify / inetdev_event', 'addrconf_ifdown', 'rt6_disable_ip'],
  references: [{ id: 'RFC 8200', title: 'IPv6 Specification: packet size issues', section: '5', url: 'https://www.rfc-editor.org/rfc/rfc8200#section-5' }],
  advice: ['Give the device an MTU of at least 1280 and add its IPv6 addresses again.'],
});

export const deviceRemoved = linkCause({
  id: 'device-removed', event: 'unregistered',
  title: 'a device was removed',
  summary: 'With a device go its addresses and every route over it; a multipath route with one leg on it goes whole. IPv4 tells only of the local routes. A tun or tap device that is not persistent is removed when the program that made it closes it or ends.',
  probes: ['unregister_netdevice_many_notify'],
  path: ['rtnl_dellink / __tun_detach / driver', 'unregister_netdevice_many', 'fib_netdev_event / inetdev_event / addrconf_notify', 'fib_table_flush / rt6_disable_ip'],
  references: [REFERENCES.ipLink],
  advice: ['Routes do not come back with a new device of the same name: whoever makes the device has to add them again.', SILENT_ADVICE],
});

export const netnsMoved = linkCause({
  id: 'device-moved', event: 'netns-moved',
  title: 'a device was moved to another network namespace',
  summary: 'A device leaves its addresses and routes behind when it moves to another network namespace; IPv4 routes go without a message.',
  path: ['rtnetlink_rcv_msg', 'do_setlink', '__dev_change_net_namespace', 'dev_close_many', 'fib_netdev_event / addrconf_notify'],
  references: [REFERENCES.ipLink],
  advice: ['Configure the device after the move, inside the new namespace. Container engines and ip link set netns do this.', SILENT_ADVICE],
});

export const netnsDestroyed = linkCause({
  id: 'netns-destroyed', event: 'netns-destroyed',
  title: 'a network namespace was destroyed',
  summary: 'With the last process and the last name of a network namespace go its devices, addresses and routes, in a worker thread of the kernel: the actor is who let go of it last; with a veth goes its peer in another namespace, and the routes over that one.',
  probes: ['cleanup_net'],
  path: ['netns_put / free_nsproxy', '__put_net', 'cleanup_net (kworker)', 'unregister_netdevice_many', 'fib_net_exit_batch', 'ip_fib_net_exit'],
  references: [{ id: 'network_namespaces(7)', title: 'overview of Linux network namespaces', url: 'https://man7.org/linux/man-pages/man7/network_namespaces.7.html' }],
  advice: ['A namespace lives as long as a process is in it, or a file in /run/netns, or an open descriptor holds it.'],
});

/** What was in the namespace itself goes without a path to every route: the end of the namespace says enough. */
export const netnsGone: Cause = {
  ...netnsDestroyed, signature: [],
  match: ({ change }) => change.netnsGone === true ? { trigger: { kind: 'namespace', event: 'destroyed' } } : undefined,
};

export const disableIpv6 = linkCause({
  id: 'disable-ipv6', event: 'disable-ipv6',
  title: 'IPv6 was disabled or enabled by sysctl',
  summary: 'Writing 1 to disable_ipv6 of a device removes its IPv6 addresses and every IPv6 route over it. Writing 0 brings back the link-local address and its routes; global addresses and static routes do not come back.',
  path: ['proc_sys_call_handler', 'addrconf_sysctl_disable', 'dev_disable_change', 'addrconf_ifdown', 'rt6_disable_ip; or addrconf_notify'],
  probes: ['addrconf_sysctl_disable', 'proc_sys_call_handler'],
  references: [REFERENCES.ipSysctl],
  advice: ['Look for what wrote it: sysctl.d files, container engines and VPN clients disable IPv6 on purpose. Global addresses and static routes have to be added again.'],
});

import {
  ADD4, ADD6, ADMIN, CYCLED, DAD_END, DAD_JOIN, DAD_START, DELETE4, DELETE6, DELLINK, HEARD4, IFDOWN, INSERT6, IOCTL, LINK_LOCAL, LINKED, MOVE, MTU, RTNL, TUN_EXIT, UNREGISTER,
} from '../causes/fragments.ts';
import { ANYCAST, LOCAL6, PREFIX4, PREFIX6 } from './acts.ts';
import { addressBytes, nexthopBytes, type RouteSpec } from './encode.ts';
import { byAddress, byCall, byCarrier, byDetection, byLink, byPacket, byRequest, bySysctl, byTimer, byWorker, QUEUES, type Suspect } from './suspects.ts';

const NA = 136;
const RA = 134;
const DEFAULT: RouteSpec = { dst: '::/0', protocol: 9, metric: 1024, dev: 4, via: 'fe80::1', deleted: true };
const LINK_LOCAL_PREFIX: RouteSpec = { dst: 'fe80::/64', protocol: 2, metric: 256, dev: 4 };
const ON_OBJECT: RouteSpec = { dst: '2001:db8:3::/48', protocol: 3, metric: 1024, dev: 4, via: 'fe80::9', nhid: 5, deleted: true };
const SWEPT = 'rtnl_notify < fib6_del < fib6_clean_node < fib6_walk_continue < fib6_walk < fib6_clean_tree < __fib6_clean_all';
const PREFIX = `${ADD6} < addrconf_prefix_route`;
const LEAVE = `${DELETE6} < __ipv6_dev_ac_dec`;
const DELADDR = `ipv6_del_addr < inet6_addr_del.constprop.0 < inet6_rtm_deladdr < ${RTNL}`;
const CLOSED = 'addrconf_notify < raw_notifier_call_chain < dev_close_many';
const OBJECT = `${DELETE6} < __remove_nexthop < remove_nexthop`;
const TOLD = nexthopBytes(5).map((byte, i) => i === 4 ? 105 : byte);
const disables = (what: string): Suspect => bySysctl(what, 'disable-ipv6', 'disable_ipv6', `${IFDOWN} < addrconf_sysctl_disable`);
const takesDown = (): readonly Suspect[] => [
  byLink('a device set down', 'link-down', 'down', `${IFDOWN} < addrconf_notify < ${ADMIN}`),
  byLink('a device deleted', 'device-removed', 'deleted', `${IFDOWN} < ${CLOSED} < ${DELLINK}`),
  byCall('a tun whose owner ended', 'device-removed', 'unregister_netdevice_many_notify', `${IFDOWN} < ${CLOSED} < ${TUN_EXIT}`),
  byLink('a device moved', 'device-moved', 'moved', `${IFDOWN} < ${CLOSED} < ${MOVE}`),
  byLink('a device put into a VRF', 'vrf-membership', 'master', `${IFDOWN} < addrconf_notify < ${LINKED}`),
  byLink('a small MTU', 'link-mtu', 'mtu', `${IFDOWN} < addrconf_notify < ${MTU}`),
  disables('disable_ipv6=1'),
  byWorker('a namespace destroyed', 'netns-destroyed', 'cleanup_net', `${IFDOWN} < ${CLOSED} < ${UNREGISTER} < default_device_exit_batch < ops_exit_list < cleanup_net`),
];

/** Groups of acts that leave one and the same message behind. */
export const LINE_UPS: readonly (readonly [string, RouteSpec, readonly Suspect[]])[] = [
  ['RTM_DELROUTE of an IPv4 prefix', { ...PREFIX4, deleted: true }, [
    byAddress('ip addr del', 'ipv4-address-removed', 21, '192.0.2.1/24', `${DELETE4} < ${HEARD4} < __inet_del_ifa < inet_rtm_deladdr < ${RTNL}`),
    byCall('SIOCSIFADDR', 'ipv4-address-removed', 'devinet_ioctl', `${DELETE4} < ${HEARD4} < __inet_del_ifa < devinet_ioctl < inet_ioctl < ${IOCTL}`, { cmd: 0x8916 }),
    byAddress('a secondary about to be promoted', 'ipv4-secondary-promoted', 21, '192.0.2.7/24', `${DELETE4} < __inet_del_ifa < inet_rtm_deladdr < ${RTNL}`),
    byAddress('a changed metric', 'ipv4-address-added', 20, '192.0.2.1/24', `rtnl_notify < fib_table_delete < fib_magic < inet_rtm_newaddr < ${RTNL}`),
    byWorker('the end of a lifetime', 'address-expired', 'check_lifetime', `${DELETE4} < ${HEARD4} < __inet_del_ifa < check_lifetime`),
    byLink('an MTU below 68', 'link-mtu', 'mtu', `${DELETE4} < ${HEARD4} < __inet_del_ifa < inetdev_event < ${MTU}`),
  ]],
  ['RTM_NEWROUTE of an IPv4 prefix', PREFIX4, [
    byAddress('ip addr add', 'ipv4-address-added', 20, '192.0.2.1/24', `${ADD4} < ${HEARD4} < __inet_insert_ifa < ${RTNL}`),
    byAddress('a promoted secondary', 'ipv4-secondary-promoted', 21, '192.0.2.7/24', `${ADD4} < ${HEARD4} < __inet_del_ifa < inet_rtm_deladdr < ${RTNL}`),
    byLink('a device set up', 'link-up', 'up', `${ADD4} < fib_netdev_event < ${ADMIN}`),
    byLink('a device cycled on entering a VRF', 'vrf-membership', 'master', `${ADD4} < fib_netdev_event < ${CYCLED}`),
  ]],
  ['RTM_DELROUTE of an IPv6 prefix', { ...PREFIX6, deleted: true }, [
    byAddress('ip addr del', 'ipv6-address-removed', 21, '2001:db8:1::1/64', `${DELETE6} < ${DELADDR}`),
    byPacket('an advertisement with valid lifetime 0', 'router-advertisement', RA, `${DELETE6} < addrconf_prefix_rcv < ndisc_router_discovery < ndisc_rcv`),
    byTimer('the end of its lifetime', 'route-expired', `${SWEPT} < fib6_run_gc`),
    ...takesDown(),
  ]],
  ['RTM_DELROUTE of an advertised default route', DEFAULT, [
    byPacket('an advertisement with router lifetime 0', 'router-advertisement', RA, `${DELETE6} < ndisc_router_discovery < ndisc_rcv`),
    byPacket('a neighbour that is no router any more', 'router-turned-host', NA, `${SWEPT} < ndisc_recv_na < ndisc_rcv`),
    bySysctl('forwarding of another device', 'advertised-routers-purged', 'forwarding', 'rtnl_notify < fib6_del < rt6_purge_dflt_routers < addrconf_sysctl_forward'),
    byTimer('the end of its lifetime', 'route-expired', `${SWEPT} < fib6_run_gc`),
    byCall('SIOCDELRT', 'route-ioctl', 'ipv6_route_ioctl', `rtnl_notify < fib6_del < ip6_route_del < ipv6_route_ioctl < inet6_ioctl < ${IOCTL}`, { cmd: 0x890c }),
    byLink('a device set down', 'link-down', 'down', `${IFDOWN} < addrconf_notify < ${ADMIN}`),
  ]],
  ['RTM_NEWROUTE of an anycast address', ANYCAST, [
    bySysctl('forwarding', 'subnet-router-anycast', 'forwarding', `${INSERT6} < __ipv6_dev_ac_inc < dev_forward_change < addrconf_sysctl_forward`),
    byCall('a socket that joins', 'anycast-socket', 'ipv6_sock_ac_join', `${INSERT6} < __ipv6_dev_ac_inc < ipv6_sock_ac_join < do_ipv6_setsockopt < __x64_sys_setsockopt`),
    byDetection('an address while forwarding is on', 'subnet-router-anycast', QUEUES.request(`${DAD_START} < inet6_addr_add < inet6_rtm_newaddr < ${RTNL}`, addressBytes(20, '2001:db8:1::1/64', 4)), DAD_JOIN),
    byCall('SIOCADDRT with the flags of one', 'route-ioctl', 'ipv6_route_ioctl', `${ADD6} < ipv6_route_ioctl < inet6_ioctl < ${IOCTL}`, { cmd: 0x890b }),
  ]],
  ['RTM_DELROUTE of an anycast address', { ...ANYCAST, deleted: true }, [
    bySysctl('forwarding', 'subnet-router-anycast', 'forwarding', `${LEAVE} < addrconf_leave_anycast < dev_forward_change < addrconf_sysctl_forward`),
    byCall('a socket that leaves', 'anycast-socket', 'ipv6_sock_ac_drop', `${LEAVE} < ipv6_sock_ac_drop < do_ipv6_setsockopt < __x64_sys_setsockopt`),
    byCall('a program that ends', 'anycast-socket', '__ipv6_sock_ac_close', `${LEAVE} < __ipv6_sock_ac_close < ipv6_sock_ac_close < inet6_release < __sock_release < sock_close < __fput < task_work_run < do_exit`),
    byAddress('ip addr del', 'subnet-router-anycast', 21, '2001:db8:1::1/64', `${LEAVE} < addrconf_leave_anycast < __ipv6_ifa_notify < ${DELADDR}`),
    byLink('a device set down', 'link-down', 'down', `${IFDOWN} < addrconf_notify < ${ADMIN}`),
    disables('disable_ipv6=1'),
  ]],
  ['RTM_NEWROUTE of the link-local prefix', LINK_LOCAL_PREFIX, [
    byLink('a device set up', 'link-up', 'up', `${PREFIX} < ${LINK_LOCAL} < addrconf_notify < ${ADMIN}`),
    byCarrier('the carrier that the far end raised', 'link-carrier', 'netif_carrier_on', `${PREFIX} < ${LINK_LOCAL} < addrconf_notify`),
    bySysctl('addr_gen_mode', 'address-generation', 'addr_gen_mode', `${PREFIX} < ${LINK_LOCAL} < addrconf_sysctl_addr_gen_mode`),
    byLink('MTU back to 1500', 'link-mtu', 'mtu', `${PREFIX} < ${LINK_LOCAL} < addrconf_notify < ${MTU}`),
    bySysctl('disable_ipv6=0', 'disable-ipv6', 'disable_ipv6', `${PREFIX} < ${LINK_LOCAL} < addrconf_notify < addrconf_sysctl_disable`),
    byLink('a device cycled on entering a VRF', 'vrf-membership', 'master', `${PREFIX} < ${LINK_LOCAL} < addrconf_notify < ${CYCLED}`),
    byAddress('ip addr add fe80::5/64', 'ipv6-address-added', 20, 'fe80::5/64', `${PREFIX} < inet6_addr_add < inet6_rtm_newaddr < ${RTNL}`),
  ]],
  ['RTM_NEWROUTE of an address after detection', LOCAL6, [
    byDetection('ip addr add', 'ipv6-address-added', QUEUES.request(`${DAD_START} < inet6_addr_add < inet6_rtm_newaddr < ${RTNL}`, addressBytes(20, '2001:db8:1::1/64', 4)), DAD_END),
    byDetection('an advertised prefix', 'router-advertisement', QUEUES.packet(`${DAD_START} < addrconf_prefix_rcv_add_addr < addrconf_prefix_rcv < ndisc_router_discovery < ndisc_rcv`), DAD_END),
    byDetection('a temporary address', 'temporary-address', QUEUES.worker(`${DAD_START} < ipv6_create_tempaddr.isra.0 < addrconf_verify_rtnl < addrconf_verify_work`), DAD_END),
    byDetection('a device set up', 'link-up', QUEUES.link(`${DAD_START} < addrconf_notify < ${ADMIN}`), DAD_END),
    byDetection('addr_gen_mode', 'address-generation', QUEUES.sysctl(`mod_delayed_work_on < addrconf_mod_dad_work < ${LINK_LOCAL} < addrconf_sysctl_addr_gen_mode`), DAD_END),
    byDetection('disable_ipv6=0', 'disable-ipv6', QUEUES.sysctl(`mod_delayed_work_on < addrconf_mod_dad_work < ${LINK_LOCAL} < addrconf_notify < addrconf_sysctl_disable`), DAD_END),
  ]],
  ['RTM_DELROUTE of an IPv6 route on a nexthop object', ON_OBJECT, [
    byRequest('ip nexthop del', 'nexthop-removed', TOLD, `${OBJECT} < rtm_del_nexthop < ${RTNL}`),
    byCarrier('the carrier that the far end dropped', 'nexthop-removed', 'netif_carrier_off', `${OBJECT} < nexthop_flush_dev < nh_netdev_event`),
    byLink('a device set down', 'nexthop-removed', 'down', `${OBJECT} < nexthop_flush_dev < nh_netdev_event < ${ADMIN}`),
    byLink('a device set down, heard of by IPv6 first', 'link-down', 'down', `${IFDOWN} < addrconf_notify < ${ADMIN}`),
    byCall('a tun whose owner ended', 'nexthop-removed', 'unregister_netdevice_many_notify', `${OBJECT} < nexthop_flush_dev < nh_netdev_event < raw_notifier_call_chain < dev_close_many < ${TUN_EXIT}`),
  ]],
];

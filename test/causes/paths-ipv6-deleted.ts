import { addressBytes } from '../attribution/encode.ts';
import {
  ADMIN, ADVERTISEMENT, ADVERTISEMENT_612, CLEAN6, CLEANUP, DELETE6, DELLINK, DISABLE, IFDOWN, IOCTL, LINKED, MOVE, MTU, PACKET, RTNL, SETLINK, SYSCTL, TIMER, TUN_EXIT, UNREGISTER, WORKER,
} from './fragments.ts';
import { LINK } from './requests.ts';
import { stack, type KernelPath, type RootCall } from './path.ts';

const asks: RootCall = { fn: 'rtnetlink_rcv_msg', bytes: addressBytes(21, '2001:db8:1::1/64', 4) };
const adds: RootCall = { fn: 'rtnetlink_rcv_msg', bytes: addressBytes(20, '2001:db8:1::7/64', 4) };
const writes: RootCall = { fn: 'proc_sys_call_handler' };
const answered: RootCall = { fn: 'ndisc_rcv', fields: { icmptype: 136 } };
const withdrawn: RootCall = { fn: 'ndisc_rcv', fields: { icmptype: 134, lifetime: 0 } };
const OWN = `${DELETE6} < __ipv6_ifa_notify < ipv6_del_addr`;
const DELADDR = `inet6_addr_del.constprop.0 < inet6_rtm_deladdr < ${RTNL}`;
const LEAVE = `${DELETE6} < __ipv6_dev_ac_dec`;
const EXPIRED = 'rtnl_notify < fib6_del < fib6_clean_node < fib6_walk_continue < fib6_walk < fib6_clean_tree < __fib6_clean_all < fib6_run_gc';
const TOHOST = `${CLEAN6} < ndisc_recv_na`;
const FAILED = stack('mod_delayed_work_on < addrconf_mod_dad_work < addrconf_dad_failure < ndisc_recv_na < ndisc_rcv', PACKET);
const row = (is: string, look: KernelPath['look'], from: string, what: string, frames: readonly string[], call?: RootCall, more: Partial<KernelPath> = {}): KernelPath =>
  ({ is, effect: 'delete', look, from, what, frames, ...(call === undefined ? {} : { call }), ...more });
const requested = (look: KernelPath['look']): KernelPath => ({ is: 'route-request', effect: 'delete', look, from: 'map 6.4', what: 'ip -6 route del', request: { type: 25, flags: 5 } });
/** Whatever takes IPv6 down on a device takes every route over it. */
const taken = (look: KernelPath['look']): readonly KernelPath[] => [
  row('link-down', look, look === 'IPv6 default' || look === 'IPv6 anycast' || look === 'IPv6 static' ? 'map 6.25' : 'recording link-up-down', 'device set down', stack(IFDOWN, 'addrconf_notify', ADMIN), LINK.down),
  row('device-removed', look, 'map 6.26', 'ip link del', stack(IFDOWN, 'addrconf_notify < raw_notifier_call_chain < dev_close_many', DELLINK), LINK.deleted),
  row('device-removed', look, 'map 6.26', 'the owner of a tun ended', stack(IFDOWN, 'addrconf_notify < raw_notifier_call_chain < dev_close_many', TUN_EXIT), { fn: 'unregister_netdevice_many_notify' }),
  row('device-moved', look, 'map 6.26', 'ip link set netns', stack(IFDOWN, 'addrconf_notify < raw_notifier_call_chain < dev_close_many < dev_close.part.0', MOVE), LINK.moved),
  row('netns-destroyed', look, 'map 6.26', 'namespace of the veth peer destroyed', stack(IFDOWN, 'addrconf_notify < raw_notifier_call_chain < dev_close_many', UNREGISTER, CLEANUP), { fn: 'cleanup_net' }),
  row('disable-ipv6', look, 'map 6.27', 'disable_ipv6=1, without a frame of addrconf_notify', stack(IFDOWN, DISABLE), writes),
  row('link-mtu', look, 'map 6.28', 'MTU below 1280', stack(IFDOWN, 'addrconf_notify', MTU), LINK.mtu),
  row('vrf-membership', look, 'map 6.32', 'device put into a VRF', stack(IFDOWN, 'addrconf_notify', LINKED), LINK.master),
  requested(look),
];

/** The same IPv6 routes going by every way there is. */
export const IPV6_DELETED: readonly KernelPath[] = [
  ...taken('IPv6 prefix'), ...taken('IPv6 local'), ...taken('IPv6 anycast'), ...taken('IPv6 static'), ...taken('IPv6 default'), ...taken('IPv6 multicast'),
  row('ipv6-address-removed', 'IPv6 prefix', 'recording address-ipv6', 'address removed', stack(DELETE6, 'ipv6_del_addr', DELADDR), asks),
  row('ipv6-address-removed', 'IPv6 prefix', 'recording ioctl-addresses', 'address removed by SIOCDIFADDR', stack(DELETE6, 'ipv6_del_addr < inet6_addr_del.constprop.0 < addrconf_del_ifaddr', IOCTL), { fn: 'addrconf_del_ifaddr' }),
  row('ipv6-address-removed', 'IPv6 prefix', 'map 6.9 (5.10)', 'address removed', stack('rtnl_notify < fib6_del < __ip6_del_rt < ipv6_del_addr < inet6_addr_del < inet6_rtm_deladdr', RTNL), asks),
  row('ipv6-address-removed', 'IPv6 prefix', 'map 6.9 (6.18)', 'address removed', stack(DELETE6, 'ipv6_del_addr < inet6_addr_del.isra.0 < inet6_rtm_deladdr', RTNL), asks),
  row('ipv6-address-added', 'IPv6 prefix', 'map 6.10', 'metric of the address changed', stack(DELETE6, 'modify_prefix_route < inet6_rtm_newaddr', RTNL), adds),
  row('router-advertisement', 'IPv6 prefix', 'map 6.17', 'prefix withdrawn with valid lifetime 0', stack(DELETE6, 'addrconf_prefix_rcv', ADVERTISEMENT), withdrawn),
  row('route-expired', 'IPv6 prefix', 'map 6.20', 'prefix of a dynamic address expired', stack(EXPIRED, TIMER)),
  row('ipv6-address-removed', 'IPv6 local', 'recording address-ipv6', 'address removed', stack(OWN, DELADDR), asks),
  row('ipv6-address-removed', 'IPv6 local', 'map 6.9', 'temporary address removed with the address that it was made for', stack(OWN, 'delete_tempaddrs', DELADDR), asks),
  row('address-expired', 'IPv6 local', 'map 6.11', 'lifetime of the address over', stack(OWN, 'addrconf_verify_rtnl < addrconf_verify_work', WORKER), { fn: 'addrconf_verify_work' }),
  row('address-expired', 'IPv6 local', 'map 6.11', 'lifetime over, noticed within a request for another address', stack(OWN, 'addrconf_verify_rtnl < inet6_addr_add < inet6_rtm_newaddr', RTNL), adds),
  row('address-expired', 'IPv6 local', 'map 6.11', 'lifetime over, noticed within the removal of another address', stack(OWN, 'addrconf_verify_rtnl', DELADDR), asks),
  row('address-expired', 'IPv6 local', 'map 6.11', 'lifetime over, noticed when detection of a temporary address ended', stack(OWN, 'addrconf_verify_rtnl < addrconf_dad_completed < addrconf_dad_work', WORKER), LINK.up, { queued: stack('mod_delayed_work_on < addrconf_dad_start < addrconf_notify', ADMIN) }),
  row('address-generation', 'IPv6 local', 'map 6.31', 'token changed: addresses made with the old one end', stack(OWN, 'addrconf_verify_rtnl < inet6_set_link_af', SETLINK), LINK.token),
  row('duplicate-address', 'IPv6 local', 'map 6.8', 'optimistic address that another host has', stack(OWN, 'addrconf_dad_work', WORKER), answered, { queued: FAILED }),
  row('duplicate-address', 'IPv6 local', 'map 6.8', 'accept_dad=2: IPv6 is taken down on the device', stack(IFDOWN, 'addrconf_dad_work', WORKER), answered, { queued: FAILED }),
  row('duplicate-address', 'IPv6 local', 'map 6.8', 'optimistic autoconfigured address, the answer itself was not seen', stack(OWN, 'addrconf_dad_work', WORKER), withdrawn, { queued: stack('mod_delayed_work_on < addrconf_dad_start < addrconf_prefix_rcv_add_addr < addrconf_prefix_rcv', ADVERTISEMENT) }),
  row('duplicate-address', 'IPv6 prefix', 'map 6.8', 'accept_dad=2, the answer itself was not seen: only that the device had been set up', stack(IFDOWN, 'addrconf_dad_work', WORKER), LINK.up, { queued: stack('mod_delayed_work_on < addrconf_mod_dad_work < addrconf_add_linklocal < addrconf_addr_gen < addrconf_notify', ADMIN) }),

  row('subnet-router-anycast', 'IPv6 anycast', 'recording forwarding-on-off', 'forwarding switched off', stack(LEAVE, 'addrconf_leave_anycast < dev_forward_change < addrconf_sysctl_forward', SYSCTL), writes),
  row('subnet-router-anycast', 'IPv6 anycast', 'recording dad-anycast', 'address removed while forwarding is on', stack(LEAVE, 'addrconf_leave_anycast < __ipv6_ifa_notify < ipv6_del_addr', DELADDR), asks),
  row('subnet-router-anycast', 'IPv6 anycast', 'map 6.13, 6.11', 'lifetime of the address over while forwarding is on', stack(LEAVE, '__ipv6_ifa_notify < ipv6_del_addr < addrconf_verify_rtnl < addrconf_verify_work', WORKER), adds, { trigger: 'address-lifetime' }),
  row('subnet-router-anycast', 'IPv6 anycast', 'map 6.31, 6.13', 'token changed while forwarding is on', stack(LEAVE, '__ipv6_ifa_notify < ipv6_del_addr < addrconf_verify_rtnl < inet6_set_link_af', SETLINK), LINK.token, { trigger: 'link-state' }),
  row('anycast-socket', 'IPv6 anycast', 'map 6.14', 'socket left', stack(LEAVE, 'ipv6_sock_ac_drop < do_ipv6_setsockopt < ipv6_setsockopt < __sys_setsockopt < __x64_sys_setsockopt'), { fn: 'ipv6_sock_ac_drop' }),
  row('anycast-socket', 'IPv6 anycast', 'recording anycast-sockets', 'socket closed', stack(LEAVE, '__ipv6_sock_ac_close < ipv6_sock_ac_close < inet6_release < __sock_release < sock_close < __fput < task_work_run'), { fn: '__ipv6_sock_ac_close' }),

  row('router-advertisement', 'IPv6 default', 'map 6.15', 'router lifetime 0', stack(DELETE6, ADVERTISEMENT), withdrawn),
  row('router-advertisement', 'IPv6 default', 'map 6.15 (6.12)', 'router lifetime 0', stack(DELETE6, ADVERTISEMENT_612), withdrawn),
  row('router-turned-host', 'IPv6 default', 'map 6.21', 'neighbour advertisement without the router flag', stack(TOHOST, 'ndisc_rcv', PACKET), answered),
  row('router-turned-host', 'IPv6 default', 'map 6.21 (6.12)', 'neighbour advertisement without the router flag', stack(TOHOST, PACKET), answered),
  row('advertised-routers-purged', 'IPv6 default', 'map 6.12', 'forwarding written, be it of another device', stack('rtnl_notify < fib6_del < rt6_purge_dflt_routers < addrconf_sysctl_forward', SYSCTL), writes),
  row('route-expired', 'IPv6 default', 'map 6.20', 'lifetime over, by the timer', stack(EXPIRED, TIMER)),
  row('route-expired', 'IPv6 default', 'map 6.20 (6.12)', 'lifetime over, by the timer', stack('rtnl_notify < fib6_del < fib6_run_gc', TIMER)),
  row('route-expired', 'IPv6 default', 'map 6.20', 'lifetime over, swept while a program sends', stack(EXPIRED, 'ip6_dst_gc < dst_alloc < ip6_dst_alloc < ip6_rt_cache_alloc < ip6_pol_route < fib6_rule_lookup < ip6_route_output_flags < udpv6_sendmsg < __sys_sendto < __x64_sys_sendto')),
  row('route-expired', 'IPv6 default', 'map 6.20', 'lifetime over, swept because another device is set down', stack(EXPIRED, 'ndisc_netdev_event', ADMIN), LINK.down),
  row('route-expired', 'IPv6 default', 'map 6.20', 'lifetime over, swept by net.ipv6.route.flush', stack(EXPIRED, 'ipv6_sysctl_rtcache_flush', SYSCTL), writes),
  row('route-expired', 'IPv6 default', 'map 6.20', 'lifetime over, swept while an advertisement is worked on', stack(EXPIRED, 'ip6_dst_gc < dst_alloc < ip6_dst_alloc < icmp6_dst_alloc < ndisc_send_skb < ndisc_send_ns', ADVERTISEMENT), withdrawn),
  row('route-ioctl', 'IPv6 default', 'map 6.5', 'SIOCDELRT', stack('rtnl_notify < fib6_del < ip6_route_del < ipv6_route_ioctl < inet6_ioctl', IOCTL), { fn: 'ipv6_route_ioctl', fields: { cmd: 0x890c } }),
  row('router-advertisement', 'IPv6 static', 'map 6.19', 'route information option with lifetime 0', stack(DELETE6, 'rt6_route_rcv', ADVERTISEMENT), withdrawn),
  row('route-expired', 'IPv6 static', 'map 6.20', 'ip -6 route add ... expires', stack(EXPIRED, TIMER)),
  row('route-ioctl', 'IPv6 static', 'recording route-requests', 'SIOCDELRT', stack('rtnl_notify < fib6_del < ip6_route_del < ipv6_route_ioctl < inet6_ioctl', IOCTL), { fn: 'ipv6_route_ioctl', fields: { cmd: 0x890c } }),
  row('linkdown-ignored', 'IPv6 prefix', 'map 6.38', 'ignore_routes_with_linkdown written for all devices', stack('inet6_netconf_notify_devconf < addrconf_fixup_linkdown < addrconf_sysctl_ignore_routes_with_linkdown', SYSCTL), { fn: 'proc_sys_call_handler' }),
];

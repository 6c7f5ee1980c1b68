import { addressBytes } from '../attribution/encode.ts';
import {
  ADD6, ADMIN, ADVERTISEMENT, ADVERTISEMENT_612, AUTO, CARRIER, CARRIER_READ, CYCLED, DAD_END, DAD_JOIN, DAD_START, DISABLE, INSERT6, IOCTL, LINK_LOCAL, MTU, PACKET, RTNL, SYSCTL, WORKER,
} from './fragments.ts';
import { LINK } from './requests.ts';
import { stack, type KernelPath, type RootCall } from './path.ts';

const asks: RootCall = { fn: 'rtnetlink_rcv_msg', bytes: addressBytes(20, '2001:db8:1::1/64', 4) };
const PREFIX = `${ADD6} < addrconf_prefix_route`;
const PLUS_RA: RootCall = { fn: 'ndisc_rcv', fields: { icmptype: 134, lifetime: 1800 } };
const SOCKET = 'do_ipv6_setsockopt < ipv6_setsockopt < __sys_setsockopt < __x64_sys_setsockopt';
const GENERATED = `${LINK_LOCAL} < addrconf_sysctl_addr_gen_mode < ${SYSCTL}`;
const VERIFY = 'ipv6_create_tempaddr.isra.0 < addrconf_verify_rtnl';
const row = (is: string, look: KernelPath['look'], from: string, what: string, frames: readonly string[], more: Partial<KernelPath> = {}): KernelPath => ({ is, effect: 'add', look, from, what, frames, ...more });
/** What comes when duplicate address detection has ended is told by what queued it. */
const queued = (is: string, from: string, what: string, queue: readonly string[], call: RootCall, look: KernelPath['look'] = 'IPv6 local'): KernelPath =>
  row(is, look, from, what, stack(look === 'IPv6 anycast' ? DAD_JOIN : DAD_END), { queued: queue, call });
const requested = (look: KernelPath['look'], from = 'map 6.1'): KernelPath => ({ is: 'route-request', effect: 'add', look, from, what: 'ip -6 route add', request: { type: 24, flags: 0x605 } });

/** The same IPv6 routes coming by every way there is. */
export const IPV6_ADDED: readonly KernelPath[] = [
  row('ipv6-address-added', 'IPv6 prefix', 'recording address-ipv6', 'address added', stack(PREFIX, 'inet6_addr_add < inet6_rtm_newaddr', RTNL), { call: asks }),
  row('ipv6-address-added', 'IPv6 prefix', 'recording ioctl-addresses', 'address added by SIOCSIFADDR', stack(PREFIX, 'inet6_addr_add < addrconf_add_ifaddr', IOCTL), { call: { fn: 'addrconf_add_ifaddr' } }),
  row('ipv6-address-added', 'IPv6 prefix', 'map 6.10', 'metric of the address changed', stack(PREFIX, 'modify_prefix_route < inet6_rtm_newaddr', RTNL), { call: asks }),
  row('router-advertisement', 'IPv6 prefix', 'map 6.17', 'advertised prefix', stack(PREFIX, 'addrconf_prefix_rcv', ADVERTISEMENT), { call: PLUS_RA }),
  row('router-advertisement', 'IPv6 prefix', 'map 6.17, 6.3 (6.12)', 'advertised prefix', stack(PREFIX, 'addrconf_prefix_rcv', ADVERTISEMENT_612), { call: PLUS_RA }),
  row('link-up', 'IPv6 prefix', 'map 6.22', 'device set up: an address that was kept', stack(PREFIX, 'addrconf_notify', ADMIN), { call: LINK.up }),
  row('link-carrier', 'IPv6 prefix', 'map 6.24', 'first carrier: an address that was kept', stack(PREFIX, 'addrconf_notify', CARRIER), { call: { fn: 'linkwatch_do_dev' } }),
  row('vrf-membership', 'IPv6 prefix', 'map 6.32', 'device cycled on entering a VRF: an address that was kept', stack(PREFIX, 'addrconf_notify', CYCLED), { call: LINK.master }),
  requested('IPv6 prefix'),

  row('link-up', 'IPv6 link-local prefix', 'recording link-up-down', 'device set up', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', ADMIN), { call: LINK.up }),
  row('link-up', 'IPv6 link-local prefix', 'recording ioctl-addresses', 'device set up by SIOCSIFFLAGS', stack(PREFIX, LINK_LOCAL, 'addrconf_notify < raw_notifier_call_chain < __dev_notify_flags < dev_change_flags < devinet_ioctl < inet_ioctl', IOCTL), { call: { fn: 'devinet_ioctl', fields: { cmd: 0x8914 } } }),
  row('link-carrier', 'IPv6 link-local prefix', 'map 6.24', 'first carrier', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', CARRIER), { call: { fn: 'linkwatch_do_dev' } }),
  row('link-carrier', 'IPv6 link-local prefix', 'map 6.24, 9.2 (6.12)', 'first carrier, worked on by a program that reads the state of the device', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', CARRIER_READ), { call: { fn: 'linkwatch_do_dev' } }),
  row('link-mtu', 'IPv6 link-local prefix', 'map 6.28', 'MTU back to 1500', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', MTU), { call: LINK.mtu }),
  row('disable-ipv6', 'IPv6 link-local prefix', 'map 6.27', 'disable_ipv6=0', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', DISABLE), { call: { fn: 'proc_sys_call_handler' } }),
  row('vrf-membership', 'IPv6 link-local prefix', 'map 6.32', 'device cycled on entering a VRF', stack(PREFIX, LINK_LOCAL, 'addrconf_notify', CYCLED), { call: LINK.master }),
  row('address-generation', 'IPv6 link-local prefix', 'map 6.30', 'addr_gen_mode written', stack(PREFIX, GENERATED), { call: { fn: 'proc_sys_call_handler' } }),
  row('address-generation', 'IPv6 link-local prefix', 'map 6.30 (5.10)', 'addr_gen_mode written', stack(PREFIX, 'addrconf_add_linklocal < addrconf_addr_gen < addrconf_dev_config < addrconf_sysctl_addr_gen_mode', SYSCTL), { call: { fn: 'proc_sys_call_handler' } }),
  row('ipv6-address-added', 'IPv6 link-local prefix', 'map 6.6', 'ip -6 addr add fe80::5/64', stack(PREFIX, 'inet6_addr_add < inet6_rtm_newaddr', RTNL), { call: asks }),
  requested('IPv6 link-local prefix'),
  row('link-up', 'IPv6 multicast', 'recording link-up-down', 'device set up', stack(ADD6, AUTO, 'addrconf_notify', ADMIN), { call: LINK.up }),
  row('disable-ipv6', 'IPv6 multicast', 'map 6.27', 'disable_ipv6=0', stack(ADD6, AUTO, 'addrconf_notify', DISABLE), { call: { fn: 'proc_sys_call_handler' } }),
  row('link-mtu', 'IPv6 multicast', 'map 6.28', 'MTU back to 1500', stack(ADD6, AUTO, 'addrconf_notify', MTU), { call: LINK.mtu }),
  row('address-generation', 'IPv6 multicast', 'map 6.30', 'addr_gen_mode written', stack(ADD6, AUTO, 'addrconf_sysctl_addr_gen_mode', SYSCTL), { call: { fn: 'proc_sys_call_handler' } }),
  row('ipv6-address-added', 'IPv6 multicast', 'map 6.6', 'address added to a device whose multicast route had been deleted', stack(ADD6, 'addrconf_add_mroute < addrconf_add_dev < inet6_addr_add < inet6_rtm_newaddr', RTNL), { call: asks }),

  row('link-up', 'IPv6 local', 'map 6.23', 'lo set up', stack(INSERT6, '__ipv6_ifa_notify < add_addr < addrconf_notify', ADMIN), { call: LINK.up }),
  queued('ipv6-address-added', 'recording address-ipv6', 'address added', stack(DAD_START, 'inet6_addr_add < inet6_rtm_newaddr', RTNL), asks),
  queued('ipv6-address-added', 'recording ioctl-addresses', 'address added by SIOCSIFADDR', stack(DAD_START, 'inet6_addr_add < addrconf_add_ifaddr', IOCTL), { fn: 'addrconf_add_ifaddr' }),
  queued('ipv6-address-added', 'map 6.18', 'temporary address of an address added with mngtmpaddr', stack(DAD_START, 'ipv6_create_tempaddr.isra.0 < manage_tempaddrs < inet6_addr_add < inet6_rtm_newaddr', RTNL), asks),
  queued('router-advertisement', 'map 6.18', 'autoconfigured address', stack(DAD_START, 'addrconf_prefix_rcv_add_addr < addrconf_prefix_rcv', ADVERTISEMENT), PLUS_RA),
  queued('router-advertisement', 'map 6.18 (6.12)', 'temporary address of an autoconfigured one', stack(DAD_START, 'ipv6_create_tempaddr.isra.0 < manage_tempaddrs < addrconf_prefix_rcv_add_addr < addrconf_prefix_rcv', ADVERTISEMENT_612), PLUS_RA),
  queued('temporary-address', 'map 6.11', 'temporary address in time for the end of an older one', stack(DAD_START, VERIFY, 'addrconf_verify_work', WORKER), { fn: 'addrconf_verify_work' }),
  queued('temporary-address', 'map 6.11', 'temporary address made within an innocent request for another address', stack(DAD_START, VERIFY, 'inet6_addr_add < inet6_rtm_newaddr', RTNL), asks),
  queued('temporary-address', 'map 6.11', 'temporary address made within an innocent removal of another address', stack(DAD_START, VERIFY, 'inet6_addr_del.constprop.0 < inet6_rtm_deladdr', RTNL), { fn: 'rtnetlink_rcv_msg', bytes: addressBytes(21, '2001:db8:1::7/64', 4) }),
  queued('link-up', 'recording link-up-down', 'device set up: its link-local address', stack('mod_delayed_work_on < addrconf_mod_dad_work', LINK_LOCAL, 'addrconf_notify', ADMIN), LINK.up),
  queued('link-up', 'map 6.22', 'device set up: an address that was kept', stack(DAD_START, 'addrconf_notify', ADMIN), LINK.up),
  queued('link-carrier', 'map 6.24', 'first carrier', stack('mod_delayed_work_on < addrconf_dad_kick < addrconf_dad_run < addrconf_notify', CARRIER), { fn: 'linkwatch_do_dev' }),
  queued('link-mtu', 'map 6.28', 'MTU back to 1500', stack('mod_delayed_work_on < addrconf_mod_dad_work', LINK_LOCAL, 'addrconf_notify', MTU), LINK.mtu),
  queued('disable-ipv6', 'map 6.27', 'disable_ipv6=0', stack('mod_delayed_work_on < addrconf_mod_dad_work', LINK_LOCAL, 'addrconf_notify', DISABLE), { fn: 'proc_sys_call_handler' }),
  queued('vrf-membership', 'map 6.32', 'device cycled on entering a VRF', stack('mod_delayed_work_on < addrconf_mod_dad_work', LINK_LOCAL, 'addrconf_notify', CYCLED), LINK.master),
  queued('address-generation', 'map 6.30', 'addr_gen_mode written', stack('mod_delayed_work_on < addrconf_mod_dad_work', GENERATED), { fn: 'proc_sys_call_handler' }),
  queued('duplicate-address', 'map 6.8', 'another stable address made in place of a duplicate one', stack('mod_delayed_work_on < addrconf_mod_dad_work < addrconf_dad_failure < ndisc_recv_na < ndisc_rcv', PACKET), { fn: 'ndisc_rcv', fields: { icmptype: 136 } }),
  requested('IPv6 local'),

  row('subnet-router-anycast', 'IPv6 anycast', 'recording forwarding-on-off', 'forwarding switched on', stack(INSERT6, '__ipv6_dev_ac_inc < dev_forward_change < addrconf_sysctl_forward', SYSCTL), { call: { fn: 'proc_sys_call_handler' } }),
  queued('subnet-router-anycast', 'recording dad-anycast', 'address added while forwarding is on', stack(DAD_START, 'inet6_addr_add < inet6_rtm_newaddr', RTNL), asks, 'IPv6 anycast'),
  queued('subnet-router-anycast', 'map 6.13', 'device set up while forwarding is on', stack(DAD_START, 'addrconf_notify', ADMIN), LINK.up, 'IPv6 anycast'),
  row('anycast-socket', 'IPv6 anycast', 'recording anycast-sockets', 'socket joined', stack(INSERT6, '__ipv6_dev_ac_inc < ipv6_sock_ac_join', SOCKET), { call: { fn: 'ipv6_sock_ac_join' } }),
  requested('IPv6 anycast'),
  row('route-ioctl', 'IPv6 anycast', 'map 9.6, 6.5', 'SIOCADDRT with the flags of an anycast route', stack(ADD6, 'ipv6_route_ioctl < inet6_ioctl', IOCTL), { call: { fn: 'ipv6_route_ioctl', fields: { cmd: 0x890b } } }),

  row('router-advertisement', 'IPv6 default', 'map 6.15', 'router lifetime', stack(ADD6, 'rt6_add_dflt_router', ADVERTISEMENT), { call: PLUS_RA }),
  row('router-advertisement', 'IPv6 default', 'map 6.15 (6.12)', 'router lifetime', stack(ADD6, 'rt6_add_dflt_router', ADVERTISEMENT_612), { call: PLUS_RA }),
  row('router-advertisement', 'IPv6 default', 'map 6.15', 'router lifetime, the packet written into a tun within its program', stack(ADD6, 'rt6_add_dflt_router < ndisc_router_discovery < ndisc_rcv < icmpv6_rcv < ip6_input_finish < netif_receive_skb < tun_get_user < tun_chr_write_iter < vfs_write < ksys_write < do_syscall_64'), { call: PLUS_RA }),
  requested('IPv6 default'),
  row('route-ioctl', 'IPv6 static', 'recording route-requests', 'SIOCADDRT', stack(ADD6, 'ipv6_route_ioctl < inet6_ioctl', IOCTL), { call: { fn: 'ipv6_route_ioctl', fields: { cmd: 0x890b } } }),
  row('router-advertisement', 'IPv6 static', 'map 6.19', 'route information option', stack(ADD6, 'rt6_add_route_info < rt6_route_rcv', ADVERTISEMENT), { call: PLUS_RA }),
  requested('IPv6 static'),
  { ...row('router-advertisement', 'IPv6 default', 'map 6.16', 'preference changed', stack('rtnl_notify', ADVERTISEMENT), { call: PLUS_RA }), effect: 'replace' },
  { is: 'route-request', effect: 'replace', look: 'IPv6 default', from: 'map 6.3', what: 'ip -6 route replace', request: { type: 24, flags: 0x505 } },
];

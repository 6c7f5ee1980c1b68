import { addressBytes } from '../attribution/encode.ts';
import {
  ADD4, ADMIN, ADMIN_618, CLEANUP, CYCLED, DELETE4, DELLINK, FLUSH4, HEARD4, IOCTL, LINKED, MOVE, MTU, RTNL, SETLINK, SYSCTL, TUN_EXIT, TUN_EXIT_510, UNREGISTER, WORKER,
} from './fragments.ts';
import { LINK } from './requests.ts';
import { stack, type KernelPath, type RootCall } from './path.ts';

const asksAddress = (type: 20 | 21): RootCall => ({ fn: 'rtnetlink_rcv_msg', bytes: addressBytes(type, '192.0.2.1/24', 4) });
const SECONDARY = `__inet_del_ifa < inet_rtm_deladdr < ${RTNL}`;

/** The same IPv4 routes by every way there is. */
export const IPV4_PATHS: readonly KernelPath[] = [
  // Coming: the prefix route.
  { is: 'ipv4-address-added', effect: 'add', look: 'IPv4 prefix', from: 'recording address-ipv4', what: 'address added', frames: stack(ADD4, HEARD4, '__inet_insert_ifa', RTNL), call: asksAddress(20) },
  { is: 'ipv4-address-added', effect: 'add', look: 'IPv4 prefix', from: 'recording ioctl-addresses', what: 'address set by SIOCSIFADDR', frames: stack(ADD4, HEARD4, '__inet_insert_ifa < devinet_ioctl < inet_ioctl', IOCTL), call: { fn: 'devinet_ioctl', fields: { cmd: 0x8916 } } },
  { is: 'ipv4-address-added', effect: 'add', look: 'IPv4 prefix', from: 'map 4.7', what: 'metric of the address changed: the new route', frames: stack('rtnl_notify < fib_table_insert < fib_magic < fib_modify_prefix_metric < inet_rtm_newaddr', RTNL), call: asksAddress(20) },
  { is: 'ipv4-secondary-promoted', effect: 'add', look: 'IPv4 prefix', from: 'map 4.6b', what: 'secondary promoted', frames: stack(ADD4, HEARD4, SECONDARY), call: asksAddress(21) },
  { is: 'ipv4-secondary-promoted', effect: 'add', look: 'IPv4 prefix', from: 'map 4.6b', what: 'a later secondary gets its routes with the promoted one as source', frames: stack(ADD4, SECONDARY), call: asksAddress(21) },
  { is: 'ipv4-secondary-promoted', effect: 'add', look: 'IPv4 prefix', from: 'map 4.6b, 4.8', what: 'secondary promoted because the lifetime of the primary one was over', frames: stack(ADD4, HEARD4, '__inet_del_ifa < check_lifetime', WORKER), call: { fn: 'check_lifetime' }, trigger: 'address-lifetime' },
  { is: 'ipv4-secondary-promoted', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.6b, 4.8', what: 'routes of a secondary that is about to be promoted because the lifetime of the primary one is over', frames: stack(DELETE4, '__inet_del_ifa < check_lifetime', WORKER), call: { fn: 'check_lifetime' }, trigger: 'address-lifetime' },
  { is: 'link-up', effect: 'add', look: 'IPv4 prefix', from: 'recording link-up-down', what: 'device set up', frames: stack(ADD4, 'fib_netdev_event', ADMIN), call: LINK.up },
  { is: 'link-up', effect: 'add', look: 'IPv4 prefix', from: 'map 4.9 (6.18)', what: 'device set up', frames: stack(ADD4, 'fib_netdev_event', ADMIN_618), call: LINK.up },
  { is: 'link-up', effect: 'add', look: 'IPv4 local', from: 'map 4.10', what: 'lo set up: the kernel gives it its address', frames: stack(ADD4, HEARD4, '__inet_insert_ifa < inetdev_event', ADMIN), call: LINK.up },
  { is: 'link-up', effect: 'add', look: 'IPv4 prefix', from: 'scenario bond-port on 7.2', what: 'a bond sets its port up, functions of its module without names', frames: stack(ADD4, 'fib_netdev_event < notifier_call_chain < netif_open < dev_open < 0xffffffffc051e930 < do_set_master', SETLINK), call: LINK.master },
  { is: 'vrf-membership', effect: 'add', look: 'IPv4 prefix', from: 'map 4.18', what: 'device cycled on entering a VRF', frames: stack(ADD4, 'fib_netdev_event', CYCLED), call: LINK.master },
  { is: 'route-request', effect: 'add', look: 'IPv4 prefix', from: 'map 4.1', what: 'ip route add ... proto kernel scope link src', request: { type: 24, flags: 0x605 } },
  { is: 'route-ioctl', effect: 'add', look: 'IPv4 static', from: 'recording route-requests', what: 'SIOCADDRT', frames: stack('rtnl_notify < fib_table_insert < ip_rt_ioctl < inet_ioctl', IOCTL), call: { fn: 'ip_rt_ioctl', fields: { cmd: 0x890b } } },
  { is: 'route-request', effect: 'add', look: 'IPv4 static', from: 'map 4.1', what: 'ip route add', request: { type: 24, flags: 0x605 } },
  { is: 'ipv4-address-added', effect: 'add', look: 'IPv4 local', from: 'recording address-ipv4', what: 'address added', frames: stack(ADD4, HEARD4, '__inet_insert_ifa', RTNL), call: asksAddress(20) },

  // Going: the prefix route.
  { is: 'ipv4-address-removed', effect: 'delete', look: 'IPv4 prefix', from: 'recording address-ipv4', what: 'address removed', frames: stack(DELETE4, HEARD4, SECONDARY), call: asksAddress(21) },
  { is: 'ipv4-address-removed', effect: 'delete', look: 'IPv4 prefix', from: 'recording ioctl-addresses', what: 'address changed by SIOCSIFNETMASK', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < devinet_ioctl < inet_ioctl', IOCTL), call: { fn: 'devinet_ioctl', fields: { cmd: 0x891c } } },
  { is: 'ipv4-secondary-promoted', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.6b', what: 'routes of a secondary that is about to be promoted', frames: stack(DELETE4, SECONDARY), call: asksAddress(21) },
  { is: 'ipv4-address-added', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.7, 6.3', what: 'metric of the address changed: the old route, behind a jump', frames: stack('rtnl_notify < fib_table_delete < fib_magic < inet_rtm_newaddr', RTNL), call: asksAddress(20) },
  { is: 'address-expired', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.8', what: 'lifetime of the address over', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < check_lifetime', WORKER), call: { fn: 'check_lifetime' } },
  { is: 'link-down', effect: 'delete', look: 'IPv4 prefix', from: 'recording link-up-down', what: 'device set down', frames: stack(FLUSH4, 'fib_netdev_event', ADMIN), call: LINK.down },
  { is: 'link-down', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.11 (6.18)', what: 'device set down', frames: stack(FLUSH4, 'fib_netdev_event', ADMIN_618), call: LINK.down },
  { is: 'link-down', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.27', what: 'device below a VLAN set down', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many < vlan_device_event', ADMIN), call: LINK.down },
  { is: 'device-removed', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.14', what: 'ip link del', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many', DELLINK), call: LINK.deleted },
  { is: 'device-removed', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.14', what: 'the owner of a tun ended', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many', TUN_EXIT), call: { fn: 'unregister_netdevice_many_notify' } },
  { is: 'device-removed', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.14 (5.10)', what: 'the owner of a tun ended', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many', TUN_EXIT_510) },
  { is: 'device-moved', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.15', what: 'ip link set netns', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many < dev_close.part.0', MOVE), call: LINK.moved },
  { is: 'netns-destroyed', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.16', what: 'namespace of the veth peer destroyed', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many', UNREGISTER, CLEANUP), call: { fn: 'cleanup_net' } },
  { is: 'link-mtu', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.17', what: 'MTU below 68', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < inetdev_event', MTU), call: LINK.mtu },
  { is: 'link-down', effect: 'delete', look: 'IPv4 prefix', from: 'scenario bond-port on 7.2', what: 'a bond lets its port go, functions of its module without names', frames: stack(FLUSH4, 'fib_netdev_event < notifier_call_chain < netif_close_many < netif_close < dev_close < 0xffffffffc051e930 < do_set_master', SETLINK), call: LINK.master },
  { is: 'vrf-membership', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.18', what: 'device put into a VRF', frames: stack(FLUSH4, 'fib_netdev_event', LINKED), call: LINK.master },
  { is: 'vrf-membership', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.18', what: 'device put into a VRF whose module has no names: the request tells', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < __dev_notify_flags < dev_change_flags < 0xffffffffc0a1b2c3', `do_setlink < __rtnl_newlink < rtnl_newlink < ${RTNL}`), call: LINK.master },
  { is: 'route-request', effect: 'delete', look: 'IPv4 prefix', from: 'map 4.2', what: 'ip route del', request: { type: 25, flags: 5 } },
  // Going: the route of the address itself.
  { is: 'ipv4-address-removed', effect: 'delete', look: 'IPv4 local', from: 'recording address-ipv4', what: 'address removed', frames: stack(DELETE4, HEARD4, SECONDARY), call: asksAddress(21) },
  { is: 'address-expired', effect: 'delete', look: 'IPv4 local', from: 'map 4.8', what: 'lifetime of the address over', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < check_lifetime', WORKER), call: { fn: 'check_lifetime' } },
  { is: 'device-removed', effect: 'delete', look: 'IPv4 local', from: 'map 4.14', what: 'ip link del: its addresses', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < inetdev_event < raw_notifier_call_chain', DELLINK), call: LINK.deleted },
  { is: 'device-moved', effect: 'delete', look: 'IPv4 local', from: 'map 4.15', what: 'ip link set netns: its addresses', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < inetdev_event < raw_notifier_call_chain', MOVE), call: LINK.moved },
  { is: 'netns-destroyed', effect: 'delete', look: 'IPv4 local', from: 'map 4.16', what: 'namespace destroyed: addresses of its devices', frames: stack(DELETE4, HEARD4, '__inet_del_ifa < inetdev_event < raw_notifier_call_chain', UNREGISTER, CLEANUP), call: { fn: 'cleanup_net' } },

  // Legs without a carrier, dead by a setting.
  { is: 'linkdown-ignored', effect: 'delete', look: 'IPv4 static', from: 'map 6.38', what: 'ignore_routes_with_linkdown written', frames: stack('inet_netconf_notify_devconf < devinet_conf_proc', SYSCTL), call: { fn: 'proc_sys_call_handler' } },

  // Static routes that go along.
  { is: 'ipv4-address-removed', effect: 'delete', look: 'IPv4 static', from: 'recording address-ipv4', what: 'last address of the device removed', frames: stack(FLUSH4, HEARD4, SECONDARY), call: asksAddress(21) },
  { is: 'ipv4-address-removed', effect: 'delete', look: 'IPv4 static', from: 'map 4.6c', what: 'its source address removed', frames: stack('rtnl_notify < fib_table_flush < fib_flush', HEARD4, SECONDARY), call: asksAddress(21) },
  { is: 'address-expired', effect: 'delete', look: 'IPv4 static', from: 'map 4.6d, 4.8', what: 'lifetime of the last address over', frames: stack(FLUSH4, HEARD4, '__inet_del_ifa < check_lifetime', WORKER), call: { fn: 'check_lifetime' } },
  { is: 'link-down', effect: 'delete', look: 'IPv4 static', from: 'recording link-up-down', what: 'device set down', frames: stack(FLUSH4, 'fib_netdev_event', ADMIN), call: LINK.down },
  { is: 'link-mtu', effect: 'delete', look: 'IPv4 static', from: 'map 4.17', what: 'MTU below 68', frames: stack(FLUSH4, HEARD4, '__inet_del_ifa < inetdev_event', MTU), call: LINK.mtu },
  { is: 'vrf-membership', effect: 'delete', look: 'IPv4 static', from: 'map 4.18', what: 'VRF device deleted: its ports are released', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < __netdev_upper_dev_unlink < netdev_upper_dev_unlink < vrf_del_slave < vrf_dellink < rtnl_dellink', RTNL), call: LINK.masterDeleted },
  { is: 'route-ioctl', effect: 'delete', look: 'IPv4 static', from: 'recording route-requests', what: 'SIOCDELRT', frames: stack('rtnl_notify < fib_table_delete < ip_rt_ioctl < inet_ioctl', IOCTL), call: { fn: 'ip_rt_ioctl', fields: { cmd: 0x890c } } },
  { is: 'route-request', effect: 'delete', look: 'IPv4 static', from: 'map 4.2', what: 'ip route del', request: { type: 25, flags: 5 } },
];

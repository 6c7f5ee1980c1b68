import { nexthopBytes } from '../attribution/encode.ts';
import { ADMIN, CARRIER, CLEANUP, DELETE6, DELLINK, DISABLE, FLUSH4, IFDOWN, LINKED, MOVE, MTU, RTNL, UNREGISTER, WORKER } from './fragments.ts';
import { LINK } from './requests.ts';
import { stack, type KernelPath, type RootCall } from './path.ts';

const REMOVE4 = `${FLUSH4} < __remove_nexthop < remove_nexthop`;
const REMOVE6 = `${DELETE6} < __remove_nexthop < remove_nexthop`;
const FLUSHED = 'nexthop_flush_dev < nh_netdev_event';
const deletes: RootCall = { fn: 'rtnetlink_rcv_msg', bytes: Uint8Array.from(nexthopBytes(5), (byte, i) => i === 4 ? 105 : byte) };

/** Routes that name a nexthop object. */
export const NEXTHOP_PATHS: readonly KernelPath[] = [
  { is: 'nexthop-replaced', effect: 'replace', look: 'IPv4 by nexthop object', from: 'map 4.19', what: 'ip nexthop replace', request: { type: 104, flags: 0x105 } },
  { is: 'nexthop-replaced', effect: 'replace', look: 'IPv6 by nexthop object', from: 'map 6.33', what: 'ip nexthop replace', request: { type: 104, flags: 0x505 } },
  { is: 'route-request', effect: 'replace', look: 'IPv4 by nexthop object', from: 'map 4.1', what: 'ip route replace ... nhid', request: { type: 24, flags: 0x505 } },
  { is: 'route-request', effect: 'replace', look: 'IPv6 by nexthop object', from: 'map 6.3', what: 'ip -6 route replace ... nhid', request: { type: 24, flags: 0x505 } },

  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.20', what: 'ip nexthop del', frames: stack(REMOVE4, 'rtm_del_nexthop', RTNL), call: deletes },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.21', what: 'device set down', frames: stack(REMOVE4, FLUSHED, ADMIN), call: LINK.down },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.21', what: 'carrier lost', frames: stack(REMOVE4, FLUSHED, CARRIER), call: { fn: 'linkwatch_do_dev' } },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.21', what: 'device deleted', frames: stack(REMOVE4, FLUSHED, 'raw_notifier_call_chain < dev_close_many', DELLINK), call: LINK.deleted },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'scenario nexthop-removed on 7.2', what: 'ip nexthop del, all of it inlined', frames: stack(FLUSH4, 'rtm_del_nexthop', RTNL), call: deletes },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'scenario link-carrier on 7.2', what: 'carrier lost, all of it inlined', frames: stack(FLUSH4, 'nh_netdev_event < notifier_call_chain < netif_state_change < __linkwatch_run_queue < linkwatch_event', WORKER), call: { fn: 'linkwatch_do_dev' } },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.34', what: 'ip nexthop del', frames: stack(REMOVE6, 'rtm_del_nexthop', RTNL), call: deletes },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.34', what: 'carrier lost', frames: stack(REMOVE6, FLUSHED, CARRIER), call: { fn: 'linkwatch_do_dev' } },
  { is: 'nexthop-removed', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.34', what: 'namespace of the veth peer destroyed', frames: stack(REMOVE6, FLUSHED, 'raw_notifier_call_chain < dev_close_many', UNREGISTER, CLEANUP), call: { fn: 'cleanup_net' } },

  { is: 'link-down', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.11', what: 'device set down, before the object hears of it', frames: stack(FLUSH4, 'fib_netdev_event', ADMIN), call: LINK.down },
  { is: 'link-down', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.25', what: 'device set down, before the object hears of it', frames: stack(IFDOWN, 'addrconf_notify', ADMIN), call: LINK.down },
  { is: 'device-removed', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.14', what: 'device deleted, before the object hears of it', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many', DELLINK), call: LINK.deleted },
  { is: 'device-moved', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.15', what: 'device moved, before the object hears of it', frames: stack(FLUSH4, 'fib_netdev_event < raw_notifier_call_chain < dev_close_many < dev_close.part.0', MOVE), call: LINK.moved },
  { is: 'vrf-membership', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.18', what: 'device put into a VRF', frames: stack(FLUSH4, 'fib_netdev_event', LINKED), call: LINK.master },
  { is: 'disable-ipv6', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.27', what: 'disable_ipv6=1', frames: stack(IFDOWN, DISABLE), call: { fn: 'proc_sys_call_handler' } },
  { is: 'link-mtu', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.28', what: 'MTU below 1280', frames: stack(IFDOWN, 'addrconf_notify', MTU), call: LINK.mtu },
  { is: 'route-request', effect: 'delete', look: 'IPv4 by nexthop object', from: 'map 4.2', what: 'ip route del', request: { type: 25, flags: 5 } },
  { is: 'route-request', effect: 'delete', look: 'IPv6 by nexthop object', from: 'map 6.4', what: 'ip -6 route del', request: { type: 25, flags: 5 } },
];

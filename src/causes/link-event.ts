import type { Facts } from '../model/attribution.ts';
import { IFF } from '../model/rtnetlink.ts';
import { depthOf, passed } from './cause.ts';

export type LinkEvent =
  | 'disable-ipv6' | 'netns-moved' | 'netns-destroyed' | 'unregistered' | 'master' | 'mtu' | 'carrier' | 'admin';

/** Notifiers through which the FIBs hear of devices. */
export const NOTIFIERS = ['fib_netdev_event', 'addrconf_notify', 'inetdev_event', 'nh_netdev_event', 'addrconf_ifdown', 'dev_disable_change', 'addrconf_sysctl_disable'] as const;

/**
 * Which event of a device the change came from, by the outer functions of the stack: the more particular ones first,
 * because unregistering, moving and enslaving a device all take it down on their way.
 */
export function linkEvent(facts: Facts): LinkEvent | undefined {
  if (!passed(facts, ...NOTIFIERS)) return undefined;
  if (passed(facts, 'dev_disable_change', 'addrconf_sysctl_disable')) return 'disable-ipv6';
  if (passed(facts, 'cleanup_net')) return 'netns-destroyed';
  if (passed(facts, '__dev_change_net_namespace', 'dev_change_net_namespace')) return 'netns-moved';
  if (passed(facts, 'unregister_netdevice_many_notify', 'unregister_netdevice_many', 'unregister_netdevice_queue')) return 'unregistered';
  // A VRF takes its ports to another table; a bond or a team only sets them up or down.
  if (passed(facts, 'vrf_add_slave', 'vrf_del_slave', '__netdev_upper_dev_link', '__netdev_upper_dev_unlink')) return 'master';
  const isOther = passed(facts, 'bond_enslave', '__bond_release_one', 'team_port_add', 'team_port_del') || joinsOther(facts) || opensOrCloses(facts);
  if (!isOther && passed(facts, 'do_set_master')) return 'master';
  if (passed(facts, 'dev_set_mtu', 'dev_set_mtu_ext', '__dev_set_mtu', 'netif_set_mtu', 'netif_set_mtu_ext')) return 'mtu';
  // The code of a VRF is in a module, whose functions are not always named; the request itself says what it was.
  if (!isOther && (asksForMaster(facts) || removesMaster(facts))) return 'master';
  if (passed(facts, 'linkwatch_do_dev', 'linkwatch_event', 'linkwatch_sync_dev', 'netdev_state_change', 'netif_state_change')) return 'carrier';
  if (passed(facts, '__dev_notify_flags', 'dev_change_flags', 'netif_change_flags', 'dev_open', 'dev_close', 'dev_close_many', '__dev_close_many', '__dev_open')) return 'admin';
  return undefined;
}

/**
 * Whatever the functions of the module are called: a VRF cycles its port by dev_change_flags() (drivers/net/vrf.c,
 * cycle_netdev()); bonds and teams set theirs up by dev_open() and down by dev_close().
 */
function opensOrCloses(facts: Facts): boolean {
  const within = depthOf(facts, ['do_set_master']);
  const at = depthOf(facts, ['dev_open', 'dev_close', 'netif_open', 'netif_close', '__dev_open', '__dev_close_many']);
  const flags = depthOf(facts, ['dev_change_flags', 'netif_change_flags', '__dev_change_flags']);
  return at >= 0 && at < within && (flags < 0 || flags > within);
}

/** The master asked for is known, and no VRF. */
function joinsOther({ act, names }: Facts): boolean {
  const request = act.call?.request;
  const kind = request?.kind === 'link' && request.master !== undefined && request.master !== 0 ? names.kind(request.master) : undefined;
  return kind !== undefined && kind !== 'vrf';
}

/** A VRF that is deleted releases its ports, before anything of its own goes. */
const removesMaster = (facts: Facts): boolean => passed(facts, 'rtnl_dellink') && passed(facts, 'dev_open', 'dev_close', 'dev_change_flags', 'netif_change_flags', '__dev_notify_flags');

/** Work on a carrier, or on a device above the one that was asked about, is about another device than the request. */
const OF_OTHERS: readonly string[] = ['netif_carrier_on', 'netif_carrier_off', 'netdev_work_sched'];

function asksForMaster({ act, deferral }: Facts): boolean {
  const request = act.call?.request;
  return !(deferral !== undefined && OF_OTHERS.includes(deferral.fn))
    && request?.kind === 'link' && request.master !== undefined && (request.change & IFF.UP) === 0 && request.mtu === undefined;
}

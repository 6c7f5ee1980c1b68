/** Outer parts of stacks that many paths share, innermost first. The innermost part is what a message, or a silent removal, begins with. */
export const RTNL = 'rtnetlink_rcv_msg < netlink_rcv_skb < netlink_unicast < netlink_sendmsg < __sock_sendmsg < ____sys_sendmsg < ___sys_sendmsg < __sys_sendmsg < do_syscall_64';
export const SETLINK = `do_setlink < __rtnl_newlink < rtnl_newlink < ${RTNL}`;
export const ADMIN = `raw_notifier_call_chain < __dev_notify_flags < dev_change_flags < ${SETLINK}`;
/** 6.18: dev_change_flags() is a wrapper of netif_change_flags(). */
export const ADMIN_618 = `raw_notifier_call_chain < __dev_notify_flags < netif_change_flags < do_setlink.isra.0 < rtnl_newlink < ${RTNL}`;
export const IOCTL = 'sock_do_ioctl < sock_ioctl < __x64_sys_ioctl';
export const WORKER = 'process_one_work < worker_thread < kthread < ret_from_fork';
export const CARRIER = `raw_notifier_call_chain < netdev_state_change < linkwatch_do_dev < __linkwatch_run_queue < linkwatch_event < ${WORKER}`;
/** From 6.12: whoever reads the state of a device runs the event that waits. */
export const CARRIER_READ = `raw_notifier_call_chain < netdev_state_change < linkwatch_do_dev < linkwatch_sync_dev < rtnl_getlink < ${RTNL}`;
export const SYSCTL = 'proc_sys_call_handler < vfs_write < ksys_write < do_syscall_64';
export const PACKET = 'icmpv6_rcv < ip6_protocol_deliver_rcu < ip6_input_finish < ip6_mc_input < __netif_receive_skb_one_core < process_backlog < __napi_poll < net_rx_action';
export const ADVERTISEMENT = `ndisc_router_discovery < ndisc_rcv < ${PACKET}`;
/** 6.12: ndisc_rcv() jumps, and leaves no frame. */
export const ADVERTISEMENT_612 = `ndisc_router_discovery < ${PACKET}`;
export const TIMER = 'fib6_gc_timer_cb < call_timer_fn < __run_timers.part.0 < run_timer_softirq < __do_softirq';
export const UNREGISTER = 'unregister_netdevice_many_notify';
export const DELLINK = `${UNREGISTER} < rtnl_dellink < ${RTNL}`;
export const TUN_EXIT = `${UNREGISTER} < unregister_netdevice_queue < __tun_detach < tun_chr_close < __fput < task_work_run`;
export const TUN_EXIT_510 = 'rollback_registered_many < rollback_registered < unregister_netdevice_queue < __tun_detach < tun_chr_close < __fput < task_work_run';
export const CLEANUP = `default_device_exit_batch < ops_exit_list < cleanup_net < ${WORKER}`;
export const MOVE = `__dev_change_net_namespace < ${SETLINK}`;
export const VRF = `vrf_add_slave < do_set_master < ${SETLINK}`;
export const LINKED = `raw_notifier_call_chain < __netdev_upper_dev_link < netdev_master_upper_dev_link < ${VRF}`;
export const CYCLED = `raw_notifier_call_chain < __dev_notify_flags < dev_change_flags < ${VRF}`;
export const MTU = `raw_notifier_call_chain < dev_set_mtu_ext < ${SETLINK}`;
export const DISABLE = `addrconf_sysctl_disable < ${SYSCTL}`;

export const FLUSH4 = 'fib_notify_alias_delete < fib_table_flush < fib_flush';
export const ADD4 = 'rtnl_notify < fib_table_insert < fib_magic < fib_add_ifaddr';
export const DELETE4 = 'rtnl_notify < fib_table_delete < fib_magic < fib_del_ifaddr';
export const HEARD4 = 'fib_inetaddr_event < blocking_notifier_call_chain';

export const ADD6 = 'rtnl_notify < fib6_add < ip6_route_add';
export const INSERT6 = 'rtnl_notify < fib6_add < ip6_ins_rt';
export const DELETE6 = 'rtnl_notify < fib6_del < ip6_del_rt';
export const CLEAN6 = 'rtnl_notify < fib6_del < fib6_clean_node < fib6_walk_continue < fib6_walk < fib6_clean_tree < __fib6_clean_all';
export const IFDOWN = `${CLEAN6} < rt6_disable_ip < addrconf_ifdown.isra.0`;
export const DAD_END = `${INSERT6} < __ipv6_ifa_notify < addrconf_dad_completed < addrconf_dad_work < ${WORKER}`;
export const DAD_JOIN = `${INSERT6} < __ipv6_dev_ac_inc < __ipv6_ifa_notify < addrconf_dad_completed < addrconf_dad_work < ${WORKER}`;
export const DAD_START = 'mod_delayed_work_on < addrconf_dad_start';
export const LINK_LOCAL = 'addrconf_add_linklocal < addrconf_addr_gen';
export const AUTO = 'addrconf_add_mroute < addrconf_add_dev < addrconf_init_auto_addrs';

import type { Observation } from '../../src/model/observation.ts';
import { probe, task, type Task } from '../model/build.ts';
import {
  ANNOUNCE4, ANNOUNCE6, announce, asks, asksRoute, call, defer, flushed, known, kworker, leave, RTNETLINK, SOFTIRQ_ON_TASK, story, SYSCALL, sysctlPath, WORKER, type Story,
} from './build.ts';
import { addressBytes, addressOf, linkBytes, routeBytes, type RouteSpec } from './encode.ts';

/** Acts of programs and of the kernel as probes and sockets show them: each takes place at `ms` and is of `who`. */
export const ANYCAST: RouteSpec = { dst: 'fdc0:3489:e0fd::/128', table: 1001, type: 4, protocol: 2, metric: 0, dev: 4 };
export const LOCAL6: RouteSpec = { dst: '2001:db8:1::1/128', table: 255, type: 2, protocol: 2, metric: 0, dev: 4 };
export const PREFIX6: RouteSpec = { dst: '2001:db8:1::/64', protocol: 2, metric: 256, dev: 4 };
export const PREFIX4: RouteSpec = { dst: '192.0.2.0/24', protocol: 2, scope: 253, dev: 4, prefsrc: '192.0.2.1' };
export const LOCAL4: RouteSpec = { dst: '192.0.2.1/32', table: 255, type: 2, protocol: 2, scope: 254, dev: 4, prefsrc: '192.0.2.1' };

const INS6 = ['fib6_add', 'ip6_ins_rt'] as const;
const JOIN = [...ANNOUNCE6, ...INS6, '__ipv6_dev_ac_inc'] as const;
const LEAVE = [...ANNOUNCE6, 'fib6_del', 'ip6_del_rt', '__ipv6_dev_ac_dec'] as const;
const SYSCTL = ['dev_forward_change', 'addrconf_sysctl_forward', 'proc_sys_call_handler', 'vfs_write', 'ksys_write', ...SYSCALL] as const;

export function writesForwarding(who: Task, ms: number, value: 0 | 1, routes: readonly RouteSpec[] = [ANYCAST]): Story {
  const frames = [...(value === 1 ? JOIN : LEAVE), ...SYSCTL];
  return story(known(who, ['sysctl', '-w', `net.ipv6.conf.all.forwarding=${value}`]),
    call(who, ms, 'proc_sys_call_handler', sysctlPath('net', 'ipv6', 'conf', 'all', 'forwarding')),
    probe(who, ms + 0.01, 'via', 'addrconf_sysctl_forward', { old: 1 - value, value: `${value}\n` }),
    ...routes.map((route, i) => announce(who, ms + 0.02 + i / 100, routeBytes({ ...route, deleted: value === 0 }), frames)),
    leave(who, ms + 0.5, 'proc_sys_call_handler', 2));
}

/** A write of a sysctl that has nothing to do with routes. */
export const writesOther = (who: Task, ms: number): Story => story(known(who, ['sysctl', '-w', 'vm.swappiness=1']),
  call(who, ms, 'proc_sys_call_handler', sysctlPath('vm', 'swappiness')), leave(who, ms + 0.4, 'proc_sys_call_handler', 2));

export function socketAnycast(who: Task, ms: number, option: 'join' | 'leave' | 'close', route: RouteSpec = ANYCAST): Story {
  const fn = { join: 'ipv6_sock_ac_join', leave: 'ipv6_sock_ac_drop', close: '__ipv6_sock_ac_close' }[option];
  const outer = option === 'close' ? ['inet6_release', '__sock_release', 'sock_close', '__fput', 'task_work_run', 'do_exit'] : ['do_ipv6_setsockopt', '__sys_setsockopt'];
  const fields = option === 'close' ? {} : { ifindex: 4, addr: addressOf('fdc0:3489:e0fd::') };
  return story(known(who, ['anycastd']), call(who, ms, fn, fields),
    announce(who, ms + 0.02, routeBytes({ ...route, deleted: option !== 'join' }), [...(option === 'join' ? JOIN : LEAVE), fn, ...outer, ...SYSCALL]), leave(who, ms + 0.1, fn));
}

const ADD4 = [...ANNOUNCE4, 'fib_table_insert', 'fib_magic', 'fib_add_ifaddr', 'fib_inetaddr_event', 'blocking_notifier_call_chain', '__inet_insert_ifa'] as const;
export function addsAddress4(who: Task, ms: number, routes: readonly RouteSpec[] = [LOCAL4, PREFIX4]): Story {
  const request = addressBytes(20, '192.0.2.1/24', 4, { seq: ms, portid: who.pid });
  return story(known(who, ['ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'eth0']), asks(who, ms, who.pid, request),
    ...routes.map((route, i) => announce(who, ms + 0.02 + i / 100, routeBytes(route), [...ADD4, 'inet_rtm_newaddr', ...RTNETLINK])), leave(who, ms + 0.3, 'rtnetlink_rcv_msg'));
}

export const FLUSH = ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_netdev_event', 'raw_notifier_call_chain', 'call_netdevice_notifiers_info', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', 'rtnl_newlink', ...RTNETLINK] as const;
export function setsLinkDown(who: Task, ms: number, gone: readonly { dst: string; dev: number; via?: string }[], more: { returns?: boolean } = {}): Story {
  return story(known(who, ['ip', 'link', 'set', 'eth0', 'down']), asks(who, ms, who.pid, linkBytes(16, 4, { name: 'eth0', up: false, change: 1, seq: ms, portid: who.pid })),
    ...gone.map((route, i) => flushed(who, ms + 0.02 + i / 100, route, FLUSH)), ...(more.returns === false ? [] : [leave(who, ms + 0.4, 'rtnetlink_rcv_msg')]));
}

const UP = ['addrconf_notify', 'raw_notifier_call_chain', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', 'rtnl_newlink', ...RTNETLINK] as const;
export const setsLinkUp = (who: Task, ms: number, routes: readonly RouteSpec[] = [PREFIX6]): Story => story(known(who, ['ip', 'link', 'set', 'eth0', 'up']),
  asks(who, ms, who.pid, linkBytes(16, 4, { name: 'eth0', up: true, change: 1, seq: ms, portid: who.pid })),
  ...routes.map((route, i) => announce(who, ms + 0.02 + i / 100, routeBytes(route), [...ANNOUNCE6, ...INS6, 'addrconf_prefix_route', ...UP])), leave(who, ms + 0.3, 'rtnetlink_rcv_msg'));

const DAD_START = ['mod_delayed_work_on', 'addrconf_mod_dad_work', 'addrconf_dad_start', 'inet6_addr_add', 'inet6_rtm_newaddr', ...RTNETLINK] as const;
const DAD_END = ['addrconf_dad_completed', 'addrconf_dad_work', ...WORKER] as const;
export interface Detection { readonly object?: bigint; readonly address?: string; readonly routes?: readonly RouteSpec[]; readonly worker?: Task; readonly again?: boolean; readonly isQueued?: boolean; readonly queuedIn?: readonly string[] }
/** The work that ends duplicate address detection, in a kworker; it may first queue itself again. */
export function detectionEnds(ms: number, { object = 0xffff_8880_0000_1050n, address = '2001:db8:1::1', routes = [LOCAL6], worker = kworker, again = false }: Detection = {}): Story {
  const fields = { object, ifindex: 4, addr: addressOf(address), plen: 64 };
  return story(...(again ? [call(worker, ms - 500, 'addrconf_dad_work', fields), defer(worker, ms - 499, object, address, 4, ['mod_delayed_work_on', 'addrconf_dad_work', ...WORKER]), leave(worker, ms - 498, 'addrconf_dad_work')] : []),
    call(worker, ms, 'addrconf_dad_work', fields),
    ...routes.map((route, i) => announce(worker, ms + 0.02 + i / 100, routeBytes(route), route.type === 4 ? [...JOIN, ...DAD_END] : [...ANNOUNCE6, ...INS6, '__ipv6_ifa_notify', ...DAD_END])),
    leave(worker, ms + 0.3, 'addrconf_dad_work'));
}
export function addsAddress6(who: Task, ms: number, detection: Detection = {}): Story {
  const { object = 0xffff_8880_0000_1050n, address = '2001:db8:1::1', isQueued = true } = detection;
  return story(known(who, ['ip', '-6', 'addr', 'add', `${address}/64`, 'dev', 'eth0']), asks(who, ms, who.pid, addressBytes(20, `${address}/64`, 4, { seq: ms, portid: who.pid })),
    isQueued ? defer(who, ms + 0.05, object, address, 4, detection.queuedIn ?? DAD_START) : [], leave(who, ms + 0.3, 'rtnetlink_rcv_msg'));
}

export const ioctlRoute = (who: Task, ms: number, route: RouteSpec): Story => story(known(who, ['route', 'add', '-net', route.dst]), call(who, ms, 'ip_rt_ioctl', { cmd: route.deleted === true ? 0x890c : 0x890b }),
  announce(who, ms + 0.02, routeBytes(route), [...ANNOUNCE4, route.deleted === true ? 'fib_table_delete' : 'fib_table_insert', 'ip_rt_ioctl', 'inet_ioctl', 'sock_do_ioctl', '__x64_sys_ioctl', ...SYSCALL]), leave(who, ms + 0.1, 'ip_rt_ioctl'));

/** `ip route ...`: the message carries the port id, no stack is walked. `isTold` false: like the last request of its port id. */
export function asksForRoute(who: Task, ms: number, route: RouteSpec, request: { portid?: number; seq: number; flags?: number; isTold?: boolean }): Story {
  const { portid = who.pid, seq, flags = 0x605, isTold = true } = request;
  return story(known(who, ['ip', 'route', 'add', route.dst]), isTold ? [asksRoute(who, ms, { portid, seq, flags, type: route.deleted === true ? 25 : 24 })] : [],
    { sent: [{ ms: ms + 0.05, bytes: routeBytes({ ...route, portid, seq }) }] });
}

/** A router advertisement worked on in softirq, on top of whatever task was interrupted. */
export const advertisement = (interrupted: Task, ms: number, route: RouteSpec): Story => story(
  announce(interrupted, ms, routeBytes(route), [...ANNOUNCE6, ...INS6, 'addrconf_prefix_route', 'addrconf_prefix_rcv', 'ndisc_router_discovery', 'ndisc_rcv', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK]));

export const sysctl = task(4242, 'sysctl', { startMs: 1500 });
export const ip = task(5151, 'ip', { startMs: 1600 });
export const anycastd = task(777, 'anycastd', { startMs: 300 });
export const decoy = task(666, 'decoy', { startMs: 400, cpu: 1 });
export const programs = (): Observation[] => [known(task(1, 'systemd', { startMs: 10 }), ['/sbin/init'], 0)];

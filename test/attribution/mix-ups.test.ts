import { describe, expect, test } from 'vitest';
import type { Trigger } from '../../src/model/output.ts';
import { at, identity, NETNS, netnsFields, probe, task, type Task } from '../model/build.ts';
import {
  ANNOUNCE4, ANNOUNCE6, announce, asks, asksRoute, call, flushed, known, kworker, leave, RTNETLINK, story, SYSCALL, weave, withStack, WORKER, type Story,
} from './build.ts';
import { addressBytes, addressOf, cString, linkBytes, routeBytes, type RouteSpec } from './encode.ts';
import { attributions, verdictOf, verdicts, type Verdict } from './verdicts.ts';

const [a, b] = [task(901, 'one'), task(902, 'two')];
const CONNECTED: RouteSpec = { dst: '192.0.2.0/24', protocol: 2, scope: 253, dev: 4, prefsrc: '192.0.2.1' };
const triggers = (told: Story, before: readonly RouteSpec[] = []): (Trigger | undefined)[] =>
  attributions(weave(told, { before: before.map(routeBytes), endMs: 9000 })).map(({ verdict }) => verdict.kind === 'caused' ? verdict.trigger : undefined);

describe('whoever was refused set no lifetime', () => {
  const asked = (who: Task, ms: number, address: string, ret: number): Story => story(known(who, [who.comm]), asks(who, ms, who.pid, addressBytes(20, address, 4)), leave(who, ms + 0.5, 'rtnetlink_rcv_msg', ret));
  const expires = story(call(kworker, 5500, 'check_lifetime'), probe(kworker, 5500.1, 'via', 'fib_inetaddr_event', { ...netnsFields(NETNS), event: 2, ifindex: 4, addr: addressOf('192.0.2.1'), plen: 24 }),
    announce(kworker, 5500.2, routeBytes({ ...CONNECTED, deleted: true }), [...ANNOUNCE4, 'fib_table_delete', 'fib_magic', 'fib_del_ifaddr', 'fib_inetaddr_event', '__inet_del_ifa', 'check_lifetime', ...WORKER]),
    leave(kworker, 5501, 'check_lifetime'));
  test.each([
    ['set', '192.0.2.1/24', 0, 'two[902]'], ['refused as it is there', '192.0.2.1/24', -17, 'one[901]'], ['refused for want of a capability', '192.0.2.1/24', -1, 'one[901]'],
    ['of another prefix', '192.0.2.1/32', 0, 'one[901]'], ['another address', '192.0.2.2/24', 0, 'one[901]'],
  ])('%s', (_what, address, ret, actor) => {
    expect(verdicts(weave(story(asked(a, 1500, '192.0.2.1/24', 0), asked(b, 1600, address, ret), expires), { before: [routeBytes(CONNECTED)], endMs: 8000 })))
      .toEqual([expect.objectContaining({ cause: 'address-expired', confidence: 'proved', actor })]);
  });

  test('of more addresses than are remembered of one call each has its own', () => {
    const address = (i: number): string => `10.0.${i >> 8}.${i & 255}`;
    const local = (i: number): RouteSpec => ({ dst: `${address(i)}/32`, table: 255, type: 2, protocol: 2, scope: 254, dev: 4 });
    const all = Array.from({ length: 300 }, (_, i) => i + 1);
    const told = story(...all.map(i => asked(i <= 256 ? a : b, 1100 + i, `${address(i)}/32`, 0)), call(kworker, 5000, 'check_lifetime'), ...all.map(i => story(
      probe(kworker, 5000 + i / 100, 'via', 'fib_inetaddr_event', { ...netnsFields(NETNS), event: 2, ifindex: 4, addr: addressOf(address(i)), plen: 32 }),
      announce(kworker, 5000.002 + i / 100, routeBytes({ ...local(i), deleted: true }), [...ANNOUNCE4, 'fib_table_delete', 'fib_magic', 'fib_del_ifaddr', 'fib_inetaddr_event', '__inet_del_ifa', 'check_lifetime', ...WORKER]))),
    leave(kworker, 5010, 'check_lifetime'));
    expect(verdicts(weave(told, { before: all.map(i => routeBytes(local(i))), endMs: 8000 })).map(({ actor }) => actor)).toEqual(all.map(i => i <= 256 ? 'one[901]' : 'two[902]'));
  });
});

test('whoever says last when a route ends is the one by whom it ends', () => {
  const route: RouteSpec = { dst: '2001:db8:9::/48', metric: 1024, dev: 4 };
  const repeated = routeBytes({ ...route, lasts: 2, flags: 0x405, seq: 9, portid: b.pid });
  const msg = new Uint8Array(120);
  msg.set(repeated);
  const ends = announce(kworker, 6000, routeBytes({ ...route, deleted: true, expiresSec: 0 }), [...ANNOUNCE6, 'fib6_del', 'fib6_clean_node', 'fib6_run_gc', 'fib6_gc_timer_cb', 'call_timer_fn', '__do_softirq']);
  const adds = story(known(a, [a.comm]), asksRoute(a, 1500, { portid: a.pid, seq: 5 }), { sent: [{ ms: 1500.1, bytes: routeBytes({ ...route, expiresSec: 600, portid: a.pid, seq: 5 }) }] });
  const repeats = story(known(b, [b.comm]), asksRoute(b, 1700, { portid: b.pid, seq: 9, flags: 0x405 }),
    withStack(probe(b, 1700.1, 'alter', 'ip6_route_add', { ...netnsFields(NETNS), ...identity(b), msglen: repeated.length, msg }), ['netlink_ack', ...RTNETLINK.slice(1)]));
  const by = (...parts: readonly Story[]): unknown => verdicts(weave(story(...parts, ends), { endMs: 9000 })).at(-1);
  expect(by(adds)).toMatchObject({ cause: 'route-expired', actor: 'one[901]' });
  expect(by(adds, repeats)).toMatchObject({ cause: 'route-expired', actor: 'two[902]' });
});

describe('a carrier', () => {
  const object = 0xffff_8880_1111_0000n;
  const lost = (frames: readonly string[]): Verdict[] => verdicts(weave(story(known(a, ['ip', 'link', 'set', 'd0', 'down']), asks(a, 1500, a.pid, linkBytes(16, 4, { name: 'd0', up: false, change: 1 })), leave(a, 1501, 'rtnetlink_rcv_msg'),
    withStack(probe(kworker, 1560, 'defer', 'netif_carrier_off', { ...netnsFields(NETNS), ...identity(kworker), object, ifindex: 9 }), ['netif_carrier_off', ...frames, ...WORKER]),
    call(kworker, 1600, 'linkwatch_do_dev', { object, ifindex: 9 }),
    flushed(kworker, 1600.1, { dst: '198.51.100.0/24', dev: 9 }, ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', '__remove_nexthop', 'remove_nexthop', 'nh_netdev_event', 'raw_notifier_call_chain', 'netdev_state_change', 'linkwatch_do_dev', '__linkwatch_run_queue', 'linkwatch_event', ...WORKER]),
    probe(kworker, 1600.2, 'return', 'fib_table_flush', { ret: 1 }), leave(kworker, 1601, 'linkwatch_do_dev')), { before: [routeBytes({ dst: '198.51.100.0/24', dev: 9 })], endMs: 5000 }));
  test.each([
    ['of a card: nobody on this host', ['e1000_watchdog_task'], 'kernel', 'proved'],
    ['of a bond that polls its ports: it may be somebody', ['bond_set_carrier', 'bond_select_active_slave', 'bond_mii_monitor'], 'unknown', 'likely'],
    ['of a bridge', ['br_port_state_selection', 'br_forward_delay_timer_expired'], 'unknown', 'likely'],
    ['of a team', ['team_set_carrier', 'team_lacp_work'], 'unknown', 'likely'],
  ])('%s', (_what, frames, actor, confidence) => { expect(lost(frames)).toEqual([expect.objectContaining({ actor, confidence })]); });
});

describe('ioctl', () => {
  const SIOCSIFFLAGS = 0x8914, SIOCSIFADDR = 0x8916, SIOCSIFMTU = 0x8922;
  const request = (name: string, cmd: number, rest: readonly number[], fn: string): Story => {
    const args = new Uint8Array(24);
    args.set(cString(name, 16));
    args.set(rest, 16);
    return story(known(a, ['ifconfig', name]), call(a, 1500, fn, { cmd, args }), announce(a, 1500.1, routeBytes({ ...CONNECTED, deleted: true }), [...ANNOUNCE4, 'fib_table_delete', 'fib_magic', 'fib_del_ifaddr', 'fib_inetaddr_event', fn, ...SYSCALL]), leave(a, 1501, fn));
  };
  test.each([
    ['an address set down', 'd0:1', SIOCSIFFLAGS, [0], 'devinet_ioctl', { kind: 'address-change', event: 'removed', dev: 'd0' }],
    ['an address set up', 'd0:1', SIOCSIFFLAGS, [1], 'devinet_ioctl', { kind: 'link-state', dev: 'd0', state: 'up' }],
    ['a device set down', 'd0', SIOCSIFFLAGS, [0], 'devinet_ioctl', { kind: 'link-state', dev: 'd0', state: 'down' }],
    ['the device of an address set down', 'd0:1', SIOCSIFFLAGS, [0], 'dev_ioctl', { kind: 'link-state', dev: 'd0', state: 'down' }],
    ['an address in place of another', 'd0', SIOCSIFADDR, [2, 0, 0, 0, 198, 51, 100, 2], 'devinet_ioctl', { kind: 'address-change', event: 'changed', dev: 'd0', address: '198.51.100.2' }],
    ['no address in place of one', 'd0:1', SIOCSIFADDR, [2], 'devinet_ioctl', { kind: 'address-change', event: 'removed', dev: 'd0' }],
    ['an MTU', 'd0', SIOCSIFMTU, [0xb0, 4], 'dev_ioctl', { kind: 'link-state', dev: 'd0', mtu: 1200 }],
  ])('%s', (_what, name, cmd, rest, fn, trigger) => { expect(triggers(request(name, cmd, rest, fn), [CONNECTED])).toEqual([trigger]); });
});

test('what is written into a file of sysfs is one act, and what is written next another one', () => {
  const routes: RouteSpec[] = ['2001:db8:1::/64', 'fe80::/64'].map(dst => ({ dst, protocol: 2, metric: 256, dev: 4 }));
  const frames = ['rt6_disable_ip', 'addrconf_ifdown.isra.0', 'addrconf_notify', 'raw_notifier_call_chain', 'dev_set_mtu_ext', 'dev_set_mtu', 'netdev_store.isra.0', 'dev_attr_store', 'sysfs_kf_write', 'kernfs_fop_write_iter', 'vfs_write', 'ksys_write', ...SYSCALL];
  const writes = (ms: number, isTold: boolean): Story => story(isTold ? [call(a, ms, 'kernfs_fop_write_iter', { path0: cString('mtu', 40), path1: cString('eth0', 16), path2: cString('net', 16) })] : [],
    ...routes.map((route, i) => announce(a, ms + 0.1 + i / 10, routeBytes({ ...route, deleted: true }), [...ANNOUNCE6, 'fib6_del', 'fib6_clean_node', ...frames])), isTold ? [leave(a, ms + 1, 'kernfs_fop_write_iter', 5)] : []);
  const told = (isTold: boolean) => attributions(weave(story(known(a, ['bash']), writes(1500, isTold), { sent: routes.map(route => ({ ms: 1700, bytes: routeBytes(route) })) }, writes(2000, isTold)), { before: routes.map(routeBytes), endMs: 5000 }))
    .filter(({ change }) => change.change === 'delete').map(({ verdict }) => verdict.kind === 'caused' ? [verdict.causeId, verdict.confidence, verdict.facts.act.id] : []);
  const [one, two] = ['1500000000.901', '2000000000.901'].map(id => ['link-mtu', 'proved', id]);
  expect(told(true)).toEqual([one, one, two, two]);
  // Before Linux 5.12.
  expect(new Set(told(false).map(([, , id]) => id)).size).toBe(4);
});

describe('a request with the namespace of a device', () => {
  const moves = linkBytes(16, 4, { name: 'd0', up: true, change: 1, movesTo: 5 });
  const took = (frames: readonly string[]): unknown => triggers(story(known(a, ['ip', 'link', 'set', 'd0', 'netns', 'n', 'up']), asks(a, 1500, a.pid, moves),
    announce(a, 1500.1, routeBytes({ dst: '2001:db8:1::/64', protocol: 2, metric: 256, dev: 4, deleted: true }), [...ANNOUNCE6, 'fib6_del', ...frames, ...RTNETLINK]), leave(a, 1501, 'rtnetlink_rcv_msg')), [{ dst: '2001:db8:1::/64', protocol: 2, metric: 256, dev: 4 }])[0];
  test('moves it where the stack says so', () => { expect(took(['rt6_disable_ip', 'addrconf_ifdown', 'addrconf_notify', '__dev_change_net_namespace', 'do_setlink'])).toMatchObject({ kind: 'namespace', event: 'moved' }); });
  test('else does what it says besides', () => { expect(took(['rt6_disable_ip', 'addrconf_ifdown', 'addrconf_notify', '__dev_notify_flags', 'do_setlink'])).toMatchObject({ kind: 'link-state', state: 'up' }); });
});

describe('requests with one number', () => {
  const adds = (who: Task, ms: number, dst: string, request: { portid: number; seq: number; flags?: number }, flags = 0x600): Story =>
    story(known(who, [who.comm]), asksRoute(who, ms, request), { sent: [{ ms: ms + 0.05, bytes: routeBytes({ dst, dev: 4, portid: request.portid, seq: request.seq, flags }) }] });
  const told = (parts: Story, delay: number): Verdict[] => verdicts(weave(parts, { delays: [delay], endMs: 5000 }));
  const of = (who: Task): string => `${who.comm}[${who.pid}]`;

  test('of processes with one port id: each has its own, and which is whose is not proved', () => {
    const three = [1, 2, 3].map(i => task(1000 + i, `ip${i}`, { startMs: 1400 + i * 10 }));
    const all = told(story(...three.map((who, i) => adds(who, 1500 + i, `10.${i}.0.0/16`, { portid: 1, seq: 77 }))), 4);
    expect(all.map(({ actor, confidence }) => [actor, confidence])).toEqual(three.map(who => [of(who), 'likely']));
    expect(all.every(({ rivals = [] }) => rivals.length > 0)).toBe(true);
  });

  const [add, replace] = [{ portid: a.pid, seq: 1, flags: 0x605 }, { portid: a.pid, seq: 1, flags: 0x505 }];
  const asked = (parts: Story, delay: number): unknown[] => attributions(weave(parts, { delays: [delay], endMs: 5000 })).map(({ verdict }) => verdict.kind === 'caused' && verdict.trigger.kind === 'netlink-request' ? [verdict.trigger.request, verdict.confidence] : undefined);
  test('of one process that asks for different things: which one it was is not claimed', () => {
    expect(asked(story(adds(a, 1500, '203.0.113.0/24', add), adds(a, 1500.2, '203.0.114.0/24', replace)), 2)).toEqual([['add', 'likely'], ['add', 'likely']]);
  });
  test('but where the first one had been answered before, or the answer says it', () => {
    expect(asked(story(adds(a, 1500, '203.0.113.0/24', add), adds(a, 1900, '203.0.114.0/24', replace)), 2)[0]).toEqual(['add', 'proved']);
    expect(asked(story(adds(a, 1500, '203.0.113.0/24', add), adds(a, 1500.2, '203.0.113.0/24', replace, 0x100)), 2)[1]).toEqual(['replace', 'proved']);
    // The socket was empty in between.
    expect(asked(story(adds(a, 1500, '203.0.113.0/24', add), adds(a, 1600, '203.0.114.0/24', replace)), 200)[1]).toEqual(['replace', 'proved']);
  });
});

test('a process that starts another program after its request has not become that', () => {
  const who = task(904, 'python3');
  const exec = probe(who, 1500.3, 'exec', 'sched_process_exec', { start: at(who.startMs), parent: 1, parentstart: at(10), uid: 0, cgroup: 1n, arglen: 10, comm: 'sleep' });
  const argv = probe(who, 1500.3, 'argv', 'sched_process_exec', { arglen: 10, offset: 0, argv: new TextEncoder().encode('sleep\x00600\x00') });
  const asksAt = (ms: number, dst: string, seq: number): Story => story(asksRoute(who, ms, { portid: who.pid, seq, flags: 0x605 + seq % 2 }), { sent: [{ ms: ms + 0.05, bytes: routeBytes({ dst, dev: 4, portid: who.pid, seq }) }] });
  const all = verdicts(weave(story(known(who, ['python3', 'x.py']), asksAt(1500, '203.0.113.0/24', 7), exec, argv, asksAt(1600, '203.0.114.0/24', 8)), { delays: [2], endMs: 5000 }));
  expect(all.map(({ actor }) => actor)).toEqual(['python3[904]', 'sleep[904]']);
});

test('legs that are taken back as another one is refused are the doing of who asked', () => {
  const legs = [{ dev: 4, via: '2001:db8:1::3' }, { dev: 4, via: '2001:db8:1::2' }];
  const place = { dst: '2001:db8:9::/48', metric: 1024 };
  const answers = { portid: a.pid, seq: 7 };
  const told = (seq: number): Verdict[] => attributions(weave(story(known(a, [a.comm]), asksRoute(a, 1500, { ...answers, flags: 0xc05 }), {
    sent: [{ ms: 1500.05, bytes: routeBytes({ ...place, legs, flags: 0x400, ...answers }) }, { ms: 1500.06, bytes: routeBytes({ ...place, dev: 4, via: '2001:db8:1::3', deleted: true, ...answers, seq }) }],
  }), { before: [routeBytes({ ...place, dev: 4, via: '2001:db8:1::2' })], endMs: 5000 })).map(verdictOf);
  expect(told(7).map(({ change, actor, confidence }) => [change, actor, confidence])).toEqual([['append', 'one[901]', 'proved'], ['delete', 'one[901]', 'proved']]);
  // Another request of that port id, which was not seen.
  expect(told(8)[1]).toMatchObject({ cause: 'unknown: no-match' });
});

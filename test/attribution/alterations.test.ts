import { describe, expect, test } from 'vitest';
import type { Attribution } from '../../src/model/attribution.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createAttributor } from '../../src/attribution/attribute.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import { lost } from '../model/build.ts';
import { ip } from './acts.ts';
import { task } from '../model/build.ts';
import { alters, announce, asks, call, flushed, known, leave, RTNETLINK, story, SYSCALL, sysctlPath, weave, type Story } from './build.ts';
import { addressBytes, addressOf, linkBytes, nexthopBytes, routeBytes } from './encode.ts';

function attributed(observations: readonly Observation[], prefsrcByTable = false, linkdownOfAll = true): Attribution[] {
  const [timeline, attributor] = [createTimeline(), createAttributor({ prefsrcByTable, linkdownOfAll })];
  return [...observations.flatMap(one => timeline.push(one)), ...timeline.flush()].flatMap(one => attributor.push(one)).concat(attributor.flush());
}
const short = ({ subject, change, verdict }: Attribution): readonly unknown[] => [
  subject, 'change' in change ? change.change : '', 'route' in change ? change.route?.dst : '', 'silent' in change && change.silent,
  ...(verdict.kind === 'caused' ? [verdict.causeId, verdict.confidence, verdict.facts.act.actor.pid] : [verdict.kind]),
];
const told = (one: Story, before: readonly Uint8Array[], ...rules: readonly boolean[]): (readonly unknown[])[] => attributed(weave(one, { before }), ...rules).map(short);

describe('a preferred source whose address goes', () => {
  const route = { dst: '2001:db8:9::/48', via: '2001:db8:1::2', dev: 4, metric: 1024, prefsrc: '2001:db8:1::5' };
  const removes = story(asks(ip, 2000, ip.pid, addressBytes(21, '2001:db8:1::5/128', 4)),
    alters(ip, 2000.1, 'rt6_remove_prefsrc', { ifindex: 4, addr: addressOf('2001:db8:1::5') }, ['rt6_remove_prefsrc', 'ipv6_del_addr', 'inet6_addr_del', 'inet6_rtm_deladdr', ...RTNETLINK]), leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
  const lostIt = (dst = route.dst): readonly unknown[] => ['change', 'replace', dst, true, 'ipv6-address-removed', 'proved', ip.pid];

  test('is lost silently, and so it is told', () => {
    expect(told(removes, [routeBytes(route)])).toEqual([lostIt()]);
    const [change] = attributed(weave(removes, { before: [routeBytes(route)] })).flatMap(one => one.subject === 'change' ? [one.change] : []);
    expect([change?.replaced?.prefsrc, change?.route.prefsrc]).toEqual(['2001:db8:1::5', undefined]);
  });
  test.each([
    ['another source', { ...route, prefsrc: '2001:db8:1::6' }], ['no source', { ...route, prefsrc: undefined }], ['a nexthop object', { ...route, nhid: 3 }],
    ['IPv4', { dst: '198.51.100.0/24', via: '192.0.2.2', dev: 4, prefsrc: '192.0.2.1' }],
  ])('but not by a route with %s', (_what, other) => {
    const { prefsrc, ...rest } = other;
    expect(told(removes, [routeBytes(prefsrc === undefined ? rest : { ...rest, prefsrc })])).toEqual([]);
  });
  // Kernels heed the device, from 6.6 on the table: where the two differ it is only likely that this one does as its version says.
  test.each<[string, Parameters<typeof routeBytes>[0], boolean, readonly unknown[]]>([
    ['over another device', { ...route, dev: 5 }, false, []], ['over another device', { ...route, dev: 5 }, true, [['change', 'replace', route.dst, true, 'ipv6-address-removed', 'likely', ip.pid]]],
    ['in another table', { ...route, table: 77 }, true, []], ['in another table', { ...route, table: 77 }, false, [['change', 'replace', route.dst, true, 'ipv6-address-removed', 'likely', ip.pid]]],
  ])('of a route %s: by table %s', (_where, other, byTable, expected) => {
    expect(told(removes, [routeBytes(other)], byTable)).toEqual(expected);
  });
  test('is not proved where the tracer lost something at the time', () => {
    expect(told(story(removes, lost(1990, 2050)), [routeBytes(route)]).map(([, , , , , confidence]) => confidence)).not.toContain('proved');
  });
});

describe('a nexthop object', () => {
  const objects = [nexthopBytes(12, { via: '192.0.2.3', dev: 4 }), nexthopBytes(13, { via: '192.0.2.4', dev: 4 }), nexthopBytes(20, { group: [12, 13] })];
  const legs = [{ via: '192.0.2.3', dev: 4 }, { via: '192.0.2.4', dev: 4 }];
  const onGroup = { dst: '203.0.113.0/24', nhid: 20, legs };
  const request = (type: 104 | 105, id: number, more: object = {}): Uint8Array => nexthopBytes(id, { type, seq: 9, portid: ip.pid, ...more });
  const removal = (id: number, ms = 2000): Story => story(asks(ip, ms, ip.pid, request(105, id)), alters(ip, ms + 0.1, 'remove_nexthop', { nhid: id }, ['remove_nexthop', 'rtm_del_nexthop', ...RTNETLINK]), leave(ip, ms + 0.4, 'rtnetlink_rcv_msg'));

  test.each([['12', 12, true], ['13', 13, true], ['of no group', 99, false]])('that goes is a leg less for routes on its group: %s', (_id, id, isTold) => {
    expect(told(removal(id), [...objects, routeBytes(onGroup)])).toEqual(isTold ? [['change', 'replace', onGroup.dst, true, 'nexthop-removed', 'proved', ip.pid]] : []);
  });
  test('and each of two that go before anything is settled is told with what it took', () => {
    const three = [nexthopBytes(14, { via: '192.0.2.5', dev: 4 }), nexthopBytes(21, { group: [12, 13, 14] }), routeBytes({ ...onGroup, nhid: 21, legs: [...legs, { via: '192.0.2.5', dev: 4 }] })];
    const changes = attributed(weave(story(removal(12), removal(13, 2001)), { before: [...objects, ...three] })).flatMap(one => one.subject === 'change' ? [one.change] : []);
    expect(changes.map(({ replaced, route }) => [replaced?.nexthops.length, route.nexthops.length])).toEqual([[3, 2], [2, 1]]);
  });
  test('that is replaced moves its routes silently where the kernel does not announce them', () => {
    const replaces = story(asks(ip, 2000, ip.pid, request(104, 12, { via: '192.0.2.9', dev: 4, flags: 0x505 })), { sent: [{ ms: 2000.1, bytes: request(104, 12, { via: '192.0.2.9', dev: 4, flags: 0x505 }) }] }, leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
    expect(told(replaces, [...objects, routeBytes(onGroup), routeBytes({ dst: '198.51.100.0/24', nhid: 12 })]))
      .toEqual(['203.0.113.0/24', '198.51.100.0/24'].map(dst => ['change', 'replace', dst, true, 'nexthop-replaced', 'proved', ip.pid]));
  });
  test('and is told once where it does', () => {
    const route = { dst: '198.51.100.0/24', via: '192.0.2.3', dev: 4, nhid: 12 };
    const replaces = story(asks(ip, 2000, ip.pid, request(104, 12, { via: '192.0.2.9', dev: 4, flags: 0x505 })), { sent: [
      { ms: 2000.1, bytes: request(104, 12, { via: '192.0.2.9', dev: 4, flags: 0x505 }) }, { ms: 2000.2, bytes: routeBytes({ ...route, via: '192.0.2.9', flags: 0x100, seq: 9, portid: ip.pid }) },
    ] }, leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
    expect(told(replaces, [...objects, routeBytes(route)])).toEqual([['change', 'replace', route.dst, false, 'nexthop-replaced', 'proved', ip.pid]]);
  });
  test('that is told again as it was moves nothing', () => {
    const again = story(asks(ip, 2000, ip.pid, request(104, 12, { via: '192.0.2.3', dev: 4 })), { sent: [{ ms: 2000.1, bytes: request(104, 12, { via: '192.0.2.3', dev: 4 }) }] }, leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
    expect(told(again, [...objects, routeBytes(onGroup)])).toEqual([]);
  });
});

describe('legs over a device', () => {
  const multipath = { dst: '203.0.113.0/24', legs: [{ via: '192.0.2.2', dev: 4 }, { via: '198.51.100.2', dev: 5 }] };
  const DOWN = ['fib_netdev_event', 'raw_notifier_call_chain', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', ...RTNETLINK];
  const event = (state: { up: number; running: number }, frames: readonly string[], ms = 2000): Story => story(asks(ip, ms, ip.pid, linkBytes(16, 4, { up: state.up === 1, change: 1 })),
    alters(ip, ms + 0.1, 'fib_netdev_event', { event: state.up === 1 ? 1 : 2, ifindex: 4, ...state }, frames), leave(ip, ms + 0.4, 'rtnetlink_rcv_msg'));
  const down = event({ up: 0, running: 0 }, DOWN);
  const flags = (one: Story, before: readonly Uint8Array[]): unknown[] => attributed(weave(one, { before })).flatMap(({ subject, change }) => subject === 'flags' ? [change.legs?.map(leg => [leg.ifindex, leg.flags])] : []);

  test('that goes down are dead, those over others live', () => {
    expect(told(down, [routeBytes(multipath)])).toEqual([['flags', 'delete', multipath.dst, true, 'link-down', 'proved', ip.pid]]);
    expect(flags(down, [routeBytes(multipath)])).toEqual([[[4, 17]]]);
  });
  test('that is up without a carrier are only without a link, and revive with it', () => {
    const all = story(down, event({ up: 1, running: 0 }, DOWN, 3000), event({ up: 1, running: 1 }, DOWN, 4000));
    expect(flags(all, [routeBytes(multipath)])).toEqual([[[4, 17]], [[4, 16]], [[4, 0]]]);
  });
  test('that are up again without a carrier lose the flag dead, and no more is set', () => {
    const changes = attributed(weave(story(down, event({ up: 1, running: 0 }, DOWN, 3000)), { before: [routeBytes(multipath)] })).flatMap(({ subject, change }) => subject === 'flags' ? [change.change] : []);
    expect(changes).toEqual(['delete', 'add']);
  });
  // With ignore_routes_with_linkdown a leg without carrier is shown as dead, too; the kernel looks at the carrier of a new device once more.
  test('that are without a carrier stay as they are when it is looked at again', () => {
    const again = story(asks(ip, 2000, ip.pid, linkBytes(16, 4, { up: true, change: 0 })), alters(ip, 2000.1, 'fib_netdev_event', { event: 4, ifindex: 4, up: 1, running: 0 }, DOWN), leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
    for (const shown of [16, 17]) expect(told(again, [routeBytes({ dst: '203.0.113.0/24', legs: [{ via: '192.0.2.2', dev: 4, flags: shown }, { via: '198.51.100.2', dev: 5 }] })])).toEqual([]);
    expect(flags(again, [routeBytes(multipath)])).toEqual([[[4, 16]]]);
  });
  describe('while ignore_routes_with_linkdown is on', () => {
    const writer = task(4242, 'sysctl', { startMs: 1500 });
    /** `fn`: inet_ or inet6_netconf_notify_devconf. */
    const writes = (ms: number, fn: string, ifindex: number, linkdown: 0 | 1): Story => story(known(writer, ['sysctl', '-w']), call(writer, ms, 'proc_sys_call_handler', sysctlPath('net', 'ipv4', 'conf', 'x', 'ignore_routes_with_linkdown')),
      alters(writer, ms + 0.1, fn, { ifindex, linkdown }, [fn, 'devinet_conf_proc', 'proc_sys_call_handler', 'vfs_write', ...SYSCALL]), leave(writer, ms + 0.2, 'proc_sys_call_handler'));
    const V4 = 'inet_netconf_notify_devconf';
    const V6 = 'inet6_netconf_notify_devconf';
    const isUp = [linkBytes(16, 4, { up: true, change: 0 }), linkBytes(16, 5, { up: true, change: 0 })];
    const without = (flag: number, dst = '203.0.113.0/24') => routeBytes({ dst, legs: [{ via: dst.includes(':') ? 'fd00::2' : '192.0.2.2', dev: 4, flags: flag }, { via: dst.includes(':') ? 'fd01::2' : '198.51.100.2', dev: 5 }] });

    test.each([
      ['of the device', V4, 4, 1, 16, 17], ['of all devices', V4, -1, 1, 16, 17], ['of the device, off', V4, 4, 0, 17, 16],
    ] as const)('a leg without a carrier is dead, too: %s', (_what, fn, ifindex, linkdown, before, after) => {
      expect(told(writes(2000, fn, ifindex, linkdown), [...isUp, without(before)])).toEqual([['flags', linkdown === 1 ? 'delete' : 'add', '203.0.113.0/24', true, 'linkdown-ignored', 'proved', writer.pid]]);
      expect(flags(writes(2000, fn, ifindex, linkdown), [...isUp, without(before)])).toEqual([[[4, after]]]);
    });
    test.each([
      ['of another device', V4, 5, 1, [...isUp, without(16)]], ['what new devices take over', V4, -2, 1, [...isUp, without(16)]], ['of the other family', V6, 4, 1, [...isUp, without(16)]],
      ['with a carrier', V4, -1, 1, [...isUp, without(0)]], ['dead as it is', V4, 4, 1, [...isUp, without(17)]], ['of a device that is down', V4, 4, 0, [without(17)]],
      ['IPv6 does not heed that of all by itself', V6, -1, 1, [...isUp, without(16, 'fd09::/48')]],
    ] as const)('no leg is touched: %s', (_what, fn, ifindex, linkdown, before) => {
      expect(told(writes(2000, fn, ifindex, linkdown), before)).toEqual([]);
    });
    test('before Linux 5.11 that of all devices has no effect, and that of the device has', () => {
      const before = [...isUp, without(16)];
      expect(told(writes(2000, V4, -1, 1), before, false, false)).toEqual([]);
      expect(told(story(writes(2000, V4, -1, 1), writes(2001, V4, 4, 1)), before, false, false)).toHaveLength(1);
      expect(told(story(writes(2000, V4, -1, 1), writes(2001, V4, 4, 1), writes(2002, V4, 4, 0)), before, false, false)).toHaveLength(2);
    });

    test('off for a device counts for nothing while it is on for all, and off for all leaves that of the device', () => {
      const all = [[2000, 4, 1], [2001, -1, 1], [2002, 4, 0], [2003, -1, 0]] as const;
      expect(flags(story(...all.map(([ms, ifindex, value]) => writes(ms, V4, ifindex, value))), [...isUp, without(16)])).toEqual([[[4, 17]], [[4, 16]]]);
    });
    test('the carrier that goes leaves a dead leg, and the one that comes makes it whole', () => {
      const carrier = (running: 0 | 1, ms: number): Story => story(asks(ip, ms, ip.pid, linkBytes(16, 4, { up: true, change: 0 })), alters(ip, ms + 0.1, 'fib_netdev_event', { event: 4, ifindex: 4, up: 1, running }, DOWN), leave(ip, ms + 0.4, 'rtnetlink_rcv_msg'));
      expect(flags(story(writes(2000, V4, 4, 1), carrier(0, 3000), carrier(1, 4000)), [...isUp, without(0), without(0, 'fd09::/48')])).toEqual([[[4, 17]], [[4, 16]], [[4, 0]], [[4, 0]]]);
    });
  });
  test.each([
    ['an address of this host', { dst: '192.0.2.1/32', dev: 4, table: 255, type: 2, scope: 254 }], ['an IPv6 anycast address', { dst: '2001:db8::/128', dev: 4, table: 255, type: 4 }],
    ['a route over another device', { dst: '10.0.0.0/8', dev: 5 }], ['a nexthop object', { dst: '10.0.0.0/8', dev: 4, nhid: 3 }],
  ])('are left alone: %s', (_what, route) => {
    expect(told(down, [routeBytes(route)])).toEqual([]);
  });
  test('of a route that goes with it are told as gone, not as dead', () => {
    const gone = { dst: '10.0.0.0/8', dev: 4, via: '192.0.2.9' };
    const all = story(down, flushed(ip, 2000.2, gone, ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', ...DOWN]));
    expect(told(all, [routeBytes(gone)])).toEqual([['change', 'delete', gone.dst, true, 'link-down', 'proved', ip.pid]]);
  });
  test('of a route that came after the event have the flags they came with', () => {
    const late = announce(ip, 2000.3, routeBytes(multipath), ['rtnl_notify', 'rtmsg_fib', 'fib_table_insert', 'fib_magic', 'fib_add_ifaddr', ...DOWN]);
    expect(flags(story(down, late), [])).toEqual([]);
  });
});

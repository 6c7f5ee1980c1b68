import { describe, expect, test } from 'vitest';
import { lost, OTHER_NETNS } from '../model/build.ts';
import { addsAddress4, asksForRoute, decoy, FLUSH, ip, PREFIX4, setsLinkDown } from './acts.ts';
import { ANNOUNCE4, announce, asks, flushed, leave, purged, RTNETLINK, story, weave, type Story, type WeaveOptions } from './build.ts';
import { addressBytes, linkBytes, routeBytes, type RouteSpec } from './encode.ts';
import { attributions, verdicts, type Verdict } from './verdicts.ts';

const STATIC4: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const seen = (told: Story, options?: WeaveOptions): Verdict[] => verdicts(weave(told, options));

describe('silent removals', () => {
  const gone = { dst: STATIC4.dst, dev: 4, via: '192.0.2.9' };
  const before = [routeBytes(STATIC4)];
  const silent = expect.objectContaining({ dst: STATIC4.dst, change: 'delete', silent: true });

  test('are told once, whether the return of their root was seen or not', () => {
    expect(seen(setsLinkDown(ip, 2000, [gone]), { before })).toEqual([silent]);
    expect(seen(setsLinkDown(ip, 2000, [gone], { returns: false }), { before })).toEqual([silent]);
  });

  describe('name the device as it was called then, however late the message of its new name is read', () => {
    const named = (asked: number, message: number): unknown => {
      const renames = story(asks(decoy, asked, decoy.pid, linkBytes(16, 4, { name: 'lan0' })), { sent: [{ ms: message, bytes: linkBytes(16, 4, { name: 'lan0' }) }] }, leave(decoy, asked + 0.2, 'rtnetlink_rcv_msg'));
      return attributions(weave(story(renames, setsLinkDown(ip, 2000, [gone])), { before: [linkBytes(16, 4, { name: 'd0' }), ...before] })).map(({ names }) => names.device(4));
    };
    test.each([
      ['renamed before, read before', 1800, 1800.1, 'lan0'], ['renamed before, read after', 1999, 2000.2, 'lan0'],
      ['renamed after', 2000.15, 2000.2, 'd0'], ['renamed long after', 2900, 2900.1, 'd0'],
    ] as const)('%s', (_what, asked, message, name) => { expect(named(asked, message)).toEqual([name]); });
  });

  test('of routes that nobody knew are not told', () => {
    expect(seen(setsLinkDown(ip, 2000, [gone]))).toEqual([]);
  });

  test('are not silent when they are announced', () => {
    const told = story(asks(ip, 2000, ip.pid, addressBytes(21, '192.0.2.1/24', 4)), flushed(ip, 2000.12, { ...gone, pfsrcremoved: 1 }, ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK]),
      announce(ip, 2000.11, routeBytes({ ...STATIC4, deleted: true }), [...ANNOUNCE4, 'fib_table_flush', 'fib_flush', 'fib_inetaddr_event', '__inet_del_ifa', ...RTNETLINK]), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    const all = seen(told, { before });
    expect(all).toEqual([expect.objectContaining({ change: 'delete', cause: 'ipv4-address-removed' })]);
    expect(all[0]).not.toHaveProperty('silent');
  });

  test('are not silent when they are announced while the socket overflows', () => {
    const frames = ['fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK];
    const heard = story(asks(ip, 2000, ip.pid, addressBytes(21, '192.0.2.1/24', 4)), flushed(ip, 2000.12, { ...gone, pfsrcremoved: 1 }, ['fib_notify_alias_delete', ...frames]),
      announce(ip, 2000.11, routeBytes({ ...STATIC4, deleted: true }), [...ANNOUNCE4, ...frames]), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    const told = story({ ...heard, sent: [] }, lost(1990, 2050, { source: 'rtnetlink', what: 'rtnetlink messages' }));
    expect(seen(told, { before }).filter(verdict => verdict.silent === true)).toEqual([]);
  });

  test('are none where a request deletes a route, whatever the probe printed', () => {
    const told = story(asksForRoute(ip, 2000, { ...STATIC4, deleted: true }, { seq: 5 }), flushed(ip, 2000.06, gone, ['fib_notify_alias_delete', 'fib_table_delete', 'inet_rtm_delroute', ...RTNETLINK]),
      asksForRoute(ip, 2000.5, STATIC4, { seq: 6, isTold: false }));
    expect(seen(told, { before }).map(({ change, silent: isSilent }) => [change, isSilent])).toEqual([['delete', undefined], ['add', undefined]]);
  });

  test('of two routes in one place, one announced: the other one is the silent one', () => {
    const other: RouteSpec = { ...STATIC4, via: '192.0.2.8', prefsrc: '192.0.2.1', flags: 0xc00 };
    const told = story(asks(ip, 2000, ip.pid, addressBytes(21, '192.0.2.1/24', 4)), flushed(ip, 2000.1, gone, ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK]),
      flushed(ip, 2000.22, { ...gone, via: '192.0.2.8', pfsrcremoved: 1 }, ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK]),
      announce(ip, 2000.21, routeBytes({ ...other, deleted: true, flags: 0 }), [...ANNOUNCE4, 'fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK]), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    const all = attributions(weave(told, { before: [...before, routeBytes(other)] })).map(({ change }) => [change.silent, change.route.nexthops[0]?.gateway]);
    expect(all.toSorted(([a], [b]) => Number(a) - Number(b))).toEqual([[false, '192.0.2.8'], [true, '192.0.2.9']]);
  });

  test('of two routes that only their sources tell apart, one announced: the other one stays', () => {
    const [one, other]: RouteSpec[] = ['192.0.2.1', '192.0.2.5'].map(prefsrc => ({ ...STATIC4, prefsrc }));
    const frames = ['fib_table_flush', 'fib_flush', 'fib_inetaddr_event', ...RTNETLINK];
    const told = story(asks(ip, 2000, ip.pid, addressBytes(21, '192.0.2.5/32', 4)), announce(ip, 2000.1, routeBytes({ ...STATIC4, ...other, deleted: true }), [...ANNOUNCE4, ...frames]),
      flushed(ip, 2000.12, { ...gone, pfsrcremoved: 1 }, ['fib_notify_alias_delete', ...frames]), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    expect(attributions(weave(told, { before: [one, other].map(route => routeBytes({ ...STATIC4, ...route })) })).map(({ change }) => [change.change, change.silent, change.route.prefsrc])).toEqual([['delete', false, '192.0.2.5']]);
  });

  const A6: RouteSpec = { dst: '2001:db8:9::/48', metric: 1024, dev: 4, via: 'fe80::1' };
  const both: RouteSpec = { dst: A6.dst, metric: 1024, legs: [{ dev: 4, via: 'fe80::1' }, { dev: 4, via: 'fe80::2' }] };
  test('do not come from what a replace purges, even if the new route looks the same', () => {
    const told = story(asksForRoute(ip, 2000, { ...A6, flags: 0x100 }, { seq: 5, flags: 0x505 }), purged(ip, 2000.06, { dst: A6.dst, dev: 4, via: 'fe80::1' }, ['fib6_purge_rt', 'fib6_add', 'ip6_route_add', 'inet6_rtm_newroute', ...RTNETLINK]));
    expect(seen(told, { before: [routeBytes(A6)] })).toEqual([expect.objectContaining({ change: 'replace' })]);
  });

  test('do not come from the legs of a multipath route that is deleted as one and added again', () => {
    const purge = (via: string): Parameters<typeof purged> => [ip, 2000.01, { dst: A6.dst, dev: 4, via }, ['fib6_purge_rt', 'fib6_del', 'ip6_route_del', 'inet6_rtm_delroute', ...RTNETLINK]];
    const told = story(asksForRoute(ip, 2000, { ...both, deleted: true }, { seq: 5 }), purged(...purge('fe80::1')), purged(...purge('fe80::2')), asksForRoute(ip, 2000.5, { ...both, flags: 0x400 }, { seq: 6 }));
    expect(seen(told, { before: [routeBytes(both)] }).map(verdict => verdict.change)).toEqual(['delete', 'add']);
  });

  test('of the legs of a multipath route are told one by one', () => {
    const frames = ['fib6_purge_rt', 'fib6_del', 'fib6_clean_node', '__fib6_clean_all', 'fib6_clean_all_skip_notify', 'rt6_sync_down_dev', 'rt6_disable_ip', 'addrconf_ifdown.isra.0', 'addrconf_notify', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', ...RTNETLINK];
    const told = story(asks(ip, 2000, ip.pid, linkBytes(16, 4, { up: false, change: 1 })), ...['fe80::1', 'fe80::2'].map((via, i) => story(purged(ip, 2000.1 + i / 10, { dst: A6.dst, dev: 4, via }, frames))), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    expect(seen(told, { before: [routeBytes(both)] })).toEqual([silentLeg(), silentLeg()]);
  });
  const silentLeg = (): unknown => expect.objectContaining({ change: 'delete', silent: true, cause: 'link-down', actor: 'ip[5151]' });

  test('are told before what comes to their place afterwards, which is an add', () => {
    const told = story(setsLinkDown(ip, 2000, [{ dst: PREFIX4.dst, dev: 4 }]), addsAddress4(decoy, 2000.6, [PREFIX4]));
    const changes = seen({ ...told }, { before: [routeBytes({ ...PREFIX4, protocol: 3 })], delays: [0.05] }).map(verdict => verdict.change);
    expect(changes).toEqual(['delete', 'add']);
  });

  test('of a route whose message is received only afterwards are told after its add', () => {
    const bulk = story(asksForRoute(decoy, 1999, { ...STATIC4, dst: '10.0.0.0/8' }, { seq: 1 }), asksForRoute(decoy, 1999.9, STATIC4, { seq: 2, isTold: false }));
    const told = story(bulk, setsLinkDown(ip, 2000, [gone]));
    expect(seen(told, { delays: [0.1, 40] }).slice(1).map(({ dst, change }) => [dst, change])).toEqual([[STATIC4.dst, 'add'], [STATIC4.dst, 'delete']]);
  });

  test('still name the device that went with them', () => {
    const frames = ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_netdev_event', 'unregister_netdevice_many_notify', 'rtnl_dellink', ...RTNETLINK];
    const told = story({ sent: [{ ms: 1500, bytes: linkBytes(16, 4, { name: 'tun0' }) }, { ms: 2000.3, bytes: linkBytes(17, 4, { name: 'tun0' }) }] },
      asks(ip, 2000, ip.pid, linkBytes(17, 4)), flushed(ip, 2000.1, gone, frames), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    const [only] = attributions(weave(told, { before }));
    expect(only?.names.device(4)).toBe('tun0');
  });

  test('name it, too, where its first message is received only afterwards', () => {
    const frames = ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_netdev_event', 'unregister_netdevice_many_notify', 'rtnl_dellink', ...RTNETLINK];
    const told = story({ sent: [{ ms: 1999.9, bytes: linkBytes(16, 4, { name: 'tun0' }) }, { ms: 2000.3, bytes: linkBytes(17, 4, { name: 'tun0' }) }] },
      asks(ip, 2000, ip.pid, linkBytes(17, 4)), flushed(ip, 2000.1, gone, frames), leave(ip, 2000.5, 'rtnetlink_rcv_msg'));
    const [only] = attributions(weave(told, { before, delays: [40] }));
    expect(only?.names.device(4)).toBe('tun0');
  });

  test('in another namespace touch nothing here', () => {
    expect(seen(story(flushed(decoy, 2000, gone, FLUSH, OTHER_NETNS)), { before })).toEqual([]);
  });
});

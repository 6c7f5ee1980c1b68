import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../src/attribution/attribute.ts';
import { anyObservation } from '../recording/arbitraries.ts';
import { dumpMark, lost, netlink, NETNS, OTHER_NETNS, probe, ready, task } from '../model/build.ts';
import {
  addsAddress4, addsAddress6, ANYCAST, anycastd, asksForRoute, advertisement, decoy, detectionEnds, ioctlRoute, ip, LOCAL6, PREFIX4, PREFIX6, setsLinkDown, setsLinkUp, socketAnycast, sysctl,
  writesForwarding, writesOther,
} from './acts.ts';
import {
  ANNOUNCE4, ANNOUNCE6, announce, asks, asksRoute, call, known, kworker, leave, RTNETLINK, SOFTIRQ_ON_TASK, story, SYSCALL, weave, WORKER, type Story, type WeaveOptions,
} from './build.ts';
import { addressBytes, nexthopBytes, routeBytes, type RouteSpec } from './encode.ts';
import { attributions, verdictOf, verdicts, type Verdict } from './verdicts.ts';

const STATIC4: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const seen = (told: Story, options?: WeaveOptions): Verdict[] => verdicts(weave(told, options));
const proved = (more: Partial<Verdict>): Partial<Verdict> => ({ confidence: 'proved', ...more });

describe('each cause is proved by its own path', () => {
  test.each<[string, Story, Partial<Verdict>]>([
    ['forwarding on', writesForwarding(sysctl, 2000, 1), { change: 'add', cause: 'subnet-router-anycast', trigger: 'sysctl', actor: 'sysctl[4242]' }],
    ['forwarding off', writesForwarding(sysctl, 2000, 0), { change: 'delete', cause: 'subnet-router-anycast', trigger: 'sysctl', actor: 'sysctl[4242]' }],
    ['a socket that joins', socketAnycast(anycastd, 2000, 'join'), { change: 'add', cause: 'anycast-socket', trigger: 'setsockopt', actor: 'anycastd[777]' }],
    ['a socket that leaves', socketAnycast(anycastd, 2000, 'leave'), { change: 'delete', cause: 'anycast-socket', trigger: 'setsockopt', actor: 'anycastd[777]' }],
    ['a socket that is closed', socketAnycast(anycastd, 2000, 'close'), { change: 'delete', cause: 'anycast-socket', trigger: 'setsockopt', actor: 'anycastd[777]' }],
    ['an IPv4 address', addsAddress4(ip, 2000, [PREFIX4]), { change: 'add', cause: 'ipv4-address-added', trigger: 'address-change', actor: 'ip[5151]' }],
    ['an IPv6 address, when detection ended', story(addsAddress6(ip, 2000), detectionEnds(3500)), { change: 'add', cause: 'ipv6-address-added', trigger: 'address-change', actor: 'ip[5151]' }],
    ['the anycast route of a later address', story(addsAddress6(ip, 2000), detectionEnds(3500, { routes: [ANYCAST] })), { change: 'add', cause: 'subnet-router-anycast', trigger: 'address-change', actor: 'ip[5151]' }],
    ['a device set up', setsLinkUp(ip, 2000), { change: 'add', cause: 'link-up', trigger: 'link-state', actor: 'ip[5151]' }],
    ['a route by ioctl', ioctlRoute(ip, 2000, STATIC4), { change: 'add', cause: 'route-ioctl', trigger: 'ioctl', actor: 'route[5151]' }],
    ['a route deleted by ioctl', ioctlRoute(ip, 2000, { ...STATIC4, deleted: true }), { change: 'delete', cause: 'route-ioctl', trigger: 'ioctl', actor: 'route[5151]' }],
    ['a route by request', asksForRoute(ip, 2000, STATIC4, { seq: 7 }), { change: 'add', cause: 'route-request', trigger: 'netlink-request', actor: 'ip[5151]' }],
  ])('%s', (_case, told, expected) => {
    expect(seen(story(told))).toEqual([expect.objectContaining(proved(expected))]);
  });

  test('an IPv4 route that goes with its device, without a message', () => {
    expect(seen(setsLinkDown(ip, 2000, [{ dst: STATIC4.dst, dev: 4, via: '192.0.2.9' }]), { before: [routeBytes(STATIC4)] }))
      .toEqual([expect.objectContaining(proved({ dst: STATIC4.dst, change: 'delete', silent: true, cause: 'link-down', actor: 'ip[5151]' }))]);
  });

  test('all routes of one act have one origin', () => {
    const ids = attributions(weave(story(addsAddress4(ip, 2000), addsAddress6(ip, 4000), detectionEnds(5500, { routes: [LOCAL6, ANYCAST] }))))
      .map(({ verdict }) => verdict.kind === 'caused' ? verdict.facts.act.id : '?');
    expect(ids.length).toBe(4);
    expect([new Set(ids.slice(0, 2)).size, new Set(ids.slice(2)).size, new Set(ids).size]).toEqual([1, 1, 2]);
  });
});

describe('the same bytes by another path are another cause, or none', () => {
  const notAs = (told: Story, causes: readonly string[], actors: readonly string[] = []): void => {
    const [verdict, ...more] = seen(told);
    expect(more).toEqual([]);
    expect(causes).not.toContain(verdict?.cause);
    expect(actors).not.toContain(verdict?.actor);
  };
  const route = (spec: RouteSpec, ...frames: readonly string[]): Story => announce(ip, 2000, routeBytes(spec), frames);
  test.each<[string, Story, string[], string[]]>([
    ['an anycast route of a socket is none of forwarding', socketAnycast(anycastd, 2000, 'join'), ['subnet-router-anycast'], []],
    ['an anycast route of forwarding is none of a socket', writesForwarding(sysctl, 2000, 1), ['anycast-socket'], []],
    ['the local route of an address whose detection a device had started is none of an address request', story(setsLinkUp(ip, 2000, []), addsAddress6(ip, 2100, { queuedIn: ['mod_delayed_work_on', 'addrconf_dad_start', 'addrconf_dad_run', 'addrconf_notify', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', ...RTNETLINK] }), detectionEnds(3500)), ['ipv6-address-added'], []],
    ['an address route that an expired lifetime took is none of a request', route({ ...PREFIX4, deleted: true }, ...ANNOUNCE4, 'fib_table_delete', 'fib_magic', 'fib_del_ifaddr', 'fib_inetaddr_event', '__inet_del_ifa', 'check_lifetime', ...WORKER), ['ipv4-address-removed'], ['ip[5151]']],
    ['a route of a device that is moved is none of one set up', route(PREFIX6, ...ANNOUNCE6, 'fib6_add', 'ip6_ins_rt', 'addrconf_prefix_route', 'addrconf_notify', 'dev_open', '__dev_change_net_namespace', 'do_setlink', ...RTNETLINK), ['link-up'], []],
    ['a route that the carrier brings is none of an administrator', story(announce(kworker, 2000, routeBytes(PREFIX6), [...ANNOUNCE6, 'fib6_add', 'addrconf_notify', 'netdev_state_change', 'linkwatch_do_dev', ...WORKER])), ['link-up'], ['kworker/0:2[33]', 'ip[5151]']],
    ['a route without port id and without a known path is of no program', route(STATIC4, ...ANNOUNCE4, 'some_module_function', ...SYSCALL), ['route-request', 'route-ioctl'], ['ip[5151]']],
    ['a route re-announced by a nexthop request is not asked for itself', story(known(ip, ['ip']), asks(ip, 2000, ip.pid, nexthopBytes(5, { seq: 9, portid: ip.pid, flags: 0x105 })), { sent: [{ ms: 2000.1, bytes: routeBytes({ ...STATIC4, nhid: 5, flags: 0x100, portid: ip.pid, seq: 9 }) }] }, leave(ip, 2000.2, 'rtnetlink_rcv_msg')), ['route-request'], []],
  ])('%s', (_case, told, causes, actors) => { notAs(told, causes, actors); });
});

describe('nobody is named for what happened on top of him', () => {
  const inCall = (part: Story): Story => story(writesForwarding(sysctl, 2000, 1, []), part);
  test.each<[string, Story]>([
    ['a router advertisement worked on within the write of a sysctl', inCall(advertisement(sysctl, 2000.2, PREFIX6))],
    ['a timer within the write of a sysctl', inCall(announce(sysctl, 2000.2, routeBytes({ ...PREFIX6, deleted: true }), [...ANNOUNCE6, 'fib6_del', 'fib6_clean_node', 'fib6_run_gc', 'call_timer_fn', 'run_timer_softirq', '__do_softirq', 'irq_exit_rcu', 'sysvec_apic_timer_interrupt', 'asm_sysvec_apic_timer_interrupt', 'vfs_write', ...SYSCALL]))],
    ['an advertisement within a call whose function is in the frames below the interrupt', inCall(announce(sysctl, 2000.2, routeBytes(PREFIX6), [...ANNOUNCE6, 'fib6_add', 'ndisc_router_discovery', ...SOFTIRQ_ON_TASK.slice(0, 4), 'proc_sys_call_handler', ...SYSCALL]))],
    ['work of a kworker that nobody queued', detectionEnds(3500)],
    ['the anycast route of work that nobody queued', detectionEnds(3500, { routes: [ANYCAST] })],
  ])('%s', (_case, told) => {
    for (const verdict of seen(told)) {
      expect(JSON.stringify(verdict)).not.toMatch(/sysctl\[|kworker/);
      expect(verdict.confidence === 'proved' && verdict.actor === 'kernel' && verdict.cause === 'subnet-router-anycast').toBe(false);
    }
  });

  test('a kworker is never the actor, whatever its stack', () => {
    const frames = fc.subarray(['fib6_add', 'ip6_ins_rt', '__ipv6_dev_ac_inc', 'addrconf_dad_work', 'addrconf_notify', 'inet6_addr_add', 'fib_inetaddr_event', 'linkwatch_do_dev', 'cleanup_net']);
    fc.assert(fc.property(frames, (middle) => {
      const told = seen(story(known(kworker, ['kworker']), announce(kworker, 2000, routeBytes(ANYCAST), [...ANNOUNCE6, ...middle, ...WORKER])));
      expect(JSON.stringify(told)).not.toContain('[33]');
    }));
  });

  test('an io_uring worker is the program that it works for', () => {
    const worker = task(800, 'netd', { tid: 801, startMs: 600 });
    const told = story(known(worker, ['netd']), asks(worker, 2000, 800, addressBytes(20, '192.0.2.1/24', 4)),
      announce(worker, 2000.1, routeBytes(PREFIX4), [...ANNOUNCE4, 'fib_table_insert', 'fib_magic', 'fib_add_ifaddr', 'fib_inetaddr_event', '__inet_insert_ifa', 'inet_rtm_newaddr', 'rtnetlink_rcv_msg', 'netlink_sendmsg', 'io_sendmsg', 'io_wq_submit_work', 'io_worker_handle_work', 'io_wqe_worker', 'ret_from_fork']),
      leave(worker, 2000.2, 'rtnetlink_rcv_msg'));
    expect(seen(told)).toEqual([expect.objectContaining({ cause: 'ipv4-address-added', actor: 'netd[800]' })]);
  });
});

describe('deferred work', () => {
  const other = task(6000, 'other', { startMs: 1700 });
  test('that queues itself again stays the work of whoever queued it first', () => {
    expect(seen(story(addsAddress6(ip, 2000), detectionEnds(4000, { again: true })))).toEqual([expect.objectContaining({ actor: 'ip[5151]', confidence: 'proved' })]);
  });

  test('on the same object belongs to the later address once that was queued', () => {
    const told = story(addsAddress6(ip, 2000), detectionEnds(3500), addsAddress6(other, 5000, { address: '2001:db8:1::2' }), detectionEnds(6500, { address: '2001:db8:1::2', routes: [{ ...LOCAL6, dst: '2001:db8:1::2/128' }] }));
    expect(seen(told).map(verdict => verdict.actor)).toEqual(['ip[5151]', 'ip[6000]']);
  });

  test('on the same object of another address is not named after the first one', () => {
    const told = story(addsAddress6(ip, 2000), detectionEnds(3500), addsAddress6(other, 5000, { address: '2001:db8:1::2', isQueued: false }), detectionEnds(6500, { address: '2001:db8:1::2', routes: [{ ...LOCAL6, dst: '2001:db8:1::2/128' }] }));
    expect(seen(told)[1]?.actor).not.toBe('ip[5151]');
  });

  test.each([['soon', 3500], ['long', 6000]])('queued before a loss is not trusted %s after it', (_case, ms) => {
    const [verdict] = seen(story(addsAddress6(ip, 2000), lost(2500, 2600), detectionEnds(ms)));
    expect([verdict?.confidence === 'proved', verdict?.actor === 'ip[5151]']).toEqual([false, false]);
  });

  test('of a carrier is done once it ran: a later event of the device is nobody\'s', () => {
    const object = 0xffff_8880_0000_2000n;
    const raised = { ...probe(ip, 2000, 'defer', 'netif_carrier_on', { object, ifindex: 4, netns: NETNS.inode, cookie: 1n }) };
    const runs = (ms: number, spec: RouteSpec): Story => story(call(kworker, ms, 'linkwatch_do_dev', { object, ifindex: 4 }),
      announce(kworker, ms + 0.1, routeBytes(spec), [...ANNOUNCE6, 'fib6_add', 'addrconf_prefix_route', 'addrconf_notify', 'netdev_state_change', 'linkwatch_do_dev', ...WORKER]), leave(kworker, ms + 0.2, 'linkwatch_do_dev'));
    const [first, second] = attributions(weave(story(known(ip, ['ip']), raised, runs(2500, PREFIX6), runs(9000, { ...PREFIX6, dst: '2001:db8:2::/64' }))));
    const actOf = (one: typeof first): unknown => one?.verdict.kind === 'caused' ? one.verdict.facts.act.id : one?.verdict.kind;
    expect(actOf(first)).not.toBe(actOf(second));
  });

  test('of two addresses at once each names its own program', () => {
    const told = story(addsAddress6(ip, 2000), addsAddress6(other, 2001, { object: 99n, address: '2001:db8:1::2' }),
      detectionEnds(3500, { object: 99n, address: '2001:db8:1::2', routes: [{ ...LOCAL6, dst: '2001:db8:1::2/128' }] }), detectionEnds(3600));
    expect(seen(told).map(({ dst, actor }) => [dst, actor])).toEqual([['2001:db8:1::2/128', 'ip[6000]'], ['2001:db8:1::1/128', 'ip[5151]']]);
  });
});

describe('equal bytes', () => {
  const flip = (ms: number, who: typeof ip): Story => socketAnycast(who, ms, 'join');
  const second = task(778, 'anycastd2', { startMs: 310 });
  /** Sent outside of the lock of the table, as multipath messages are. */
  const unlocked = (ms: number, who: typeof ip): Story => story(known(who, ['anycastd']), call(who, ms, 'ipv6_sock_ac_join', {}),
    announce(who, ms + 0.02, routeBytes(ANYCAST), [...ANNOUNCE6, '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', 'do_ipv6_setsockopt', ...SYSCALL]), leave(who, ms + 0.1, 'ipv6_sock_ac_join'));

  test('of two acts that sent them from within the lock of the table pair in order', () => {
    const told = seen(story(flip(2000, anycastd), flip(2000.4, second)), { delays: [50, 50] });
    expect(told.map(({ confidence, actor }) => [confidence, actor])).toEqual([['proved', 'anycastd[777]'], ['proved', 'anycastd[778]']]);
  });

  test.each([['both', unlocked(2000, anycastd)], ['one', flip(2000, anycastd)]])('of two acts that wait at the same time are proof for neither, if %s sent them outside of it', (_which, first) => {
    const told = seen(story(first, unlocked(2000.4, second)), { delays: [50, 50] });
    expect(told.map(verdict => verdict.confidence)).toEqual(['likely', 'likely']);
    for (const verdict of told) expect(verdict.rivals?.length).toBe(1);
  });

  test('of two acts far apart are proof for each', () => {
    expect(seen(story(flip(2000, anycastd), socketAnycast(anycastd, 2500, 'leave'), flip(3000, second))).map(({ confidence, actor }) => [confidence, actor]))
      .toEqual([['proved', 'anycastd[777]'], ['proved', 'anycastd[777]'], ['proved', 'anycastd[778]']]);
  });

  test('of one act twice are proof', () => {
    const told = story(asks(ip, 2000, ip.pid, addressBytes(20, '192.0.2.1/24', 4)), ...[2000.1, 2000.2].map(ms => announce(ip, ms, routeBytes({ ...PREFIX4, flags: ms > 2000.1 ? 0x100 : 0x100 }), [...ANNOUNCE4, 'fib_table_insert', 'fib_magic', 'fib_add_ifaddr', 'fib_inetaddr_event', '__inet_insert_ifa', 'inet_rtm_newaddr', ...RTNETLINK])), leave(ip, 2001, 'rtnetlink_rcv_msg'));
    expect(seen(told, { delays: [40, 40] }).map(verdict => verdict.confidence)).toEqual(['proved', 'proved']);
  });

  test.each<[string, (ms: number) => Story]>([
    ['in another namespace', ms => announce(decoy, ms, routeBytes(ANYCAST), [...ANNOUNCE6, 'fib6_add', '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', ...SYSCALL], OTHER_NETNS)],
    ['of another device', ms => announce(decoy, ms, routeBytes({ ...ANYCAST, dev: 5 }), [...ANNOUNCE6, 'fib6_add', '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', ...SYSCALL])],
    ['of another table', ms => announce(decoy, ms, routeBytes({ ...ANYCAST, table: 1002 }), [...ANNOUNCE6, 'fib6_add', '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', ...SYSCALL])],
  ])('but for one thing are never taken for the same: %s', (_case, told) => {
    const all = attributions(weave(story(told(1999.99), writesForwarding(sysctl, 2000, 1), told(2000.03)), { delays: [30] }))
      .filter(({ change }) => change.netns.cookie === 1n && change.route.table === 1001 && change.route.nexthops[0]?.ifindex === 4).map(verdictOf);
    expect(all).toEqual([expect.objectContaining({ actor: 'sysctl[4242]', confidence: 'proved' })]);
  });

  test('that no tap saw are unknown', () => {
    expect(seen(story(writesForwarding(sysctl, 2000, 1, []), { sent: [{ ms: 2000.1, bytes: routeBytes(ANYCAST) }] }))).toEqual([expect.objectContaining({ cause: 'unknown: no-match' })]);
  });

  test('whose stack could not be read prove nothing', () => {
    const told = story(call(anycastd, 2000, 'ipv6_sock_ac_join'), announce(anycastd, 2000.1, routeBytes(ANYCAST), []), leave(anycastd, 2000.2, 'ipv6_sock_ac_join'));
    expect(seen(told)[0]?.confidence).not.toBe('proved');
  });

  test('received before they were sent are no pair', () => {
    const told = announce(anycastd, 2000, routeBytes(ANYCAST), [...ANNOUNCE6, '__ipv6_dev_ac_inc', 'ipv6_sock_ac_join', ...SYSCALL]);
    expect(seen(told, { delays: [-5] })).toEqual([expect.objectContaining({ cause: 'unknown: no-match' })]);
  });
});

describe('requests for routes', () => {
  const zebra = task(900, 'zebra', { startMs: 100 });
  const many = (n: number): RouteSpec => ({ dst: `10.${n}.0.0/16`, dev: 4, via: '192.0.2.9', protocol: 186 });
  test('like the last one of their port id are known by that one, and proved', () => {
    const told = story(...Array.from({ length: 5 }, (_, i) => asksForRoute(zebra, 2000 + i / 10, many(i), { portid: 55, seq: 100 + i, isTold: i === 0 })));
    expect(seen(told).map(({ actor, confidence, cause }) => [actor, confidence, cause])).toEqual(Array.from({ length: 5 }, () => ['ip[900]', 'proved', 'route-request']));
  });

  test('of a port id that another process had lately prove nothing unless their number was told', () => {
    const young = task(901, 'bird', { startMs: 1990 });
    const told = story(asksForRoute(zebra, 2000, many(1), { portid: 55, seq: 9 }), asksForRoute(young, 2500, many(2), { portid: 55, seq: 1 }), asksForRoute(young, 2500.1, many(3), { portid: 55, seq: 2, isTold: false }));
    const [, second, third] = seen(told);
    expect([second?.confidence, second?.actor]).toEqual(['proved', 'ip[901]']);
    expect([third?.confidence, third?.rivals?.length]).toEqual(['likely', 1]);
  });

  test('that all have one number are not answered with the wrong kind', () => {
    const told = story(asksForRoute(ip, 2000, STATIC4, { seq: 0 }), asksForRoute(ip, 2000.3, { ...STATIC4, deleted: true }, { seq: 0 }));
    const types = attributions(weave(told, { delays: [20, 20] })).map(({ change, verdict }) => [change.change, verdict.kind === 'caused' && verdict.trigger.kind === 'netlink-request' ? verdict.trigger.request : '?']);
    expect(types).toEqual([['add', 'add'], ['delete', 'delete']]);
  });

  test('by an unknown port id are unknown', () => {
    expect(seen({ records: [asksRoute(ip, 1999, { portid: 4, seq: 1 })], sent: [{ ms: 2000, bytes: routeBytes({ ...STATIC4, portid: 77, seq: 1 }) }] })).toEqual([expect.objectContaining({ cause: 'unknown: no-match' })]);
  });

  test('by a port id of another namespace are not known by it', () => {
    const told: Story = { records: [asksRoute(decoy, 1999, { portid: 77, seq: 1 }, OTHER_NETNS)], sent: [{ ms: 2000, bytes: routeBytes({ ...STATIC4, portid: 77, seq: 1 }) }] };
    expect(seen(told)).toEqual([expect.objectContaining({ cause: 'unknown: no-match' })]);
  });

  test('that a later process of the same port id makes are not the earlier one\'s, whatever their numbers', () => {
    const young = task(900, 'bird', { startMs: 9000 });
    const told = story(asksForRoute(zebra, 2000, many(1), { portid: 900, seq: 50 }), asksForRoute(young, 9500, many(2), { portid: 900, seq: 1 }));
    const starts = attributions(weave(told)).map(({ verdict }) => verdict.kind === 'caused' ? verdict.facts.act.time : 0n);
    expect(starts).toEqual([2_000_000_000n, 9_500_000_000n]);
  });
});

describe('losses', () => {
  test('of the tracer make what they overlap unknown for that reason', () => {
    const told = story(lost(1900, 2100), { sent: [{ ms: 2000, bytes: routeBytes(ANYCAST) }] });
    expect(seen(told)).toEqual([expect.objectContaining({ cause: 'unknown: events-lost' })]);
  });

  test('of the tracer leave no pair within them proved: another tap of the same bytes may be the one that was lost', () => {
    const told = story(socketAnycast(anycastd, 2000, 'join'), { sent: [{ ms: 1999, bytes: routeBytes(ANYCAST) }] }, lost(1900, 2100));
    for (const verdict of seen(told, { delays: [30, 30] })) expect(verdict.confidence).not.toBe('proved');
  });

  test('of the socket leave no tap behind that a later message could pair with', () => {
    const unheard = { ...socketAnycast(anycastd, 2000, 'join'), sent: [] };
    const told = story(unheard, lost(1990, 2050, { source: 'rtnetlink', what: 'rtnetlink messages' }), socketAnycast(decoy, 7000, 'join'));
    expect(seen(told)).toEqual([expect.objectContaining({ actor: 'anycastd[666]', confidence: 'proved' })]);
  });

  test('are forgotten after a while', () => {
    expect(seen(story(lost(1900, 2100), writesForwarding(sysctl, 9000, 1)))).toEqual([expect.objectContaining({ confidence: 'proved', actor: 'sysctl[4242]' })]);
  });

  test('for good, when the tracer has ended, leave changes blind', () => {
    const told = story(writesForwarding(sysctl, 2000, 1), lost(2500, 2600, { what: 'tracer ended' }), { sent: [{ ms: 9000, bytes: routeBytes(STATIC4) }] });
    expect(seen(told).at(-1)).toMatchObject({ cause: 'unknown: blind' });
  });

  test('for good, leave changes blind although records of before are still on their way', () => {
    const told = story(writesOther(sysctl, 2550), lost(2500, 2600, { what: 'tracer ended' }), { sent: [{ ms: 9000, bytes: routeBytes(STATIC4) }] });
    expect(seen(told).at(-1)).toMatchObject({ cause: 'unknown: blind' });
  });

  test('of messages do not make what the next dump shows silent', () => {
    const list = [...weave(story(lost(1990, 2000, { source: 'rtnetlink', what: 'rtnetlink messages' })), { endMs: 3000 }),
      dumpMark(3100, 'begin', { reason: 'resync' }), netlink(3101, routeBytes(STATIC4), { dump: true }), dumpMark(3102, 'end', { reason: 'resync' })];
    expect(verdicts(list)).toEqual([expect.objectContaining({ change: 'add', cause: 'unknown: events-lost' })]);
    expect(verdicts(list)[0]).not.toHaveProperty('silent');
  });
});

describe('whatever comes', () => {
  test('a change of a FIB has exactly one attribution, and nothing is thrown', () => {
    const routes = fc.constantFrom<RouteSpec>(ANYCAST, PREFIX4, { ...PREFIX4, deleted: true }, STATIC4, { ...STATIC4, portid: 9, seq: 1 }, { ...STATIC4, flags: 0x100 });
    const message = fc.tuple(fc.nat(5000), routes).map(([ms, spec]) => netlink(2000 + ms, routeBytes(spec)));
    fc.assert(fc.property(fc.array(fc.oneof({ weight: 2, arbitrary: anyObservation.filter(one => one.kind !== 'dump' && one.kind !== 'netlink') }, { weight: 3, arbitrary: message }), { maxLength: 60 }), (list) => {
      const attributor = createAttributor();
      attributor.push(ready(1));
      for (const one of list) {
        const told = attributor.push(one);
        if (one.kind === 'netlink') expect(told.filter(({ change }) => !('silent' in change && change.silent)).length).toBe(1);
        if (one.kind !== 'netlink') expect(told.every(({ change }) => 'silent' in change && change.silent)).toBe(true);
      }
      attributor.flush();
    }), { numRuns: 300 });
  });

  test('nothing is thrown on any list of observations', () => {
    fc.assert(fc.property(fc.array(anyObservation, { maxLength: 80 }), (list) => { attributions(list); }), { numRuns: 300 });
  });
});

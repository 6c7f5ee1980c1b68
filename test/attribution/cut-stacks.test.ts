import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import { baseName } from '../../src/causes/cause.ts';
import { bootTime } from '../../src/model/time.ts';
import { task } from '../model/build.ts';
import { ANYCAST, ip } from './acts.ts';
import { announce, ANNOUNCE6, asks, call, excepted, flushed, kworker, leave, passes, RTNETLINK, SOFTIRQ_ON_TASK, story, weave, type Story } from './build.ts';
import { addressBytes, addressOf, linkBytes, routeBytes, type RouteSpec } from './encode.ts';
import { LINE_UPS } from './line-ups.ts';
import { attributions, verdictOf, type Verdict } from './verdicts.ts';

const probes = join(import.meta.dirname, '../../probes');
/** Functions that have a return probe. */
const RETURNS: ReadonlySet<string> = new Set(readdirSync(probes).filter(name => name.endsWith('.bt'))
  .flatMap(name => [...readFileSync(join(probes, name), 'utf8').matchAll(/^kretprobe:(\w+)/gmu)].map(([, fn = '']) => fn)));

/** As a kernel before 5.16 shows it. */
function cut(frames: readonly string[]): readonly string[] {
  const at = frames.findIndex(frame => RETURNS.has(baseName(frame)));
  return at < 0 ? frames : [...frames.slice(0, at + 1), 'kretprobe_trampoline'];
}
const cutAll = ({ records, sent }: Story): Story => ({ sent, records: records.map(one => one.kind === 'stack' ? { ...one, frames: cut(one.frames) } : one) });
let ids = 1n << 40n;
/** The same, where each function at which a stack is cut tells of its entry, on a stack that is cut at the next one. */
const cutAtEntries = ({ records, sent }: Story): Story => ({ sent, records: records.flatMap((one, at) => {
  const next = records[at + 1];
  if (one.kind !== 'stack' || next?.kind !== 'probe') return [one];
  const all = one.frames.flatMap((frame, i) => i > 0 && RETURNS.has(baseName(frame)) ? [one.frames.slice(i)] : []);
  return [...all.flatMap(([fn = '', ...callers]): Observation[] => {
    ids += 1n;
    const time = bootTime(next.time - 1000n);
    return [{ ...one, time, id: ids, frames: [fn, ...cut(callers)] }, { ...next, time, type: 'via', fn: baseName(fn), fields: { stack: ids } }];
  }), { ...one, frames: cut(one.frames) }];
}) });

const told = (dst: string, one: Story): readonly Verdict[] => attributions(weave(one)).filter(({ change }) => change.route.dst === dst && change.route.nexthops[0]?.ifindex === 4).map(verdictOf);

test('functions with a return probe are known', () => {
  expect([...RETURNS]).toEqual(expect.arrayContaining(['ip6_route_add', 'fib_table_flush', 'rtnetlink_rcv_msg']));
});

describe.each(LINE_UPS)('%s', (_look, route, suspects) => {
  test.each(suspects.map(one => [one.what, one] as const))('by %s: who is named did it, and that is proved only where nothing is cut off that counts', (_what, one) => {
    const act = one.act(2000, routeBytes(route));
    const [whole, short] = [told(route.dst, act), told(route.dst, cutAll(act))];
    expect(short).toHaveLength(whole.length);
    for (const [at, { cause, actor, confidence }] of short.entries()) {
      if (cause.startsWith('unknown')) continue;
      expect({ cause, actor: actor === 'unknown' ? whole[at]?.actor : actor }).toEqual({ cause: whole[at]?.cause, actor: whole[at]?.actor });
      expect(actor === 'unknown' ? ['likely'] : ['proved', 'likely']).toContain(confidence);
    }
  });

  test.each(suspects.map(one => [one.what, one] as const))('by %s: where functions tell of their entry nothing is missing', (_what, one) => {
    const act = one.act(2000, routeBytes(route));
    const [whole, mended] = [act, cutAtEntries(act)].map(way => told(route.dst, way));
    expect(mended).toEqual(whole);
  });
});

describe('a stack that a return probe cut short', () => {
  const victim = task(1990, 'victim', { startMs: 200 });
  const SHORT = [...ANNOUNCE6, 'fib6_add', 'ip6_route_add', 'kretprobe_trampoline'];
  const DEFAULT: RouteSpec = { dst: '::/0', via: 'fe80::1', dev: 4, protocol: 9, metric: 1024 };
  const add = (who = victim, ms = 2000.1): Story => announce(who, ms, routeBytes(DEFAULT), SHORT);
  const hears = (who = victim) => [call(who, 2000, 'ndisc_rcv', { ifindex: 4, icmptype: 134, lifetime: 600, src: addressOf('fe80::1') })];
  const asked = (who = victim, ms = 1999) => asks(who, ms, who.pid, linkBytes(16, 4, { name: 'eth0', up: true, change: 1 }));
  const unknown = [{ cause: 'unknown: no-match' }];

  test.each([
    { what: 'an advertisement that the thread was in', one: story(hears(), add()), is: [{ cause: 'router-advertisement', actor: 'router', confidence: 'likely' }] },
    { what: 'an advertisement that interrupted a request', one: story(asked(), hears(), add()), is: [{ cause: 'router-advertisement', actor: 'router', confidence: 'likely' }] },
    { what: 'nothing that was entered', one: add(), is: unknown },
    { what: 'an advertisement on another thread', one: story(hears(ip), add()), is: unknown },
    { what: 'an advertisement that was over', one: story(hears(), leave(victim, 2000.06, 'ndisc_rcv'), add()), is: unknown },
    { what: 'a request on top of a packet, which cannot be', one: story(hears(), asked(victim, 2000.05), add()), is: unknown },
  ])('is taken for $what', ({ one, is }) => {
    expect(told('::/0', one)).toEqual(is.map(expected => expect.objectContaining(expected) as unknown));
  });

  const gone = { dst: '203.0.113.0/24', dev: 4, via: '192.0.2.9' };
  const GONE: RouteSpec = { dst: gone.dst, dev: 4, via: gone.via };
  const silent = (one: Story): unknown[] => attributions(weave(one, { before: [routeBytes(GONE)] })).map(verdictOf);
  const FLUSHED = ['fib_notify_alias_delete', 'fib_table_flush', 'kretprobe_trampoline'];
  test.each([
    { what: 'a namespace that ends by a way that is not known', one: story(call(kworker, 2000, 'cleanup_net'), flushed(kworker, 2000.1, gone, FLUSHED), leave(kworker, 2001, 'cleanup_net')), is: { cause: 'unknown: no-match' } },
    { what: 'a request of which the way is not known', one: story(asks(ip, 2000, ip.pid, addressBytes(21, '192.0.2.1/24', 4)), flushed(ip, 2000.1, gone, FLUSHED), leave(ip, 2001, 'rtnetlink_rcv_msg')), is: { cause: 'unknown: no-match' } },
    { what: 'a lifetime that ends, of which is not seen whose it was', one: story(call(kworker, 2000, 'check_lifetime'), flushed(kworker, 2000.1, gone, FLUSHED), leave(kworker, 2001, 'check_lifetime')), is: { cause: 'address-expired', confidence: 'likely', actor: 'unknown' } },
    { what: 'a worker at nothing that is known', one: story(flushed(kworker, 2000.1, gone, FLUSHED)), is: { cause: 'unknown: no-match' } },
  ])('of $what', ({ one, is }) => {
    expect(silent(one)).toEqual([expect.objectContaining(is)]);
  });

  test.each([
    { what: 'a namespace that ends', root: 'cleanup_net', is: { cause: 'netns-destroyed', confidence: 'likely' } },
    { what: 'nobody knows what', root: undefined, is: { cause: 'device-removed', confidence: 'likely', actor: 'unknown' } },
  ])('behind the removal of a device is taken for $what', ({ root, is }) => {
    const GOES = ['rtnl_notify', 'fib6_del', 'rt6_disable_ip', 'addrconf_ifdown', 'addrconf_notify', 'raw_notifier_call_chain', 'dev_close_many', 'unregister_netdevice_many', 'kretprobe_trampoline'];
    const one = story(root === undefined ? [] : call(kworker, 2000, root), call(kworker, 2000.01, 'unregister_netdevice_many'), announce(kworker, 2000.1, routeBytes({ ...ANYCAST, deleted: true }), GOES), leave(kworker, 2001, 'unregister_netdevice_many'));
    expect(told(ANYCAST.dst, one)).toEqual([expect.objectContaining(is)]);
  });

  test('goes on as the function was entered, unless that was in another call', () => {
    const via = (who: typeof victim, ms: number, callers: readonly string[]): readonly Observation[] => passes(who, ms, 'ip6_route_add', {}, ['ip6_route_add', ...callers]);
    const UP = ['addrconf_prefix_route', 'addrconf_notify', 'raw_notifier_call_chain', '__dev_notify_flags', 'dev_change_flags', 'do_setlink', 'rtnl_newlink', ...RTNETLINK];
    const byRa = ['addrconf_prefix_route', 'addrconf_prefix_rcv', 'ndisc_router_discovery', 'ndisc_rcv', ...SOFTIRQ_ON_TASK];
    const brief = (one: Story): unknown => told('::/0', one).map(({ cause, confidence, actor }) => [cause, confidence, actor]);
    expect(brief(story(asked(), via(victim, 2000, UP), add()))).toEqual([['link-up', 'proved', 'victim[1990]']]);
    // Entered again by a packet in between, which is done with.
    expect(brief(story(asked(), via(victim, 1999.5, UP), hears(), via(victim, 2000.02, byRa), leave(victim, 2000.03, 'ndisc_rcv'), add()))).toEqual([['unknown: no-match', undefined, undefined]]);
    // Entered by a request before.
    expect(brief(story(asked(), via(victim, 1999.5, UP), leave(victim, 1999.6, 'rtnetlink_rcv_msg'), asked(victim, 1999.9), add()))).toEqual([['unknown: no-match', undefined, undefined]]);
    // Entered while nothing is known to have been begun.
    expect(brief(story(via(victim, 2000, UP), add()))).toEqual([['unknown: no-match', undefined, undefined]]);
  });

  test('that goes on in a circle ends', () => {
    const circle = passes(victim, 2000, 'ip6_route_add', {}, ['ip6_route_add', 'kretprobe_trampoline']);
    expect(told('::/0', story(asked(), circle, add())).map(({ cause }) => cause)).toEqual(['unknown: no-match']);
  });

  test('of an exception is left as it is: both programs and packets make those', () => {
    const short = ['rt6_insert_exception', 'kretprobe_trampoline'];
    const one = story(asked(), excepted(victim, 2000, 'rt6_insert_exception', { dst: '2001:db8:9::1', mtu: 1400 }, short));
    expect(attributions(weave(one)).map(verdictOf)).not.toContainEqual(expect.objectContaining({ actor: expect.stringContaining('victim') as string }));
  });
  test('of the root itself lacks nothing', () => {
    const one = story(asks(ip, 2000, ip.pid, addressBytes(20, '2001:db8:1::1/64', 4)), announce(ip, 2000.1, routeBytes(ANYCAST), [...ANNOUNCE6, 'fib6_add', 'ip6_ins_rt', 'inet6_addr_add', 'inet6_rtm_newaddr', 'rtnetlink_rcv_msg', 'kretprobe_trampoline']), leave(ip, 2001, 'rtnetlink_rcv_msg'));
    expect(told(ANYCAST.dst, one)).toEqual([expect.objectContaining({ cause: 'ipv6-address-added', confidence: 'proved' })]);
  });
  test('by an interrupt is cut at the interrupt', () => {
    const one = story(asked(), announce(victim, 2000.1, routeBytes(DEFAULT), [...ANNOUNCE6, 'fib6_del', ...SOFTIRQ_ON_TASK.slice(0, 3), 'rtnetlink_rcv_msg', 'kretprobe_trampoline']));
    expect(told('::/0', one)).toEqual([expect.objectContaining({ cause: 'unknown: no-match' })]);
  });
});

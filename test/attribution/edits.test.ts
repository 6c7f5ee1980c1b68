import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../src/attribution/attribute.ts';
import type { Attribution, RouteChange } from '../../src/model/attribution.ts';
import type { ProbeFields } from '../../src/model/fields.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import { dumpMark, lost, netlink, probe, task } from '../model/build.ts';
import { ip } from './acts.ts';
import { alters, ANNOUNCE6, announce, asks, call, leave, passes, RTNETLINK, SOFTIRQ_ON_TASK, story, weave, type Story } from './build.ts';
import { addressBytes, addressOf, linkBytes, routeBytes, type RouteSpec } from './encode.ts';

function attributed(observations: readonly Observation[]): Attribution[] {
  const [timeline, attributor] = [createTimeline(), createAttributor()];
  return [...observations.flatMap(one => timeline.push(one)), ...timeline.flush()].flatMap(one => attributor.push(one)).concat(attributor.flush());
}

const [HOP_LIMIT, MTU] = [10, 2];
const [EXPIRES, UP] = [0x400000, 1];
const PREF = { medium: 0, high: 1 << 27, low: 3 << 27 };

type Told = readonly unknown[];
const shown = ({ replaced, route }: RouteChange): Told => replaced === undefined ? [] : [replaced, route].map(({ pref, metrics, expiresSec }) => [pref, metrics, expiresSec]);
/** Silent changes: what, whose, and how the route was and is. */
const told = (one: Story, before: readonly RouteSpec[] = [], more: readonly Uint8Array[] = []): Told[] => attributed(weave(one, { before: [...more, ...before.map(routeBytes)] }))
  .flatMap(({ change, verdict }) => !('silent' in change) ? [] : [[change.change, change.silent, change.route.dst, ...verdict.kind === 'caused' ? [verdict.causeId, verdict.confidence, verdict.facts.act.actor.address ?? verdict.facts.act.actor.pid, verdict.trigger.kind] : [verdict.kind], ...shown(change)]]);

const swapper = task(0, 'swapper/0');
const [near, far] = ['fe80::1', 'fe80::2'];
const DEFAULT: RouteSpec = { dst: '::/0', via: near, dev: 4, protocol: 9, metric: 1024, pref: 'medium', expiresSec: 600, metrics: { [HOP_LIMIT]: 64 } };
const PREFIX: RouteSpec = { dst: '2001:db8:1::/64', dev: 4, protocol: 2, metric: 256, pref: 'medium' };
const RA = ['ndisc_router_discovery', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK];

/** The route as the kernel's structure has it. */
function fieldsOf(route: RouteSpec): ProbeFields {
  const [prefix = '', length] = route.dst.split('/');
  return {
    family: 10, dst: addressOf(prefix), dstlen: Number(length), src: new Uint8Array(16), srclen: 0, table: route.table ?? 254, rtype: route.type ?? 1, protocol: route.protocol ?? 3, metric: route.metric ?? 1024,
    ifindex: route.dev ?? 0, gwfamily: route.via === undefined ? 0 : 10, gateway: route.via === undefined ? new Uint8Array(16) : addressOf(route.via),
  };
}
const sets = (ms: number, route: RouteSpec, rtax: number, rtaxvalue: number, frames: readonly string[] = RA, who = swapper): Observation[] => alters(who, ms, 'fib6_metric_set', { ...fieldsOf(route), rtax, rtaxvalue }, frames);
const lives = (ms: number, route: RouteSpec, rtflags: number, lifetime: number): Observation[] => alters(swapper, ms, 'ndisc_router_discovery', { ...fieldsOf(route), rtflags: UP | rtflags, lifetime }, RA);
const finds = (ms: number, route: RouteSpec, rtflags: number, lifetime: number | undefined, frames: readonly string[] = RA, who = swapper): Observation[] =>
  alters(who, ms, 'addrconf_get_prefix_route', { ...fieldsOf(route), rtflags: UP | rtflags, ...(lifetime === undefined ? {} : { lifetime }) }, frames);
/** An advertisement of `source`, and what is done because of it. */
const advertises = (ms: number, source: string, ...done: readonly (Story | Observation[])[]): Story => story(
  call(swapper, ms, 'ndisc_rcv', { ifindex: 4, icmptype: 134, lifetime: 600, src: addressOf(source) }), ...done, leave(swapper, ms + 1, 'ndisc_rcv'));
const byRouter = (route: RouteSpec, before: Told, after: Told, source = near): Told => ['replace', true, route.dst, 'router-advertisement', 'proved', source, 'router-advertisement', before, after];

describe('an advertisement', () => {
  const was: Told = ['medium', { hoplimit: 64 }, 600];
  test.each<[string, Observation[], Told]>([
    ['another hop limit', sets(2000.1, DEFAULT, HOP_LIMIT, 32), ['medium', { hoplimit: 32 }, 600]],
    ['an MTU', sets(2000.1, DEFAULT, MTU, 1400), ['medium', { hoplimit: 64, mtu: 1400 }, 600]],
    ['another preference, where the kernel does not say so', lives(2000.1, DEFAULT, EXPIRES | PREF.high, 900), ['high', { hoplimit: 64 }, 900]],
    ['no end', lives(2000.1, DEFAULT, 0, 0), ['medium', { hoplimit: 64 }, undefined]],
    ['several of them at once', [...lives(2000.1, DEFAULT, EXPIRES | PREF.low, 900), ...sets(2000.2, DEFAULT, HOP_LIMIT, 32), ...sets(2000.3, DEFAULT, MTU, 1400)], ['low', { hoplimit: 32, mtu: 1400 }, 900]],
  ])('gives its default route %s, silently', (_what, done, after) => {
    expect(told(advertises(2000, near, done), [DEFAULT])).toEqual([byRouter(DEFAULT, was, after)]);
  });
  test.each<[string, Observation[]]>([
    ['the same lifetime', lives(2000.1, DEFAULT, EXPIRES, 600)], ['a longer lifetime', lives(2000.1, DEFAULT, EXPIRES, 9000)], ['the same hop limit', sets(2000.1, DEFAULT, HOP_LIMIT, 64)],
    ['what it takes back at once', [...lives(2000.1, DEFAULT, EXPIRES | PREF.high, 600), ...lives(2000.2, DEFAULT, EXPIRES, 600)]],
    ['a hop limit of a route over another device', sets(2000.1, { ...DEFAULT, dev: 5 }, HOP_LIMIT, 32)], ['a hop limit of a route of another metric', sets(2000.1, { ...DEFAULT, metric: 512 }, HOP_LIMIT, 32)],
    ['a metric that has no number', sets(2000.1, DEFAULT, 16, 1)], ['nothing', []],
  ])('that tells %s changes nothing', (_what, done) => {
    expect(told(advertises(2000, near, done), [DEFAULT])).toEqual([]);
  });
  test('leaves the routes of another router alone', () => {
    const other = { ...DEFAULT, via: far };
    expect(told(advertises(2000, far, sets(2000.1, other, HOP_LIMIT, 32)), [DEFAULT, other])).toEqual([byRouter(other, was, ['medium', { hoplimit: 32 }, 600], far)]);
  });
  test('is told against what the one before it left, each with what it did', () => {
    const [first, second] = [advertises(2000, near, lives(2000.1, DEFAULT, EXPIRES, 900)), advertises(3000, near, lives(3000.1, DEFAULT, EXPIRES, 300), sets(3000.2, DEFAULT, MTU, 1400))];
    expect(told(story(first, second), [DEFAULT])).toEqual([byRouter(DEFAULT, ['medium', { hoplimit: 64 }, 900], ['medium', { hoplimit: 64, mtu: 1400 }, 300])]);
  });
  test('whose change the kernel announces is told once', () => {
    const high: RouteSpec = { ...DEFAULT, pref: 'high', flags: 0x100 };
    const one = advertises(2000, near, lives(2000.1, DEFAULT, EXPIRES | PREF.high, 600), announce(swapper, 2000.2, routeBytes(high), [...ANNOUNCE6, ...RA]), sets(2000.3, DEFAULT, HOP_LIMIT, 64));
    expect(told(one, [DEFAULT])).toEqual([['replace', false, '::/0', 'router-advertisement', 'proved', near, 'router-advertisement', was, ['high', { hoplimit: 64 }, 600]]]);
  });
  test('that a decoy of another task at the same time does not become the cause of', () => {
    const decoy = story(asks(ip, 2000.05, ip.pid, addressBytes(20, '2001:db8:9::1/64', 5)), leave(ip, 2000.4, 'rtnetlink_rcv_msg'));
    expect(told(story(advertises(2000, near, sets(2000.1, DEFAULT, HOP_LIMIT, 32)), decoy), [DEFAULT])).toEqual([byRouter(DEFAULT, was, ['medium', { hoplimit: 32 }, 600])]);
  });
  test('is not proved where the tracer lost something at the time', () => {
    expect(told(story(advertises(2000, near, sets(2000.1, DEFAULT, HOP_LIMIT, 32)), lost(1990, 1999)), [DEFAULT]).map(([, , , , confidence]) => confidence)).toEqual(['likely']);
  });
});

describe('a route that comes with an advertisement', () => {
  const bare: RouteSpec = { dst: '2001:db8:f::/48', via: near, dev: 4, protocol: 9, metric: 1024, pref: 'high' };
  const comes = (ms: number, ...done: readonly (Story | Observation[])[]): Story => advertises(ms, near, announce(swapper, ms + 0.1, routeBytes(bare), [...ANNOUNCE6, 'fib6_add', 'ip6_route_add', 'rt6_route_rcv', ...RA]), ...done);
  const later = [...lives(2000.2, bare, EXPIRES | PREF.high, 600), ...sets(2000.25, bare, HOP_LIMIT, 64)];

  test.each([['before its message is received', 2, { hoplimit: 64 }, 600], ['after it', 0.01, undefined, undefined]] as const)('has what the act sets behind its announcement, seen %s', (_when, delay, metrics, expires) => {
    const changes = attributed(weave(comes(2000, later), { delays: [delay] })).flatMap(({ change }) => 'silent' in change ? [[change.change, change.silent, change.route.metrics, change.route.expiresSec]] : []);
    expect(changes).toEqual([['add', false, metrics, expires]]);
  });
  test('may expire although nobody said so', () => {
    expect(told(story(comes(2000), advertises(4000, near, lives(4000.1, bare, EXPIRES | PREF.high, 600)))).filter(([, silent]) => silent)).toEqual([]);
  });
  test('but once it is known, that it ends no more is told', () => {
    const all = story(comes(2000, later), advertises(4000, near, lives(4000.1, bare, PREF.high, 0)), advertises(6000, near, lives(6000.1, bare, EXPIRES | PREF.low, 300)));
    const [known, endless, low]: Told[] = [['high', { hoplimit: 64 }, 600], ['high', { hoplimit: 64 }, undefined], ['low', { hoplimit: 64 }, 300]];
    expect(told(all).filter(([, silent]) => silent)).toEqual([byRouter(bare, known ?? [], endless ?? []), byRouter(bare, endless ?? [], low ?? [])]);
  });
});

describe('the route of a prefix', () => {
  const addresses = (more: object = {}): Uint8Array => addressBytes(20, '2001:db8:1::2/64', 4, { validSec: 600, ...more });
  const asked = (ms: number, type: 20 | 21, done: Observation[], text = '2001:db8:1::1/64'): Story => story(asks(ip, ms, ip.pid, addressBytes(type, text, 4)), done, leave(ip, ms + 1, 'rtnetlink_rcv_msg'));
  const DEL = ['cleanup_prefix_route', 'ipv6_del_addr', 'inet6_addr_del', 'inet6_rtm_deladdr', ...RTNETLINK];
  const CHANGE = ['modify_prefix_route', 'inet6_rtm_newaddr', ...RTNETLINK];
  const ADD = ['addrconf_prefix_route', 'inet6_addr_add', 'inet6_rtm_newaddr', ...RTNETLINK];
  const asksKernel = (ms: number, rtflags: number, more: ProbeFields = {}, who = ip): Observation[] => passes(who, ms, 'ip6_route_add', {
    family: 10, dst: addressOf('2001:db8:1::1'), dstlen: 64, src: new Uint8Array(16), srclen: 0, table: 254, metric: 256, ifindex: 4, gateway: new Uint8Array(16), nhid: 0, rtflags: UP | rtflags, lifetime: 300, ...more,
  }, ADD);
  const refused = (ms: number, who = ip): Observation => probe(who, ms, 'alter', 'ip6_route_add', { ret: -17 });
  const again = (ms: number, rtflags: number, more: ProbeFields = {}): Observation[] => [...asksKernel(ms, rtflags, more), refused(ms + 0.1)];
  const byAddress = (cause: string, before: unknown, after: unknown): Told => ['replace', true, PREFIX.dst, cause, 'proved', ip.pid, 'address-change', ['medium', undefined, before], ['medium', undefined, after]];
  const expiring = { ...PREFIX, expiresSec: 500 };

  test('gets an end with the last address that has none, when the others do', () => {
    expect(told(asked(2000, 21, finds(2000.1, PREFIX, EXPIRES, undefined, DEL, ip)), [PREFIX], [addresses()])).toEqual([byAddress('ipv6-address-removed', undefined, expect.closeTo(599, 0))]);
  });
  test('that had an end keeps it then', () => {
    expect(told(asked(2000, 21, finds(2000.1, PREFIX, EXPIRES, undefined, DEL, ip)), [expiring], [addresses()])).toEqual([]);
  });
  test.each<[string, RouteSpec, number, unknown, unknown]>([['an end', PREFIX, EXPIRES, undefined, 300], ['none any more', expiring, 0, 500, undefined]])('gets %s with the lifetime of its address', (_what, route, rtflags, before, after) => {
    expect(told(asked(2000, 20, finds(2000.1, PREFIX, rtflags, 300, CHANGE, ip)), [route])).toEqual([byAddress('ipv6-address-added', before, after)]);
  });
  test.each<[string, RouteSpec, number]>([['another end', expiring, EXPIRES], ['none, as before', PREFIX, 0]])('that gets %s is not told', (_what, route, rtflags) => {
    expect(told(asked(2000, 20, finds(2000.1, PREFIX, rtflags, 300, CHANGE, ip)), [route])).toEqual([]);
  });
  test('ends no more once an address that stays has it', () => {
    expect(told(asked(2000, 20, again(2000.1, 0)), [expiring])).toEqual([byAddress('ipv6-address-added', 500, undefined)]);
  });
  test.each<[string, RouteSpec, number, ProbeFields]>([
    ['an address that ends', expiring, EXPIRES, {}], ['one that stays, as the others', PREFIX, 0, {}], ['one that ends, beside one that stays', PREFIX, EXPIRES, {}],
    ['one of another metric', expiring, 0, { metric: 77 }], ['one on another device', expiring, 0, { ifindex: 5 }], ['one of another prefix', expiring, 0, { dst: addressOf('2001:db8:2::1') }],
  ])('is left as it is by %s', (_what, route, rtflags, more) => {
    expect(told(asked(2000, 20, again(2000.1, rtflags, more)), [route])).toEqual([]);
  });
  test.each<[string, Story]>([
    ['is not refused', asked(2000, 20, asksKernel(2000.1, 0))],
    ['is refused to another thread', asked(2000, 20, [...asksKernel(2000.1, 0), refused(2000.2, task(9, 'other'))])],
    ['is followed by another request of the thread that is refused', story(asked(2000, 20, asksKernel(2000.1, 0)), refused(2002))],
  ])('stays as it is where what the kernel asks for %s', (_what, one) => {
    expect(told(one, [expiring])).toEqual([]);
  });
  test('begins and ceases to end with what is advertised', () => {
    const all = story(advertises(2000, near, finds(2000.1, PREFIX, EXPIRES, 600)), advertises(3000, near, finds(3000.1, PREFIX, EXPIRES, 900)), advertises(4000, near, finds(4000.1, PREFIX, 0, undefined)));
    const [none, some, more]: Told[] = [['medium', undefined, undefined], ['medium', undefined, 600], ['medium', undefined, 900]];
    expect(told(all, [PREFIX])).toEqual([byRouter(PREFIX, none ?? [], some ?? []), byRouter(PREFIX, more ?? [], none ?? [])]);
  });
});

describe('a request for a route that is there', () => {
  const own: RouteSpec = { dst: '2001:db8:2::/48', via: 'fe80::9', dev: 4, metric: 1024, pref: 'medium', expiresSec: 500 };
  const asksAgain = (ms: number, route: RouteSpec, flags = 0x405): Story => {
    const bytes = routeBytes({ ...route, flags, seq: 7, portid: ip.pid });
    const msg = new Uint8Array(120);
    msg.set(bytes.subarray(0, 120));
    return story(alters(ip, ms, 'ip6_route_add', { start: 1_600_000_000n, comm: 'ip', msglen: bytes.length, msg }, ['netlink_ack', 'netlink_rcv_skb', 'rtnetlink_rcv', ...RTNETLINK.slice(2)]));
  };
  const { expiresSec: _, ...plain } = own;
  const byRequest: Told = ['replace', true, own.dst, 'route-request', 'proved', ip.pid, 'netlink-request', ['medium', undefined, 500], ['medium', undefined, undefined]];

  test('is refused, and takes away its end', () => {
    expect(told(asksAgain(2000, plain), [own])).toEqual([byRequest]);
  });
  test.each<[string, RouteSpec]>([
    ['without its metric', { ...plain, metric: 0 }], ['without its device', { dst: own.dst, via: 'fe80::9', metric: 1024 }], ['with bits behind its prefix', { ...plain, dst: '2001:db8:2::5/48' }],
  ])('may name it %s', (_what, request) => {
    expect(told(asksAgain(2000, request), [own])).toEqual([byRequest]);
  });
  test.each<[string, RouteSpec, RouteSpec]>([
    ['with another end', { ...plain, lasts: 60 }, own], ['of a route that has none', plain, plain], ['with an end, of a route that has none', { ...plain, lasts: 60 }, plain],
    ['for another gateway', { ...plain, via: 'fe80::8' }, own], ['for another table', { ...plain, table: 77 }, own], ['for several legs', { dst: own.dst, metric: 1024, legs: [{ dev: 4, via: 'fe80::9' }, { dev: 4, via: 'fe80::8' }] }, own],
    ['too long to be known whole', { ...plain, metrics: { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0, 6: 0 } }, own],
    ['for IPv4', { dst: '198.51.100.0/24', via: '192.0.2.2', dev: 4 }, own],
  ])('%s changes nothing to tell', (_what, request, route) => {
    expect(told(asksAgain(2000, request), [route])).toEqual([]);
  });
});

describe('the MTU of a route', () => {
  const narrow: RouteSpec = { dst: '2001:db8:3::/64', via: near, dev: 4, metric: 1024, pref: 'medium', metrics: { [MTU]: 1400 } };
  const FRAMES = ['rt6_mtu_change_route', 'fib6_clean_node', 'rt6_mtu_change', 'addrconf_notify', 'raw_notifier_call_chain', 'dev_set_mtu_ext', 'do_setlink', ...RTNETLINK];
  const shrinks = (route: RouteSpec, mtu: number): Story => story(asks(ip, 2000, ip.pid, linkBytes(16, 4, { name: 'eth0' })), sets(2000.1, route, MTU, mtu, FRAMES, ip), leave(ip, 2001, 'rtnetlink_rcv_msg'));

  test('follows its device', () => {
    expect(told(shrinks(narrow, 1300), [narrow])).toEqual([['replace', true, narrow.dst, 'link-mtu', 'proved', ip.pid, 'link-state', ['medium', { mtu: 1400 }, undefined], ['medium', { mtu: 1300 }, undefined]]]);
  });
  test.each<[string, RouteSpec]>([
    ['of several legs: which of them is shown is not known', { ...narrow, legs: [{ dev: 4, via: near }, { dev: 4, via: far }] }], ['on a nexthop object', { ...narrow, nhid: 5 }], ['that came later', { ...narrow, dst: '2001:db8:4::/64' }],
  ])('is not told of a route %s', (_what, { dev, via, ...route }) => {
    expect(told(shrinks(narrow, 1300), [route.legs === undefined ? { ...route, ...(dev === undefined ? {} : { dev }), ...(via === undefined ? {} : { via }) } : route])).toEqual([]);
  });
});

describe('a dump after a loss', () => {
  test('takes over what it shows, so that the next advertisement is told against that', () => {
    const dumped = (ms: number, route: RouteSpec): Observation[] => [dumpMark(ms, 'begin', { reason: 'resync' }), netlink(ms + 1, routeBytes(route), { dump: true }), dumpMark(ms + 2, 'end', { reason: 'resync' })];
    const low: RouteSpec = { ...DEFAULT, pref: 'low', metrics: { [HOP_LIMIT]: 32 } };
    const all = weave(story(lost(1500, 1501), advertises(9000, near, sets(9000.1, DEFAULT, HOP_LIMIT, 32), lives(9000.2, DEFAULT, EXPIRES | PREF.low, 600))), { before: [routeBytes(DEFAULT)] });
    const at = all.findIndex(one => one.kind === 'drained' && one.time > 3_000_000_000n);
    const quiet = (list: readonly Observation[]): number => attributed(list).filter(({ subject }) => subject === 'change').length;
    expect([quiet(all), quiet([...all.slice(0, at), ...dumped(3000, low), ...all.slice(at)])]).toEqual([1, 0]);
  });
});

import { describe, expect, test } from 'vitest';
import { createSignTracker } from '../../src/attribution/sign-tracker.ts';
import { findTraces } from '../../src/causes/cause.ts';
import { CAUSES } from '../../src/causes/index.ts';
import type { Trigger } from '../../src/model/output.ts';
import type { Route, RouteEffect } from '../../src/model/route.ts';
import type { AddressMessage, LinkMessage, NetconfMessage, NexthopMessage, NlHeader, PrefixMessage, RtMessage } from '../../src/model/rtnetlink.ts';
import { bootTime } from '../../src/model/time.ts';
import { NETNS } from '../model/build.ts';

interface Step { readonly ms?: number; readonly message: RtMessage; readonly change?: RouteEffect; readonly replaced?: Route; readonly isAsked?: true; readonly isLearnt?: true; readonly secondsLeft?: number }

const header: NlHeader = { length: 0, type: 0, flags: 0, seq: 0, portid: 0 };
const REQUEST: NlHeader = { ...header, portid: 77, seq: 5 };
const [LO, D, E] = [1, 4, 5];
const leg = (ifindex: number, gateway?: string): Route['nexthops'][number] => ({ ifindex, weight: 1, flags: 0, ...(gateway === undefined ? {} : { gateway }) });
const route = (dst: string, more: Partial<Route> = {}): Route => ({ family: dst.includes(':') ? 'ipv6' : 'ipv4', dst, tos: 0, type: 1, table: 254, protocol: 2, scope: 0, flags: 0, metric: dst.includes(':') ? 256 : 0, nexthops: [leg(D)], ...more });
const went = (of: Route, more: Partial<Step> = {}): Step => ({ message: { kind: 'route', deleted: true, header, route: of }, change: 'delete', ...more });
const came = (of: Route, change: RouteEffect = 'add', more: Partial<Step> & { readonly by?: NlHeader } = {}): Step => ({ message: { kind: 'route', deleted: false, header: more.by ?? header, route: of }, change, ...more });
const asked = (step: Step): Step => ({ ...step, isAsked: true });
const learnt = (...messages: readonly RtMessage[]): Step[] => messages.map(message => ({ message, isLearnt: true }));

const address = (text: string, more: Partial<AddressMessage> = {}): AddressMessage => ({
  kind: 'address', deleted: false, header, family: text.includes(':') ? 'ipv6' : 'ipv4', ifindex: D, address: text.split('/')[0] ?? '', prefixLength: Number(text.split('/')[1]), scope: 0, flags: 0x80, ...more });
const removed = (text: string, more: Partial<AddressMessage> = {}): Step => ({ message: address(text, { deleted: true, ...more }) });
const forwarding = (ifindex: number, value: number): NetconfMessage => ({ kind: 'netconf', deleted: false, header, family: 'ipv6', ifindex, forwarding: value });
const link = (ifindex: number, flags: number, more: Partial<LinkMessage> = {}): LinkMessage => ({ kind: 'link', deleted: false, header, ifindex, flags, change: 0, name: `d${ifindex}`, ...more });
const object = (id: number, gateway: string): NexthopMessage => ({ kind: 'nexthop', deleted: false, header: { ...REQUEST, flags: 0x100 }, id, gateway, ifindex: D, protocol: 4 });
const prefix = (text: string): PrefixMessage => ({ kind: 'prefix', header, ifindex: D, prefix: text, autoconf: true, validSec: 600 });
const textOf = (trigger: Trigger): string => [trigger.kind, ...Object.entries(trigger).flatMap(([name, value]) => name === 'kind' || name === 'ifindex' ? [] : [`${name}=${String(value)}`])].join(' ');

/** What fits the change that is asked about, by all messages before and behind it. */
function told(...steps: readonly Step[]): string[] {
  const tracker = createSignTracker();
  let now = 1000;
  const places = steps.map(({ ms = 1, message, change, replaced, isLearnt }) => {
    const time = bootTime(BigInt(Math.round((now += ms) * 1000)) * 1000n);
    if (isLearnt === true) { tracker.learn(message, time); return { at: -1, time }; }
    const what = change === undefined || message.kind !== 'route' ? undefined : { netns: NETNS, time, change, silent: false, route: message.route, ...(replaced === undefined ? {} : { replaced }) };
    return { at: tracker.observe(message, time, what), time, what, header: message.header };
  });
  const step = steps.findIndex(one => one.isAsked);
  const place = places[step];
  const { secondsLeft } = steps[step] ?? {};
  if (place?.what === undefined) throw new Error('no change is asked about');
  const { at, time, what, header: own } = place;
  return findTraces(CAUSES, {
    netns: NETNS, at, time, change: what, header: own, told: what.route, ...(secondsLeft === undefined ? {} : { secondsLeft }), book: tracker.book, sentAfter: moment => moment, names: { device: ifindex => ifindex === LO ? 'lo' : `d${ifindex}`, kind: () => undefined, vrf: () => undefined },
  }).map(({ cause, trace }) => `${cause.id}: ${textOf(trace.trigger)}`);
}

const NET4 = route('192.0.2.0/24', { scope: 253, prefsrc: '192.0.2.1' });
const NET6 = route('2001:db8:1::/64');
const ALL6 = route('ff00::/8', { table: 255, type: 5 });
const ANYCAST = route('2001:db8:1::/128', { table: 255, type: 4, metric: 0 });

describe('an address that is removed takes along', () => {
  test.each([
    ['the prefix that it is the source of', [removed('192.0.2.1/24'), asked(went(NET4))], ['ipv4-address-removed: address-change event=removed address=192.0.2.1/24 dev=d4']],
    ['no prefix that is another one\'s', [...learnt(address('192.0.2.1/24'), address('192.0.2.2/24')), removed('192.0.2.2/24'), asked(went(NET4))], []],
    ['no broadcast address that another one needs', [...learnt(address('192.0.2.1/24', { broadcast: '192.0.2.255' }), address('192.0.2.2/24', { broadcast: '192.0.2.255' })), removed('192.0.2.2/24', { broadcast: '192.0.2.255' }), asked(went(route('192.0.2.255/32', { type: 3, prefsrc: '192.0.2.1' })))], []],
    ['the broadcast address that none but it had', [...learnt(address('192.0.2.2/24', { broadcast: '192.0.2.7' })), removed('192.0.2.2/24', { broadcast: '192.0.2.7' }), asked(went(route('192.0.2.7/32', { type: 3, prefsrc: '192.0.2.1' })))], ['ipv4-address-removed: address-change event=removed address=192.0.2.2/24 dev=d4']],
    ['its prefix, of IPv6', [...learnt(address('2001:db8:1::1/64'), address('2001:db8:1::2/48')), removed('2001:db8:1::1/64'), asked(went(NET6))], ['ipv6-address-removed: address-change event=removed address=2001:db8:1::1/64 dev=d4']],
    ['no prefix that another one is in', [...learnt(address('2001:db8:1::1/64'), address('2001:db8:1::2/64')), removed('2001:db8:1::2/64'), asked(went(NET6))], []],
    ['no group that the host has not joined', [...learnt(address('2001:db8:1::1/64'), forwarding(D, 0)), removed('2001:db8:1::1/64'), asked(went(ANYCAST))], ['anycast-socket: unknown']],
    ['the group that a router has joined for it', [...learnt(address('2001:db8:1::1/64'), forwarding(D, 1)), removed('2001:db8:1::1/64'), asked(went(ANYCAST))], ['subnet-router-anycast: address-change event=removed address=2001:db8:1::1/64 dev=d4']],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('an address near the end of its lifetime', () => {
  const LOCAL = route('2001:db8:1::1/128', { table: 255, type: 2, metric: 0 });
  const lives = address('2001:db8:1::1/64', { validSec: 10, flags: 0 });
  const EXPIRED = 'address-expired: address-lifetime address=2001:db8:1::1 dev=d4';
  const REMOVED = 'ipv6-address-removed: address-change event=removed address=2001:db8:1::1/64 dev=d4';
  test.each([
    ['is over with its last second', 9_500, [EXPIRED]],
    ['may be over, or be removed, in the two before that', 8_000, [REMOVED, EXPIRED]],
    ['is removed before', 6_000, [REMOVED]],
  ] as const)('%s', (_what, ms, expected) => { expect(told({ message: lives }, { ...removed('2001:db8:1::1/64', { flags: 0, validSec: 1 }), ms }, asked(went(LOCAL)))).toEqual(expected); });

  const ENDED = 'address-generation: link-state dev=d4';
  test.each([
    ['a new token, of an advertised one', 3_000, { validSec: 0, protocol: 2 }, [ENDED]], ['a new token, where the kernel does not tell who made it', 3_000, { validSec: 0 }, [ENDED]],
    ['none, if it is a program\'s', 3_000, { validSec: 0, protocol: 7 }, [REMOVED]], ['none, if it had time left', 3_000, { validSec: 6 }, [REMOVED]],
    ['none, if its time was over', 9_500, { validSec: 0 }, [EXPIRED]],
  ] as const)('is ended before that by %s', (_what, ms, more, expected) => { expect(told({ message: lives }, { ...removed('2001:db8:1::1/64', { flags: 0, ...more }), ms }, asked(went(LOCAL)))).toEqual(expected); });
});

describe('a program\'s route with a lifetime, that goes by no request', () => {
  const of = (expiresSec?: number): Route => route('2001:db8:7::/48', { protocol: 3, metric: 1024, ...(expiresSec === undefined ? {} : { expiresSec }) });
  const OVER = ['route-expired: route-lifetime'];
  const TAKEN = ['route-ioctl: ioctl request=SIOCDELRT'];
  test.each([
    ['long after its end', -20, -20.1, OVER],
    ['right at its end, whose message tells no time', undefined, 0.02, OVER],
    ['right at its end, told a moment later', undefined, -0.3, OVER],
    ['before its end', 300, 300.2, TAKEN],
    ['in its last second, as its message says', 0.6, 0.7, TAKEN],
    ['in its last second, or at its end', undefined, 0.7, [...TAKEN, ...OVER]],
    ['when it had no lifetime', undefined, undefined, TAKEN],
    ['when it had lost its lifetime, long before that would have ended', undefined, 300, TAKEN],
    ['long after its end, by a message without a time', undefined, -20, OVER],
  ] as const)('%s', (_what, expiresSec, secondsLeft, expected) => {
    expect(told(asked(went(of(expiresSec), secondsLeft === undefined ? {} : { secondsLeft })))).toEqual(expected);
  });
});

describe('an advertised route that may have been renewed, of which no message tells', () => {
  const of = (expiresSec?: number): Route => route('::/0', { protocol: 9, metric: 1024, nexthops: [leg(D, 'fe80::1')], ...(expiresSec === undefined ? {} : { expiresSec }) });
  const OVER = 'route-expired: route-lifetime';
  test.each([
    ['went at the end that was told', undefined, -5, true, false],
    ['went long after it', undefined, -1000, false, true],
    ['went in its last second', undefined, 0.7, false, true],
    ['went long before', undefined, 900, false, true],
    ['says that it is over', -3, -1000, true, false],
    ['says that it is not', 900, -1000, false, true],
  ] as const)('%s', (_what, expiresSec, secondsLeft, isExpired, isWithdrawn) => {
    const found = told(asked(went(of(expiresSec), { secondsLeft })));
    expect([found.includes(OVER), found.some(one => one.startsWith('router-advertisement'))]).toEqual([isExpired, isWithdrawn]);
  });
});

describe('forwarding', () => {
  const off = learnt(forwarding(-1, 0), forwarding(-2, 0), forwarding(LO, 0), forwarding(D, 0), forwarding(E, 0));
  const on = learnt(forwarding(-1, 1), forwarding(-2, 1), forwarding(LO, 1), forwarding(D, 1), forwarding(E, 1));
  const written = (place: string, values: string): string[] => [`subnet-router-anycast: sysctl name=net.ipv6.conf.${place}.forwarding ${values}`];
  const joins = asked(came(ANYCAST));
  const leaves = asked(went(ANYCAST));
  test.each([
    ['of one device is switched on', [...off, joins, { message: forwarding(D, 1) }], written('d4', 'oldValue=0 value=1')],
    ['of one device is switched on by another number', [...off, joins, { message: forwarding(D, 2) }], written('d4', 'oldValue=0 value=2')],
    ['of one device is switched off where others stay on', [...on, leaves, { message: forwarding(D, 0) }], written('d4', 'value=0')],
    ['of all is switched on', [...off, { message: forwarding(-2, 1) }, joins, { message: forwarding(D, 1) }, { message: forwarding(-1, 1) }], written('all', 'oldValue=0 value=1')],
    ['of all or of one, where the others have it so already', [...on, ...learnt(forwarding(D, 0)), joins, { message: forwarding(D, 1) }], ['subnet-router-anycast: unknown']],
    ['of all or of one, where two get it in a row', [...on, ...learnt(forwarding(D, 0), forwarding(E, 0)), joins, { message: forwarding(D, 1) }, { message: forwarding(E, 1) }], ['subnet-router-anycast: unknown']],
    ['of one, where another one is still without', [...on, ...learnt(forwarding(D, 0), forwarding(E, 0)), joins, { message: forwarding(D, 1) }], written('d4', 'oldValue=0 value=1')],
    ['of all or of one is switched off, where the others are off', [...off, ...learnt(forwarding(D, 1)), leaves, { message: forwarding(D, 0) }], ['subnet-router-anycast: unknown']],
    ['of all or of one, where that of all is not known', [...learnt(forwarding(D, 0)), joins, { message: forwarding(D, 1) }], ['subnet-router-anycast: unknown']],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('IPv6 of a device', () => {
  const loses = asked(went(ALL6));
  const gets = asked(came(ALL6, 'append'));
  const own = address('2001:db8:1::1/64');
  const lo = address('::1/128', { ifindex: LO, protocol: 1 });
  const up = link(LO, 0x49);
  test.each([
    ['is switched off, and another one keeps it', [...learnt(own, lo), loses], ['disable-ipv6: sysctl name=net.ipv6.conf.d4.disable_ipv6 oldValue=0 value=1']],
    ['is switched off with that of all others', [...learnt(own, lo), loses, removed('::1/128', { ifindex: LO, protocol: 1 })], ['disable-ipv6: unknown']],
    ['is switched off, and no other one had it', [...learnt(own), loses], ['disable-ipv6: unknown']],
    ['is switched on, and lo stays without', [...learnt(up), gets], ['disable-ipv6: sysctl name=net.ipv6.conf.d4.disable_ipv6 oldValue=1 value=0']],
    ['is switched on, perhaps for all', [...learnt(up, lo), gets], ['disable-ipv6: unknown']],
    ['is switched on where lo cannot have it', [...learnt(link(LO, 8)), gets], ['disable-ipv6: unknown']],
    ['is switched on: its link-local prefix is part of that, where it is not the first such route, too', [...learnt(up, lo), came(ALL6, 'append'), asked(came(route('fe80::/64'), 'append'))], ['disable-ipv6: unknown']],
    ['is switched on for lo, which nobody set up', [...learnt(up), { message: lo }, asked(came(route('::1/128', { table: 255, type: 2, metric: 0, nexthops: [leg(LO)] })))], ['disable-ipv6: unknown']],
    ['gets an address of lo by hand', [...learnt(up), { message: address('::1/128', { ifindex: LO }) }, asked(came(route('::1/128', { table: 255, type: 2, metric: 0, nexthops: [leg(LO)] })))], ['ipv6-address-added: address-change event=added address=::1/128 dev=lo']],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('a carrier', () => {
  const [UP, LOWER_UP] = [0x1003, 0x11043];
  const starts = (carrier: boolean): Step => ({ message: link(D, carrier ? LOWER_UP : UP, { change: 1, header: REQUEST, carrier }) });
  const gains: Step = { message: link(D, LOWER_UP, { carrier: true }) };
  const prefixRoute = { ...asked(came(route('fe80::/64'))), ms: 900 };
  test.each([
    ['comes with a device that is set up, and is told of later', [...learnt(link(D, 0x1002)), { message: link(D, UP, { change: 1, header: REQUEST, carrier: true }) }, prefixRoute, gains], ['link-carrier: link-state dev=d4 state=up']],
    ['comes to a device that was set up without', [...learnt(link(D, 0x1002)), starts(false), prefixRoute, gains], ['link-carrier: link-state dev=d4 state=carrier gained']],
    ['comes with the far end, which was set up last', [...learnt(link(D, 0x1002, { lower: E }), link(E, 0x1002, { lower: D })), starts(false), { message: link(E, UP, { change: 1, header: REQUEST, carrier: true, lower: D }) }, prefixRoute, { ...gains, message: link(D, LOWER_UP, { carrier: true, lower: E }) }], ['link-carrier: link-state dev=d5 state=up']],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('a route on a nexthop object that is told with the number of the object\'s request', () => {
  const at = (gateway: string, more: Partial<Route> = {}): Route => route('198.51.100.0/24', { protocol: 4, nhid: 5, nexthops: [leg(D, gateway)], ...more });
  const replace = (now: Route, replaced: Route): Step => came(now, 'replace', { replaced, by: REQUEST });
  const changed: Step = { message: object(5, '192.0.2.3') };
  const known = learnt({ ...object(5, '192.0.2.2') });
  const REPLACED = ['nexthop-replaced: nexthop-change event=replaced id=5'];
  const ASKED = ['route-request: netlink-request request=replace flags='];
  test.each([
    ['went another way with it', [...known, changed, asked(replace(at('192.0.2.3'), at('192.0.2.2')))], REPLACED],
    ['was told with it, and is the same', [...known, { message: object(5, '192.0.2.2') }, asked(replace(at('192.0.2.2'), at('192.0.2.2')))], REPLACED],
    ['was told with it before', [...known, changed, replace(at('192.0.2.3'), at('192.0.2.2')), asked(replace(at('192.0.2.3'), at('192.0.2.3')))], ASKED],
    ['got other metrics', [...known, changed, asked(replace(at('192.0.2.3', { metrics: { mtu: 1400 } }), at('192.0.2.2')))], ASKED],
    ['was put on the object', [...known, changed, asked(replace(at('192.0.2.3'), route('198.51.100.0/24', { protocol: 4 })))], ASKED],
    ['is on another object, which was replaced with that number, too', [...known, ...learnt(object(6, '192.0.2.8')), changed, { message: object(6, '192.0.2.9') }, asked(replace(at('192.0.2.3'), at('192.0.2.2')))], REPLACED],
    ['has a member of its group replaced', [...known, changed, asked(replace(at('192.0.2.3', { nhid: 9, nexthops: [leg(D, '192.0.2.3'), leg(D, '192.0.2.4')] }), at('192.0.2.2', { nhid: 9 })))], REPLACED],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps).map(one => one.replace(/flags=.*/, 'flags='))).toEqual(expected); });
});

describe('an address that says it came by an advertisement', () => {
  const claimed = address('2001:db8:1::1/64', { protocol: 2, flags: 0 });
  test.each([
    ['did, if the prefix was told right behind', [asked(came(NET6)), { message: claimed }, { message: prefix('2001:db8:1::/64') }], ['router-advertisement: router-advertisement dev=d4']],
    ['was made by a program, if none was', [asked(came(NET6)), { message: claimed }], ['ipv6-address-added: address-change event=added address=2001:db8:1::1/64 dev=d4']],
    ['was made by a program, if another one was', [asked(came(NET6)), { message: claimed }, { message: prefix('2001:db8:2::/64') }], ['ipv6-address-added: address-change event=added address=2001:db8:1::1/64 dev=d4']],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('an IPv6 address that comes behind an advertisement', () => {
  const LOCAL = route('2001:db8:1::9/128', { table: 255, type: 2, metric: 0 });
  const given = address('2001:db8:1::9/64', { flags: 0, validSec: 600 });
  const REQUESTED = 'ipv6-address-added: address-change event=added address=2001:db8:1::9/64 dev=d4';
  const tells = learnt(address('::1/128', { ifindex: LO, protocol: 1 }));
  const comes = (made: AddressMessage, option: PrefixMessage, before: readonly Step[] = []): string[] => told(...before, { message: option }, { message: made, ms: 900 }, asked(came(LOCAL))).map(text => text.replace(/^router-advertisement.*/, 'router'));
  test.each([
    ['of a kernel that tells who makes addresses, and says that it did', { ...given, protocol: 2 }, prefix('2001:db8:1::/64'), tells, ['router']],
    ['of such a one, and it says nothing', given, prefix('2001:db8:1::/64'), tells, [REQUESTED]],
    ['of such a one, made by a program that gives its own name', { ...given, protocol: 77 }, prefix('2001:db8:1::/64'), tells, [REQUESTED]],
    ['of an older one, with the lifetime that was advertised', given, prefix('2001:db8:1::/64'), [], ['router']],
    ['of an older one, with less, as time has passed', { ...given, validSec: 597 }, prefix('2001:db8:1::/64'), [], ['router']],
    ['of an older one, with another lifetime', { ...given, validSec: 300 }, prefix('2001:db8:1::/64'), [], [REQUESTED]],
    ['of an older one, of a prefix that no host may make addresses of', given, { ...prefix('2001:db8:1::/64'), autoconf: false }, [], [REQUESTED]],
    ['of an older one, of another prefix', given, prefix('2001:db8:2::/64'), [], [REQUESTED]],
    ['for good', { ...given, flags: 0x80 }, prefix('2001:db8:1::/64'), [], [REQUESTED]],
  ] as const)('%s', (_what, made, option, before, expected) => { expect(comes(made, option, before)).toEqual(expected); });
});

describe('a temporary address', () => {
  const LOCAL = route('2001:db8:1::aaaa/128', { table: 255, type: 2, metric: 0 });
  const temporary = { message: address('2001:db8:1::aaaa/64', { flags: 1, validSec: 600 }) };
  const manager = (more: Partial<AddressMessage> = {}): Step => ({ message: address('2001:db8:1::7/64', { flags: 0x100, validSec: 600, ...more }) });
  const MANAGED = ['ipv6-address-added: address-change event=added address=2001:db8:1::7/64 dev=d4'];
  const KERNELS = ['temporary-address: address-lifetime'];
  test.each([
    ['comes with the address that it is made for', [manager(), temporary, asked(came(LOCAL))], MANAGED],
    ['before it', [temporary, asked(came(LOCAL)), { ...manager(), ms: 800 }], MANAGED],
    ['long after it', [manager(), { ...temporary, ms: 300_000 }, asked(came(LOCAL))], KERNELS],
    ['with one that it is not made for', [manager({ flags: 0 }), temporary, asked(came(LOCAL))], KERNELS],
    ['with one of another prefix', [manager({ address: '2001:db8:2::7' }), temporary, asked(came(LOCAL))], KERNELS],
  ] as const)('%s', (_what, steps, expected) => { expect(told(...steps)).toEqual(expected); });
});

describe('the multicast route of a device', () => {
  const ADDED = 'ipv6-address-added: address-change event=added address=2001:db8:1::1/64 dev=d4';
  const first = [asked(came(ALL6)), came(NET6), { message: address('2001:db8:1::1/64') }];
  test('comes with the first address of a device without a carrier', () => { expect(told(...first)).toEqual([ADDED]); });
  test('and not with one that comes much later, or behind link-local', () => {
    for (const steps of [[first[0], { ...first[1], ms: 900 }, first[2]], [first[0], came(route('fe80::/64')), ...first.slice(1)]]) {
      expect(told(...steps as Step[]).some(text => text.startsWith('disable-ipv6'))).toBe(true);
    }
  });
});

describe('nexthop objects that go one after the other', () => {
  const group: NexthopMessage = { kind: 'nexthop', deleted: false, header: REQUEST, id: 11, protocol: 4, group: [{ id: 1, weight: 1 }, { id: 2, weight: 1 }] };
  const gone = (of: NexthopMessage, seq: number): Step => ({ message: { ...of, deleted: true, header: { ...REQUEST, seq } } });
  const [one, two] = [object(1, '192.0.2.9'), object(2, '192.0.2.8')];
  const on = (nhid: number): Step => asked(went(route('198.51.100.0/24', { protocol: 3, nhid, nexthops: [leg(D, '192.0.2.9')] })));
  test.each([
    ['the group first: a route on its member goes with that', [gone(group, 5), gone(one, 6), on(1)], 1],
    ['the member first: a route on it goes with it', [gone(one, 5), gone(group, 6), on(1)], 1],
    ['the group alone: a route on it goes with it', [gone(group, 5), on(11)], 11],
    ['one member after the other: a route on their group goes with the last one', [{ message: group }, gone(one, 6), gone(two, 7), gone(group, 7), on(11)], 2],
    ['the last member: a route on its group goes with that', [{ message: group }, gone(two, 6), gone(group, 6), on(11)], 2],
  ] as const)('%s', (_what, steps, id) => { expect(told(...steps)).toEqual([`nexthop-removed: nexthop-change event=removed id=${id}`]); });
});

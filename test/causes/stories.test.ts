import { describe, expect, test } from 'vitest';
import { createSignTracker } from '../../src/attribution/sign-tracker.ts';
import { findTraces } from '../../src/causes/cause.ts';
import { CAUSES } from '../../src/causes/index.ts';
import type { RouteChange } from '../../src/model/attribution.ts';
import type { Trigger } from '../../src/model/output.ts';
import type { Nexthop, Route } from '../../src/model/route.ts';
import type { AddressMessage, LinkMessage, NetconfMessage, NexthopMessage, NlHeader, RtMessage } from '../../src/model/rtnetlink.ts';
import { bootTime } from '../../src/model/time.ts';
import { NETNS } from '../model/build.ts';

type Change = Pick<RouteChange, 'change' | 'route' | 'legs' | 'replaced'>;
/** A message, and what came of it; `isLearnt`: a look told it. A change without a message is what a look showed in the end. */
interface Step { readonly ms?: number; readonly message?: RtMessage; readonly change?: Change; readonly isAsked?: true; readonly isLearnt?: true; readonly isOfFlags?: true; readonly isSeen?: true }

const header: NlHeader = { length: 0, type: 0, flags: 0, seq: 0, portid: 0 };
const REQUEST: NlHeader = { ...header, portid: 77, seq: 5 };
const [D, E, F, VRF] = [4, 5, 6, 9];
const DEAD = 0x11;
const [UP, NO_CARRIER, DOWN] = [0x11043, 0x1003, 0x1002];

const leg = (ifindex: number, gateway = `via-${ifindex}`, flags = 0): Nexthop => ({ ifindex, gateway, weight: 1, flags });
const route = (dst: string, more: Partial<Route> = {}): Route => ({ family: dst.includes(':') ? 'ipv6' : 'ipv4', dst, tos: 0, type: 1, table: 254, protocol: 3, scope: 0, flags: 0, metric: 0, nexthops: [leg(D)], ...more });

const link = (ifindex: number, flags: number, more: Partial<LinkMessage> = {}): LinkMessage => ({ kind: 'link', deleted: false, header, ifindex, flags, change: 0, name: `d${ifindex}`, mtu: 1500, ...more });
const known = (...messages: readonly RtMessage[]): Step[] => messages.map(message => ({ message, isLearnt: true }));
const set = (ifindex: number, flags: number, more: Partial<Step> = {}): Step => ({ message: link(ifindex, flags, { change: 1 }), ...more });
const down = (ifindex: number, more: Partial<Step> = {}): Step => set(ifindex, DOWN, more);
/** As dev_close_many() tells it. */
const closed = (ifindex: number): Step => ({ message: link(ifindex, DOWN, { change: 0x41 }) });
const ended = (ifindex: number, more: Partial<LinkMessage> = {}): Step => ({ message: link(ifindex, DOWN, { deleted: true, ...more }) });
const mtu = (ifindex: number, size: number): Step => ({ message: link(ifindex, UP, { mtu: size }) });
const settingsGo = (ifindex: number, family: NetconfMessage['family']): Step => ({ message: { kind: 'netconf', deleted: true, header, family, ifindex } });

const address = (text: string, ifindex = D, more: Partial<AddressMessage> = {}): AddressMessage => ({
  kind: 'address', deleted: false, header: REQUEST, family: 'ipv4', ifindex, address: text.split('/')[0] ?? '', prefixLength: 24, scope: 0, flags: 0x80, ...more });
const given = (text: string, ifindex = D): Step => ({ message: address(text, ifindex) });
const taken = (text: string, ifindex = D, more: Partial<AddressMessage> = {}): Step => ({ message: address(text, ifindex, { deleted: true, ...more }) });
const [ONE, TWO, OF_E] = ['192.0.2.1/24', '192.0.2.2/24', '203.0.113.1/24'];

const told = (change: Change, by = header): Step => ({ message: { kind: 'route', deleted: change.change === 'delete', header: by, route: change.route }, change });
const went = (of: Route, by?: NlHeader): Step => told({ change: 'delete', route: of }, by);
const asked = (step: Step): Step => ({ ...step, isAsked: true });
/** The last look before what follows. */
const SEEN: Step = { isSeen: true };
const gone = (of: Route): Step => ({ change: { change: 'delete', route: of }, isAsked: true });

const textOf = (trigger: Trigger): string => [trigger.kind, ...Object.entries(trigger).flatMap(([name, value]) => name === 'kind' || name === 'ifindex' ? [] : [`${name}=${String(value)}`])].join(' ');

/** What fits the change that is asked about, by all messages before and behind it. */
function causesOf(steps: readonly Step[]): string[] {
  const tracker = createSignTracker();
  let [now, since] = [1000, 0];
  const places = steps.map(({ ms = 1, message, change, isLearnt, isSeen }) => {
    const time = bootTime(BigInt(Math.round((now += ms) * 1000)) * 1000n);
    if (isSeen === true) since = tracker.next();
    if (message === undefined || isLearnt === true) {
      if (message !== undefined) tracker.learn(message, time);
      return { at: tracker.next(), time };
    }
    return { at: tracker.observe(message, time, change === undefined ? undefined : { netns: NETNS, time, silent: false, ...change }), time, header: message.header };
  });
  const index = steps.findIndex(one => one.isAsked);
  const [step, place] = [steps[index], places[index]];
  if (step?.change === undefined || place === undefined) throw new Error('no change is asked about');
  const { at, time, header: own } = place;
  const silent = own === undefined;
  return findTraces(CAUSES, {
    netns: NETNS, at, time, change: { netns: NETNS, time, silent, ...step.change }, ...(silent ? { since } : { header: own, told: step.change.route }), ...(step.isOfFlags === true ? { isOfFlags: true } : {}),
    book: tracker.book, sentAfter: moment => moment, names: { device: ifindex => `d${ifindex}`, kind: ifindex => ifindex === VRF ? 'vrf' : undefined, vrf: () => undefined },
  }).map(({ cause, trace }) => `${cause.id}: ${textOf(trace.trigger)}`);
}

const DOWN_OF = (dev: string, cause = 'link-down'): string[] => [`${cause}: link-state dev=${dev} state=down`];
const REMOVED = (text: string, dev = 'd4'): string[] => [`ipv4-address-removed: address-change event=removed address=${text} dev=${dev}`];
const NOBODY = ['route-ioctl: ioctl request=SIOCDELRT'];
const both = known(link(D, UP), link(E, UP));
const all = [...both, ...known(link(F, UP))];

describe('of an IPv6 route with several legs', () => {
  const NET = '2001:db8:a::/48';
  const of = (...nexthops: readonly Nexthop[]): Route => route(NET, { metric: 1024, nexthops });
  /** One leg goes, others stay. */
  const loses = (lost: Nexthop, ...left: readonly Nexthop[]): Step => told({ change: 'delete', route: of(...left), legs: [lost] });
  const multicast = (ifindex: number): Step => went(route('ff00::/8', { table: 255, type: 5, protocol: 2, metric: 256, nexthops: [{ ifindex, weight: 1, flags: 0 }] }));
  const [d, e, f] = [leg(D), leg(E), leg(F)];
  const [deadD, deadE] = [leg(D, 'via-4', DEAD), leg(E, 'via-5', DEAD)];
  const kept = known(address('::1', 1, { family: 'ipv6' }));
  const WRITTEN = ['disable-ipv6: sysctl name=net.ipv6.conf.d4.disable_ipv6 oldValue=0 value=1'];

  test.each([
    ['the last one that lived went down: its own leg', [...both, down(E), down(D, { ms: 2000 }), asked(loses(d, deadE)), went(of(deadE)), multicast(D)], DOWN_OF('d4')],
    ['the last one that lived went down: the leg that was dead, which comes behind', [...both, down(E), down(D, { ms: 2000 }), loses(d, deadE), asked(went(of(deadE))), multicast(D)], DOWN_OF('d4')],
    ['the last one that lived went down: the leg that was dead, which comes first', [...both, down(D), down(E, { ms: 2000 }), asked(loses(deadD, e)), went(of(e)), multicast(E)], DOWN_OF('d5')],
    ['the other one was down before the session', [...known(link(D, UP), link(E, DOWN)), down(D), loses(d, deadE), asked(went(of(deadE))), multicast(D)], DOWN_OF('d4')],
    ['three went down in a row', [...all, down(F), multicast(F), down(D), multicast(D), down(E), loses(d, e, f), asked(loses(e, f)), went(of(f)), multicast(E)], DOWN_OF('d5')],
    ['three went down in a row: the last message', [...all, down(F), multicast(F), down(D), multicast(D), down(E), loses(d, e, f), loses(e, f), asked(went(of(f))), multicast(E)], DOWN_OF('d5')],
    ['both are over the device that went down', [...both, down(D), asked(loses(d, leg(D, 'other'))), went(of(leg(D, 'other'))), multicast(D)], DOWN_OF('d4')],
    ['the other one was dead while its device was up', [...both, down(D), asked(loses(deadE, d)), went(of(d)), multicast(D)], DOWN_OF('d4')],
    ['IPv6 was switched off on the last one', [...both, ...kept, down(E), { ...asked(loses(d, deadE)), ms: 2000 }, went(of(deadE)), multicast(D)], WRITTEN],
    ['IPv6 was switched off on the last one: the leg that was dead', [...both, ...kept, down(E), { ...loses(d, deadE), ms: 2000 }, asked(went(of(deadE))), multicast(D)], WRITTEN],
    ['IPv6 was switched off on all, one after the other', [...both, multicast(D), asked(loses(d, e)), went(of(e)), multicast(E)], ['disable-ipv6: unknown']],
    ['IPv6 was switched off on one, and another one went down right after: the leg that was dead', [...both, ...kept, multicast(E), { ...down(D), ms: 60 }, asked(loses(deadE, d)), went(of(d)), multicast(D)], DOWN_OF('d4')],
    ['IPv6 was switched off on one, and another one went down right after: its own leg', [...both, ...kept, multicast(E), { ...down(D), ms: 60 }, loses(deadE, d), asked(went(of(d))), multicast(D)], DOWN_OF('d4')],
    ['the device was removed, and others live', [...both, closed(D), asked(loses(d, e)), settingsGo(D, 'ipv6'), ended(D)], ['device-removed: device event=removed dev=d4']],
    ['the device was removed, and none lives: a leg that was dead', [...both, down(E), { ...closed(D), ms: 2000 }, loses(d, deadE), asked(went(of(deadE))), settingsGo(D, 'ipv6'), ended(D)], ['device-removed: device event=removed dev=d4']],
    ['the MTU of its device became too small', [...both, down(E), { ...mtu(D, 1200), ms: 2000 }, asked(loses(d, deadE)), multicast(D), settingsGo(D, 'ipv6')], ['link-mtu: link-state dev=d4 mtu=1200']],
  ] as const)('%s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });

  test.each([
    ['its device went down, and others live', [...all, down(D), multicast(D), asked(loses(deadD, e, f))]],
    ['another device went down before, and lives again', [...both, down(E), set(E, UP, { ms: 1000 }), told({ change: 'append', route: route('ff00::/8', { type: 5, nexthops: [leg(E)] }) }), down(D, { ms: 1000 }), multicast(D), asked(loses(d, e))]],
    ['another one has no carrier, and is shown as dead for that', [...known(link(D, UP)), { message: link(E, UP) }, { message: link(E, NO_CARRIER) }, down(D, { ms: 1000 }), asked(loses(d, deadE))]],
    ['its device went down long before', [...all, down(D), multicast(D), { ...asked(loses(deadD, e, f)), ms: 2000 }]],
    ['IPv6 was switched off on another device, and others live', [...all, multicast(D), asked(loses(e, deadD, f))]],
    ['a device was removed right before, and its leg with it', [...both, closed(D), loses(d, e), settingsGo(D, 'ipv6'), ended(D), asked(went(of(e)))]],
    ['the MTU of another device became too small, which leaves the dead ones', [...both, down(E), { ...mtu(D, 1200), ms: 2000 }, loses(d, deadE), multicast(D), settingsGo(D, 'ipv6'), asked(went(of(deadE)))]],
    ['the kernel set its device down, which stays, and others live', [...all, closed(D), multicast(D), asked(loses(deadD, e, f))]],
    ['another route lost the leg over the device that went down', [...both, down(E), down(D, { ms: 2000 }), told({ change: 'delete', route: route('2001:db8:b::/48', { metric: 1024, nexthops: [deadE] }), legs: [d] }), asked(went(of(deadE)))]],
  ] as const)('no device has to do with it where %s', (_what, steps) => { expect(causesOf(steps)).toEqual(NOBODY); });

  test('who asked for it is told by the message', () => {
    expect(causesOf([...both, down(E), down(D, { ms: 2000 }), asked({ ...told({ change: 'delete', route: of(deadE), legs: [d] }, REQUEST) })])).toEqual(['route-request: netlink-request request=delete flags=']);
  });

  test.each([
    ['went down, of which its multicast route is told behind', [...both, ...kept, down(D), asked(multicast(D))], DOWN_OF('d4')],
    ['went down, was set up, and lost it then', [...both, ...kept, down(D), set(D, UP), asked(multicast(D))], WRITTEN],
    ['had its MTU changed, which is large enough', [...both, ...kept, mtu(D, 1400), asked(multicast(D))], WRITTEN],
    ['lost it, and went down then', [...both, ...kept, asked(multicast(D)), down(D)], WRITTEN],
  ] as const)('or of any: a device that loses IPv6 %s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });
});

describe('an IPv4 route that is not there any more', () => {
  const NET = '198.51.100.0/24';
  const one = route(NET);
  const two = route(NET, { nexthops: [leg(D), leg(E)] });
  const own = route('10.8.0.0/16', { type: 2, table: 255, scope: 254 });
  const addresses = known(address(ONE), address(OF_E, E));
  const start = [...both, ...addresses, SEEN];
  const dies = [closed(D), taken(ONE, D, { header }), settingsGo(D, 'ipv4'), ended(D)];

  test.each([
    ['its device lost the last address, and went down', [...start, taken(ONE), down(D), gone(one)], REMOVED(ONE)],
    ['its device went down, and lost the last address', [...start, down(D), taken(ONE), gone(one)], DOWN_OF('d4')],
    ['its device lost one address of two, and went down', [...both, ...known(address(ONE), address(TWO)), SEEN, taken(ONE), down(D), gone(one)], DOWN_OF('d4')],
    ['its device lost both addresses, and went down', [...both, ...known(address(ONE), address(TWO)), SEEN, taken(ONE), taken(TWO), down(D), gone(one)], REMOVED(TWO)],
    ['another device lost its last address, and its own one went down', [...start, taken(OF_E, E), down(D), gone(one)], DOWN_OF('d4')],
    ['its device lost the last address, got another one, and went down', [...start, taken(ONE), given(TWO), down(D), gone(one)], REMOVED(ONE)],
    ['its device lost the last address before it was seen last', [...both, ...addresses, taken(ONE), SEEN, down(D), gone(one)], DOWN_OF('d4')],
    ['the last address expired, and the device went down', [...both, { message: address(ONE, D, { flags: 0, validSec: 10 }) }, SEEN, { ...taken(ONE, D, { header, flags: 0, validSec: 0 }), ms: 9_900 }, down(D), gone(one)], ['address-expired: address-lifetime dev=d4']],
    ['its device lost the last address, and was removed', [...start, taken(ONE), closed(D), settingsGo(D, 'ipv4'), ended(D), gone(one)], REMOVED(ONE)],
    ['its device was removed, and its address with it', [...start, ...dies, gone(one)], ['device-removed: device event=removed dev=d4']],
    ['its device lost the last address, and left for another namespace', [...start, taken(ONE), closed(D), ended(D, { movesNetns: true }), gone(one)], REMOVED(ONE)],
    ['its device left for another namespace', [...start, closed(D), taken(ONE, D, { header }), settingsGo(D, 'ipv4'), ended(D, { movesNetns: true }), gone(one)], ['device-moved: namespace event=moved dev=d4']],
    ['the MTU of its device became too small', [...start, mtu(D, 60), taken(ONE, D, { header }), settingsGo(D, 'ipv4'), down(D), gone(one)], ['link-mtu: link-state dev=d4 mtu=60']],
    ['its device was put under a VRF, and lost its address', [...start, { message: link(D, UP, { master: VRF }) }, taken(ONE), gone(one)], ['vrf-membership: link-state dev=d4 master=d9']],
    ['its device lost the last address, and was put under a VRF', [...start, taken(ONE), { message: link(D, UP, { master: VRF }) }, gone(one)], REMOVED(ONE)],
    ['nothing happened to its device', [...start, taken(OF_E, E), down(E), gone(one)], []],
  ] as const)('%s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });

  test.each([
    ['its device went down, and lost the last address then', [...start, down(D), taken(ONE), gone(own)], REMOVED(ONE)],
    ['its device went down, and nothing more', [...start, down(D), gone(own)], []],
    ['its device was removed', [...start, ...dies, gone(own)], ['device-removed: device event=removed dev=d4']],
    ['its device was down, and was removed', [...known(link(D, DOWN)), ...addresses, SEEN, taken(ONE, D, { header }), settingsGo(D, 'ipv4'), ended(D), gone(own)], ['device-removed: device event=removed dev=d4']],
  ] as const)('that is of this host itself: %s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });

  test.each([
    ['both devices went down: the later one took it', [...start, down(E), down(D), gone(two)], DOWN_OF('d4')],
    ['one device was down before the session', [...known(link(D, UP), link(E, DOWN)), ...addresses, SEEN, down(D), gone(two)], DOWN_OF('d4')],
    ['one device went down, and was only set up later', [...known(link(D, UP), link(E, DOWN)), ...addresses, SEEN, down(D), set(E, UP), gone(two)], DOWN_OF('d4')],
    ['one device went down, and the other one lives', [...start, down(D), gone(two)], []],
    ['one device lost the last address, and the other one lives', [...start, taken(ONE), gone(two)], []],
    ['one device lost the last address, and the other one went down', [...start, taken(ONE), down(E), gone(two)], DOWN_OF('d5')],
    ['one device lost the last address, got another one, and both went down', [...start, taken(ONE), given(TWO), down(E), down(D), gone(two)], DOWN_OF('d4')],
    ['one device went down, and the other one lost the last address', [...start, down(E), taken(ONE), gone(two)], REMOVED(ONE)],
    ['both devices lost their last address, and went down', [...start, taken(ONE), taken(OF_E, E), down(D), down(E), gone(two)], REMOVED(OF_E, 'd5')],
    ['one leg was dead for want of an address when it was seen last', [...start, down(E), gone(route(NET, { nexthops: [leg(D, 'via-4', DEAD), leg(E)] }))], DOWN_OF('d5')],
    ['one leg was shown as dead for want of a carrier, and both devices went down', [...both, ...addresses, { message: link(D, NO_CARRIER) }, SEEN, down(E), down(D), gone(route(NET, { nexthops: [leg(D, 'via-4', DEAD), leg(E)] }))], DOWN_OF('d4')],
    ['one device was removed, and the other one lives', [...start, ...dies, gone(two)], ['device-removed: device event=removed dev=d4']],
    ['the MTU of one device became too small, and the other one lives', [...start, mtu(D, 60), taken(ONE, D, { header }), settingsGo(D, 'ipv4'), gone(two)], []],
  ] as const)('and had several legs: %s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });
});

describe('a route on a nexthop object', () => {
  const NET = '198.51.100.0/24';
  const on = (nhid: number, ...nexthops: readonly Nexthop[]): Route => route(NET, { nhid, nexthops });
  const group = on(10, leg(D), leg(E));
  const start = [...both, ...known(address(ONE), address(OF_E, E)), SEEN];
  const isNow = (now: Route, before: Route): Step => ({ change: { change: 'replace', route: now, replaced: before }, isAsked: true });
  const NEXTHOP_DOWN = (dev: string): string[] => DOWN_OF(dev, 'nexthop-removed');
  const LOST = ['nexthop-removed: link-state dev=d4 state=carrier lost'];
  const deleted = (id: number): NexthopMessage => ({ kind: 'nexthop', deleted: true, header: REQUEST, id, protocol: 0 });

  test.each([
    ['goes with its device, not with the address of that', [...start, taken(ONE), down(D), gone(on(1, leg(D)))], NEXTHOP_DOWN('d4')],
    ['goes with nothing that its device only lost', [...start, taken(ONE), mtu(D, 60), gone(on(1, leg(D)))], []],
    ['goes with the object, and the device has no part in it', [...start, { message: deleted(1) }, down(D), gone(on(1, leg(D)))], ['nexthop-removed: nexthop-change event=removed id=1']],
    ['goes with the carrier, before the device goes down', [...start, { message: link(D, NO_CARRIER) }, down(D), gone(on(1, leg(D)))], LOST],
    ['loses the member whose device goes down', [...start, down(D), isNow(on(10, leg(E)), group)], NEXTHOP_DOWN('d4')],
    ['loses the member whose device loses its carrier', [...start, { message: link(D, NO_CARRIER) }, isNow(on(10, leg(E)), group)], LOST],
    ['loses no member with another one\'s device', [...start, down(E), isNow(on(10, leg(E)), group)], []],
    ['goes with the last member', [...start, down(D), down(E), gone(group)], NEXTHOP_DOWN('d5')],
    ['stays while a member lives', [...start, down(D), gone(group)], []],
  ] as const)('%s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });
});

describe('a leg of an IPv4 route is dead', () => {
  const before = route('198.51.100.0/24', { nexthops: [leg(D), leg(E)] });
  const dead = leg(D, 'via-4', DEAD);
  const marked: Step = { change: { change: 'delete', route: { ...before, nexthops: [dead, leg(E)] }, replaced: before, legs: [dead] }, isAsked: true, isOfFlags: true };
  const start = [...both, ...known(address(ONE), address(OF_E, E)), SEEN];
  test.each([
    ['since its device lost the last address', [...start, taken(ONE), marked], REMOVED(ONE)],
    ['since its device lost the last address, and went down then', [...start, taken(ONE), down(D), marked], REMOVED(ONE)],
    ['since its device went down, and lost the last address then', [...start, down(D), taken(ONE), marked], DOWN_OF('d4')],
    ['since its device went down, which had another address by then', [...start, taken(ONE), given(TWO), down(D), marked], DOWN_OF('d4')],
    ['since its device went down, which was set up without an address', [...start, taken(ONE), down(D), set(D, UP), down(D), marked], DOWN_OF('d4')],
    ['since its device went down, and another one lost its address', [...start, taken(OF_E, E), down(D), marked], DOWN_OF('d4')],
  ] as const)('%s', (_what, steps, expected) => { expect(causesOf(steps)).toEqual(expected); });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PartialRoute } from '../../src/fib/apply.ts';
import { createShadowFib, type ShadowFib } from '../../src/fib/shadow.ts';
import type { RouteChange } from '../../src/model/attribution.ts';
import type { Route } from '../../src/model/route.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { linkBytes, routeBytes, type LegSpec, type RouteSpec } from '../attribution/encode.ts';
import { at, NETNS, OTHER_NETNS } from '../model/build.ts';
import { createIpv4Model, createIpv6Model, type KernelModel, type Op, type Verb } from './kernel-model.ts';

const route = (spec: RouteSpec): Route => {
  const message = decodeMessage(routeBytes(spec));
  if (message.kind !== 'route') throw new Error(`no route: ${JSON.stringify(message)}`);
  return message.route;
};
const apply = (fib: ShadowFib, spec: RouteSpec, ms = 1, isReceipt = false): RouteChange | undefined => fib.applyMessage(NETNS, decodeMessage(routeBytes(spec)), { since: at(ms), ...(isReceipt ? { isReceipt } : {}) });
function takeDump(fib: ShadowFib, list: readonly Uint8Array[], ms = 100, consistent = true): readonly RouteChange[] {
  fib.beginDump(NETNS);
  for (const bytes of list) fib.takeDump(NETNS, decodeMessage(bytes));
  return fib.endDump(NETNS, at(ms), consistent);
}
const dumped = (...specs: readonly RouteSpec[]): Uint8Array[] => specs.map(spec => routeBytes({ ...spec, flags: 2 }));
/** What ip route tells of a route; of an IPv6 multipath route the dump shows the protocol of whichever leg is first. */
const tell = (one: Route): string => JSON.stringify([one.dst, one.table, one.tos, one.metric, one.type, one.family === 'ipv6' && one.nexthops.length > 1 ? '' : one.protocol, one.nexthops.map(leg => `${leg.gateway ?? ''}%${leg.ifindex}`).sort()]);
const told = (fib: ShadowFib): string[] => fib.routes(NETNS).map(tell);
const effect = (change: RouteChange | undefined): unknown => change === undefined ? undefined
  : { change: change.change, ...(change.position === undefined ? {} : { position: change.position }), silent: change.silent, ...(change.replaced === undefined ? {} : { replaced: tell(change.replaced) }) };

const A4: RouteSpec = { dst: '10.1.0.0/16', dev: 3, via: '10.0.0.1' };
const B4: RouteSpec = { dst: '10.1.0.0/16', dev: 3, via: '10.0.0.2' };
const A6: RouteSpec = { dst: '2001:db8:1::/48', metric: 1024, dev: 3, via: 'fe80::1' };
const B6: RouteSpec = { dst: '2001:db8:1::/48', metric: 1024, dev: 3, via: 'fe80::2' };
const both6 = (more: Partial<RouteSpec> = {}): RouteSpec => ({ dst: A6.dst, metric: 1024, legs: [{ dev: 3, via: 'fe80::1' }, { dev: 3, via: 'fe80::2' }], ...more });

describe('a message', () => {
  test.each<[string, RouteSpec[], RouteSpec, unknown]>([
    ['of a first route adds', [], A4, { change: 'add', silent: false }],
    ['of a second one with 0x400 goes in front', [A4], { ...B4, flags: 0x400 }, { change: 'append', position: 'first', silent: false }],
    ['of a second one with 0xc00 goes behind', [A4], { ...B4, flags: 0xc00 }, { change: 'append', position: 'last', silent: false }],
    ['of another metric adds', [A4], { ...B4, metric: 5 }, { change: 'add', silent: false }],
    ['of another type of service adds', [A4], { ...B4, tos: 8 }, { change: 'add', silent: false }],
    ['of another table adds', [A4], { ...A4, table: 1001 }, { change: 'add', silent: false }],
    ['with 0x100 replaces the first', [{ ...A4, flags: 0xc00 }, { ...A4, via: '10.0.0.9', flags: 0xc00 }], { ...B4, flags: 0x100 }, { change: 'replace', silent: false, replaced: tell(route(A4)) }],
    ['with 0x100 and nothing there still says replace', [], { ...B4, flags: 0x100 }, { change: 'replace', silent: false }],
    ['that only tells flags changes nothing', [A4], { ...A4, flags: 0 }, undefined],
    ['of deletion deletes', [A4], { ...A4, deleted: true }, { change: 'delete', silent: false }],
    ['of deletion of what is not known deletes all the same', [], { ...A4, deleted: true }, { change: 'delete', silent: false }],
    ['IPv6: of a sibling appends', [A6], both6({ flags: 0xc00 }), { change: 'append', position: 'last', silent: false }],
    ['IPv6: of a route without gateway stands beside', [A6], { dst: A6.dst, metric: 1024, dev: 4, flags: 0x400 }, { change: 'append', position: 'last', silent: false }],
    ['IPv6: replaces its kin, not the first', [{ dst: A6.dst, metric: 1024, dev: 4 }, { ...A6, flags: 0x400 }], { ...B6, flags: 0x100 }, { change: 'replace', silent: false, replaced: tell(route(A6)) }],
    ['IPv6: replaces the first where it has no kin', [A6], { dst: A6.dst, metric: 1024, dev: 4, flags: 0x100 }, { change: 'replace', silent: false, replaced: tell(route(A6)) }],
    ['of a route by nexthop object replaces the one of that object', [{ ...A4, nhid: 5, flags: 0x600 }, { ...B4, nhid: 6, flags: 0xc00 }], { ...B4, via: '10.0.0.7', nhid: 6, flags: 0x100 }, { change: 'replace', silent: false, replaced: tell(route(B4)) }],
  ])('%s', (_case, before, spec, expected) => {
    const fib = createShadowFib();
    for (const one of before) apply(fib, one);
    expect(effect(apply(fib, spec))).toEqual(expected);
  });

  test('of one leg of an IPv6 multipath route takes that leg only', () => {
    const fib = createShadowFib();
    apply(fib, both6());
    expect(apply(fib, { ...A6, deleted: true })).toMatchObject({ change: 'delete', legs: [{ gateway: 'fe80::1' }], route: { nexthops: [{ gateway: 'fe80::2' }] } });
    expect(told(fib)).toEqual([tell(route(B6))]);
    apply(fib, { ...B6, deleted: true });
    expect(told(fib)).toEqual([]);
  });

  test('of an appended leg tells the whole route and the new leg', () => {
    const fib = createShadowFib();
    apply(fib, A6);
    const grown = apply(fib, { dst: A6.dst, metric: 1024, legs: [{ dev: 3, via: 'fe80::2' }, { dev: 3, via: 'fe80::1' }], flags: 0xc00 });
    expect(grown).toMatchObject({ change: 'append', legs: [{ gateway: 'fe80::2' }] });
    expect(told(fib)).toEqual([tell(route(both6()))]);
  });

  test('of a leg that user space marks as from a router advertisement joins its siblings too', () => {
    const fib = createShadowFib();
    apply(fib, { ...A6, protocol: 9 });
    apply(fib, { ...both6({ flags: 0xc00 }), protocol: 9 });
    expect(fib.routes(NETNS).length).toBe(1);
  });

  test('of another namespace touches nothing here', () => {
    const fib = createShadowFib();
    apply(fib, A4);
    fib.applyMessage(OTHER_NETNS, decodeMessage(routeBytes({ ...A4, deleted: true })), { since: at(2) });
    expect([told(fib), fib.routes(OTHER_NETNS), fib.namespaces()]).toEqual([[tell(route(A4))], [], [NETNS, OTHER_NETNS]]);
  });
});

describe('the shadow of a table is what the kernel would dump', () => {
  const legs4: readonly LegSpec[] = [{ dev: 3, via: '10.0.0.1' }, { dev: 3, via: '10.0.0.2' }, { dev: 4 }, { dev: 5, via: '10.0.0.1' }];
  const legs6: readonly LegSpec[] = [{ dev: 3, via: 'fe80::1' }, { dev: 3, via: 'fe80::2' }, { dev: 4, via: 'fe80::1' }, { dev: 5 }, { dev: 6 }];
  const verbs = fc.constantFrom<Verb>('add', 'append', 'prepend', 'replace', 'delete-leg', 'delete-all');
  const ops4 = (protocols: readonly number[]): fc.Arbitrary<Op[]> => fc.array(fc.record({
    verb: verbs, dst: fc.constantFrom('10.1.0.0/16', '10.1.0.0/24'), metric: fc.constantFrom(0, 10), tos: fc.constantFrom(0, 8), protocol: fc.constantFrom(...protocols),
    legs: fc.constantFrom(...legs4).map(leg => [leg]),
  }), { maxLength: 30 });
  const gateways = legs6.filter(leg => leg.via !== undefined);
  const ops6 = (protocols: readonly number[]): fc.Arbitrary<Op[]> => fc.array(fc.record({
    verb: verbs, dst: fc.constantFrom('2001:db8:1::/48', '2001:db8:1::/64'), metric: fc.constantFrom(256, 1024), tos: fc.constant(0), protocol: fc.constantFrom(...protocols),
    legs: fc.oneof(fc.constantFrom(...legs6).map(leg => [leg]), fc.subarray([...gateways], { minLength: 2 })),
  }), { maxLength: 30 });

  function follow(model: KernelModel, ops: readonly Op[], dumpEvery: number): void {
    const fib = createShadowFib();
    takeDump(fib, model.dump());
    ops.forEach((op, i) => {
      const bytes = model.run(op);
      if (bytes !== undefined) expect(fib.applyMessage(NETNS, decodeMessage(bytes), { since: at(i) })).toBeDefined();
      expect(told(fib).sort(), JSON.stringify(op)).toEqual(model.dump().map((one) => { const m = decodeMessage(one); return m.kind === 'route' ? tell(m.route) : ''; }).sort());
      if (i % dumpEvery === 0) expect(takeDump(fib, model.dump()), JSON.stringify(op)).toEqual([]);
    });
    expect(takeDump(fib, model.dump())).toEqual([]);
  }

  test('for IPv4', () => {
    fc.assert(fc.property(ops4([3, 186]), fc.integer({ min: 1, max: 9 }), (ops, every) => { follow(createIpv4Model(), ops, every); }), { numRuns: 500 });
  });

  test('for IPv4, in the very order of the kernel', () => {
    fc.assert(fc.property(ops4([3, 186]), (ops) => {
      const [model, fib] = [createIpv4Model(), createShadowFib()];
      for (const op of ops) { const bytes = model.run(op); if (bytes !== undefined) fib.applyMessage(NETNS, decodeMessage(bytes), { since: at(1) }); }
      const bySlot = (list: readonly string[]): Record<string, unknown> => Object.fromEntries(Map.groupBy(list, one => one.split(',').slice(0, 4).join()));
      expect(bySlot(told(fib))).toEqual(bySlot(model.dump().map((one) => { const m = decodeMessage(one); return m.kind === 'route' ? tell(m.route) : ''; })));
    }));
  });

  test('for IPv6, where all routes of a prefix say the same protocol', () => {
    const op = (verb: Verb, dev: number): Op => ({ verb, dst: '2001:db8:1::/48', metric: 256, tos: 0, protocol: 3, legs: [{ dev }] });
    // Seen on 6.18, too: the first route goes, although the second is the very one that was asked for, which is then there twice.
    const examples: [Op[], number][] = [[[op('add', 5), op('append', 6), op('replace', 6)], 1]];
    fc.assert(fc.property(ops6([3]), fc.integer({ min: 1, max: 9 }), (ops, every) => { follow(createIpv6Model(), ops, every); }), { numRuns: 500, examples });
  });

  test('for IPv6, where legs of one route come from different programs', () => {
    const op = (verb: Verb, protocol: number, ...legs: readonly LegSpec[]): Op => ({ verb, dst: '2001:db8:1::/48', metric: 256, tos: 0, protocol, legs });
    const examples: [Op[], number][] = [
      [[op('add', 3, { dev: 5 }), op('append', 3, { dev: 3, via: 'fe80::1' }, { dev: 4, via: 'fe80::1' }), op('replace', 9, { dev: 3, via: 'fe80::1' })], 1],
      [[op('add', 3, { dev: 6 }), op('append', 9, { dev: 3, via: 'fe80::1' }), op('replace', 3, { dev: 3, via: 'fe80::1' })], 1],
    ];
    // Of several legs appended by one request the kernel's message shows the protocol of the first leg that was there before,
    // so whose they are is not told (docs/limitations.md): one leg at a time here.
    const oneByOne = ops6([3, 9, 186]).map(ops => ops.map(each => each.verb === 'append' || each.verb === 'prepend' ? { ...each, legs: each.legs.slice(0, 1) } : each));
    fc.assert(fc.property(oneByOne, fc.integer({ min: 1, max: 9 }), (ops, every) => { follow(createIpv6Model(), ops, every); }), { numRuns: 500, examples });
  });

  test.each([['IPv4', createIpv4Model, ops4([3, 186])], ['IPv6', createIpv6Model, ops6([3])]])('%s: and a dump that differs tells exactly the difference, which is then known', (_family, create, ops) => {
    fc.assert(fc.property(ops, fc.nat(30), (list, seen) => {
      const [model, fib] = [create(), createShadowFib()];
      takeDump(fib, []);
      list.forEach((op, i) => { const bytes = model.run(op); if (bytes !== undefined && i < seen) fib.applyMessage(NETNS, decodeMessage(bytes), { since: at(1) }); });
      const before = told(fib);
      const changes = takeDump(fib, model.dump());
      const after = new Set(before);
      for (const { change, route: one } of changes) if (change === 'delete') after.delete(tell(one)); else after.add(tell(one));
      expect([...after].sort()).toEqual([...new Set(told(fib))].sort());
      expect(takeDump(fib, model.dump())).toEqual([]);
    }));
  });
});

describe('a dump', () => {
  test.each<[string, RouteSpec[], boolean, object[], number]>([
    ['nothing of what was there', [], true, [], 1],
    ['what messages told before and it lacks', [A4], true, [{ change: 'delete', silent: true }], 1],
    ['nothing that it may lack because it was cut short', [A4], false, [], 2],
  ])('that is the first tells %s', (_case, before, consistent, changes, left) => {
    const fib = createShadowFib();
    for (const message of before) apply(fib, message);
    expect([takeDump(fib, dumped(A6), 100, consistent).map(effect), fib.routes(NETNS).length]).toEqual([changes, left]);
  });

  test('later tells what went unseen', () => {
    const fib = createShadowFib();
    takeDump(fib, dumped(A4));
    expect(takeDump(fib, dumped(B4)).map(effect)).toEqual([{ change: 'delete', silent: true }, { change: 'add', silent: true }]);
  });

  test('that was interrupted tells nothing and changes nothing', () => {
    const fib = createShadowFib();
    takeDump(fib, dumped(A4));
    expect([takeDump(fib, dumped(B4), 100, false), told(fib)]).toEqual([[], [tell(route(A4))]]);
  });

  test('that was interrupted is used where there is nothing better, and the next whole one tells no difference', () => {
    const fib = createShadowFib();
    takeDump(fib, dumped(A4), 100, false);
    expect([told(fib), takeDump(fib, dumped(B4))]).toEqual([[tell(route(A4))], []]);
  });

  test.each<[string, RouteSpec[], RouteSpec, RouteSpec[]]>([
    ['was deleted after it was dumped', [A4], { ...A4, deleted: true }, []],
    ['was added after its place was read', [], A4, [A4]],
    ['was replaced meanwhile', [A4], { ...B4, flags: 0x100 }, [B4]],
  ])('leaves alone what a message told meanwhile: a route that %s', (_case, dump, message, expected) => {
    const fib = createShadowFib();
    takeDump(fib, dumped(...dump));
    fib.beginDump(NETNS);
    for (const bytes of dumped(...dump)) fib.takeDump(NETNS, decodeMessage(bytes));
    apply(fib, message);
    expect([fib.endDump(NETNS, at(9), true), told(fib)]).toEqual([[], expected.map(one => tell(route(one)))]);
  });

  test('that never began ends in nothing', () => {
    expect(createShadowFib().endDump(NETNS, at(1), true)).toEqual([]);
  });
});

describe('a removal without a message', () => {
  const seen = (spec: RouteSpec, more: Partial<PartialRoute> = {}): PartialRoute => {
    const { family, table, dst, tos, metric, type, protocol, nexthops: [leg] } = route(spec);
    return { family, table, dst, tos, metric, type, protocol, ...(leg === undefined ? {} : { leg }), ...more };
  };
  test.each<[string, PartialRoute]>([
    ['by its gateway', seen({ ...B4, protocol: 186 })], ['by its nexthop object', { family: 'ipv4', table: 254, dst: A4.dst, tos: 0, metric: 0, nhid: 9 }], ['by its protocol', { family: 'ipv4', table: 254, dst: A4.dst, tos: 0, metric: 0, protocol: 186 }],
  ])('finds the one that is meant among several: %s', (_case, partial) => {
    const fib = createShadowFib();
    apply(fib, A4);
    apply(fib, { ...B4, nhid: 9, protocol: 186, flags: 0xc00 });
    expect(effect(fib.applyRemoval(NETNS, partial, at(5)))).toEqual({ change: 'delete', silent: true });
    expect(told(fib)).toEqual([tell(route(A4))]);
  });

  test.each<[string, PartialRoute]>([
    ['another gateway', seen({ ...A4, via: '10.0.0.77' })], ['another metric', seen({ ...A4, metric: 7 })], ['another protocol', seen({ ...A4, protocol: 4 })],
    ['another table', seen({ ...A4, table: 1001 })], ['another nexthop object', seen(A4, { nhid: 4 })], ['another type', seen(A4, { type: 7 })],
  ])('takes nothing that has %s', (_case, partial) => {
    const fib = createShadowFib();
    apply(fib, A4);
    expect([fib.applyRemoval(NETNS, partial, at(5)), told(fib)]).toEqual([undefined, [tell(route(A4))]]);
  });

  test('takes the route that was there before, not its double that came after', () => {
    const fib = createShadowFib();
    apply(fib, A4, 1);
    apply(fib, { ...A4, prefsrc: '10.0.0.5', flags: 0x400 }, 10);
    fib.applyRemoval(NETNS, seen(A4), at(5));
    expect(fib.routes(NETNS)).toMatchObject([{ prefsrc: '10.0.0.5' }]);
  });

  test('takes the one whose message was received later, where that may have been made before', () => {
    const fib = createShadowFib();
    apply(fib, A4, 10, true);
    expect(effect(fib.applyRemoval(NETNS, seen(A4), at(5)))).toEqual({ change: 'delete', silent: true });
  });

  test('takes nothing where the only one like it is known to be younger', () => {
    const fib = createShadowFib();
    apply(fib, A4, 10);
    expect([fib.applyRemoval(NETNS, seen(A4), at(5)), told(fib).length]).toEqual([undefined, 1]);
  });

  test('takes one leg of an IPv6 multipath route at a time', () => {
    const fib = createShadowFib();
    apply(fib, both6());
    expect(fib.applyRemoval(NETNS, seen(A6), at(5))).toMatchObject({ change: 'delete', silent: true, route: { nexthops: [{ gateway: 'fe80::2' }] } });
    expect(fib.applyRemoval(NETNS, seen(B6), at(5))).toMatchObject({ change: 'delete', silent: true });
    expect(told(fib)).toEqual([]);
  });

  test('takes an IPv4 multipath route whole', () => {
    const fib = createShadowFib();
    const legs = [{ dev: 3, via: '10.0.0.1' }, { dev: 4, via: '10.0.0.2' }];
    apply(fib, { dst: A4.dst, legs });
    expect(fib.applyRemoval(NETNS, seen(A4), at(5))).toMatchObject({ change: 'delete', silent: true });
    expect(told(fib)).toEqual([]);
  });
});

describe('devices', () => {
  const link = (fib: ShadowFib, bytes: Uint8Array): unknown => fib.applyMessage(NETNS, decodeMessage(bytes), { since: at(1) });
  test('are known by name, and VRFs by their table', () => {
    const fib = createShadowFib();
    link(fib, linkBytes(16, 5, { name: 'red', vrfTable: 1001 }));
    link(fib, linkBytes(16, 6, { name: 'eth0' }));
    expect([fib.names(NETNS).device(5), fib.names(NETNS).vrf(1001), fib.names(NETNS).vrf(254), fib.names(OTHER_NETNS).device(5)]).toEqual(['red', 'red', undefined, undefined]);
  });

  test('that were renamed have the new name, and the old one in what happened before', () => {
    const fib = createShadowFib();
    link(fib, linkBytes(16, 6, { name: 'eth0' }));
    const before = fib.names(NETNS);
    link(fib, linkBytes(16, 6, { name: 'wan' }));
    expect(before.device(6)).toBe('eth0');
    expect(fib.names(NETNS).device(6)).toBe('wan');
  });

  test('that are gone are still named for the routes that went with them, until the index is given again', () => {
    const fib = createShadowFib();
    link(fib, linkBytes(16, 6, { name: 'eth0' }));
    link(fib, linkBytes(17, 6, { name: 'eth0' }));
    expect(fib.names(NETNS).device(6)).toBe('eth0');
    link(fib, linkBytes(16, 6, { name: 'tun0' }));
    expect(fib.names(NETNS).device(6)).toBe('tun0');
  });
});

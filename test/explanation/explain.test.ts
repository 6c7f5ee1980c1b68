import { describe, expect, test } from 'vitest';
import { createAttributor } from '../../src/attribution/attribute.ts';
import { createExplainer } from '../../src/explanation/explain.ts';
import { actorName } from '../../src/explanation/actor.ts';
import { baseName } from '../../src/causes/cause.ts';
import { createNames } from '../../src/explanation/names.ts';
import { predatesWords } from '../../src/explanation/predates.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { Actor, ChangeOutput, RouteChangeOutput } from '../../src/model/output.ts';
import type { Route } from '../../src/model/route.ts';
import { routeChangeSchema } from '../../src/report/schema.ts';
import { at, lost, NETNS, ready, task } from '../model/build.ts';
import {
  addsAddress4, addsAddress6, ANYCAST, anycastd, asksForRoute, advertisement, detectionEnds, ioctlRoute, ip, LOCAL6, PREFIX4, PREFIX6, setsLinkDown, setsLinkUp, socketAnycast, sysctl, writesForwarding,
} from '../attribution/acts.ts';
import { story, weave, type Story, type WeaveOptions } from '../attribution/build.ts';
import { linkBytes, routeBytes } from '../attribution/encode.ts';

const OFFSET = 1_796_126_400_000_000_000n;
const isOfRoute = (record: ChangeOutput): record is RouteChangeOutput => record.kind === 'route-change' || record.kind === 'route-present';

function explain(observations: readonly Observation[], initial = false): RouteChangeOutput[] {
  const [timeline, attributor, explainer] = [createTimeline(), createAttributor({ initial }), createExplainer(OFFSET)];
  const tell = (list: readonly Observation[]): RouteChangeOutput[] => list.flatMap((one) => {
    explainer.observe(one);
    return attributor.push(one).map(made => explainer.explain(made)).filter(isOfRoute);
  });
  return [...observations.flatMap(one => tell(timeline.push(one))), ...tell(timeline.flush()), ...attributor.flush().map(one => explainer.explain(one)).filter(isOfRoute)];
}
const told = (one: Story, options?: WeaveOptions): RouteChangeOutput[] => explain(weave(one, options));
const STATIC4 = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const before = [routeBytes(STATIC4), linkBytes(16, 4, { name: 'eth0' }), linkBytes(16, 5, { name: 'vrf1', vrfTable: 1001 })];

const STORIES: readonly [string, Story, WeaveOptions?][] = [
  ['forwarding on', writesForwarding(sysctl, 2000, 1)], ['forwarding off', writesForwarding(sysctl, 2000, 0)],
  ['an address with detection', story(addsAddress6(ip, 2000), detectionEnds(3500, { routes: [LOCAL6, ANYCAST] }))], ['an IPv4 address', addsAddress4(ip, 2000)],
  ['a socket', socketAnycast(anycastd, 2000, 'close')], ['a route by ioctl', ioctlRoute(ip, 2000, STATIC4)], ['a request', asksForRoute(ip, 2000, STATIC4, { seq: 3 })],
  ['a device down', setsLinkDown(ip, 2000, [STATIC4]), { before }], ['a device up', setsLinkUp(ip, 2000)], ['a router advertisement', advertisement(sysctl, 2000, PREFIX6)],
  ['work that nobody queued', detectionEnds(3500, { routes: [ANYCAST] })], ['two rivals', story(socketAnycast(anycastd, 2000, 'join'), socketAnycast(task(9, 'x'), 2000.3, 'join')), { delays: [50] }],
  ['a loss', story(lost(1900, 2100), writesForwarding(sysctl, 2000, 1))], ['nothing known', { records: [], sent: [{ ms: 2000, bytes: routeBytes({ ...STATIC4, metric: 4_294_967_295 }) }] }],
];

describe.each(STORIES)('%s', (_case, one, options) => {
  const records = told(one, options);
  test('is explained in records that the schema allows', () => {
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) expect(routeChangeSchema.safeParse(record)).toMatchObject({ success: true });
  });
  test('is explained in steps that form a chain from the act to the route', () => {
    for (const { steps, verdict } of records) {
      expect(steps.map(step => step.depth)).toEqual(steps.map((_, i) => i));
      expect(steps.length > 1).toBe(verdict === 'caused');
    }
  });
  test('holds no undefined, nor any word of code', () => {
    for (const record of records) {
      const text = JSON.stringify(record, (_key, value: unknown) => value === undefined ? '<<undefined>>' : value);
      expect(text).not.toMatch(/<<undefined>>|undefined|\[object|NaN|null/);
    }
  });
  test('numbers its changes from 1, and has a reason exactly where it does not know', () => {
    expect(records.map(record => record.id)).toEqual(records.map((_, i) => String(i + 1)));
    for (const record of records) {
      expect('reason' in record).toBe(record.verdict === 'unknown');
      expect('confidence' in record).toBe(record.verdict === 'caused');
    }
  });
});

describe('the incident', () => {
  const [record] = explain([{ kind: 'name', source: 'host', time: at(1), of: 'netns', id: 'cookie:1', name: 'blue' }, ...weave(writesForwarding(sysctl, 2000, 1, [{ ...ANYCAST, dev: 5 }]), { before })]);
  test('is told whole', () => {
    expect(record).toMatchObject({
      kind: 'route-change', change: 'add', silent: false, verdict: 'caused', confidence: 'proved', cause: { id: 'subnet-router-anycast' },
      trigger: { kind: 'sysctl', name: 'net.ipv6.conf.all.forwarding', oldValue: 0, value: 1 },
      actor: { kind: 'process', pid: 4242, comm: 'sysctl', argv: ['sysctl', '-w', 'net.ipv6.conf.all.forwarding=1'], uid: 0 },
      route: { family: 'ipv6', dst: 'fdc0:3489:e0fd::/128', type: 'anycast', table: 1001, tableName: 'vrf1', protocol: 2, protocolName: 'kernel', dev: 'vrf1', ifindex: 5, netns: { inode: NETNS.inode, name: 'blue' } },
      bootTimeNs: '2000020000', time: '2026-12-01T12:00:02.000020Z',
    });
    expect(record?.references.map(reference => reference.id)).toEqual(expect.arrayContaining(['RFC 4291', 'RFC 6164']));
    expect(record?.steps.map(step => step.function)).toEqual(expect.arrayContaining(['proc_sys_call_handler', 'addrconf_sysctl_forward', 'dev_forward_change', '__ipv6_dev_ac_inc']));
  });
  test('names detection among the steps where a worker finished it, and the program as the actor', () => {
    const [late] = told(story(addsAddress6(ip, 2000), detectionEnds(3500, { routes: [ANYCAST] })));
    expect(late?.actor).toMatchObject({ kind: 'process', pid: 5151 });
    expect(late?.steps.find(step => step.function === 'addrconf_dad_work')).toMatchObject({ context: 'kworker' });
    expect(late?.steps[0]).toMatchObject({ depth: 0, context: 'task' });
  });
});

describe('names', () => {
  test('of tables, protocols and scopes are those of the host before those built in', () => {
    const names = createNames();
    names.observe({ kind: 'name', source: 'host', time: at(1), of: 'protocol', id: '186', name: 'mybgp' });
    names.observe({ kind: 'name', source: 'host', time: at(1), of: 'table', id: '1000', name: 'mgmt' });
    const lookup = { device: () => undefined, kind: () => undefined, vrf: (table: number) => table === 1001 ? 'vrf1' : undefined };
    expect([names.protocol(186), names.protocol(2), names.protocol(77), names.table(1000, lookup), names.table(1001, lookup), names.table(254, lookup), names.table(5, lookup), names.scope(253), names.scope(9)])
      .toEqual(['mybgp', 'kernel', undefined, 'mgmt', 'vrf1', 'main', undefined, 'link', '9']);
  });
  test('of namespaces go by cookie, else by inode', () => {
    const names = createNames();
    names.observe({ kind: 'name', source: 'host', time: at(1), of: 'netns', id: 'cookie:1', name: 'blue' });
    names.observe({ kind: 'name', source: 'host', time: at(1), of: 'netns', id: '77', name: 'red' });
    expect([names.netns(NETNS), names.netns({ inode: 77, cookie: 5n }), names.netns({ inode: 78 })]).toEqual(['blue', 'red', undefined]);
  });
  test.each<[Actor, string]>([
    [{ kind: 'process', pid: 5, comm: 'ip' }, 'ip[5]'], [{ kind: 'process', pid: 5 }, 'process 5'], [{ kind: 'router', address: 'fe80::1' }, 'router fe80::1'], [{ kind: 'kernel' }, 'the kernel'], [{ kind: 'unknown' }, 'somebody unknown'],
  ])('of an actor: %j', (actor, expected) => { expect(actorName(actor)).toBe(expected); });
  test.each([['addrconf_ifdown.isra.0', 'addrconf_ifdown'], ['f.constprop.12', 'f'], ['f.part.0', 'f'], ['f', 'f'], ['fib6_add', 'fib6_add']])('of functions lose what the compiler added: %s', (frame, expected) => { expect(baseName(frame)).toBe(expected); });
});

describe('a route found at the start', () => {
  const [record] = explain(weave(story(), { before }), true);
  test('predates the session, and its own fields say what they claim', () => {
    expect(record).toMatchObject({ kind: 'route-present', verdict: 'predates-session', route: { dst: '198.51.100.0/24' }, steps: [], evidence: [{ kind: 'state' }] });
    expect(routeChangeSchema.safeParse(record).success).toBe(true);
  });
  const route = (more: Partial<Route>): Route => ({ family: 'ipv6', dst: '::/0', tos: 0, type: 1, table: 254, protocol: 2, scope: 0, flags: 0, metric: 0, nexthops: [], ...more });
  test.each([[2, 'kernel'], [3, 'boot'], [4, 'static'], [9, 'router advertisement'], [186, 'protocol 186']])('claims by its protocol %d', (protocol, word) => {
    expect(predatesWords(route({ protocol })).map(one => one.text).join()).toContain(word);
  });
  test.each<[string, Partial<Route>, number]>([['IPv6 anycast says more', { type: 4 }, 2], ['IPv4 anycast does not', { type: 4, family: 'ipv4' }, 1], ['unicast does not', {}, 1]])('%s', (_case, more, count) => { expect(predatesWords(route(more)).length).toBe(count); });
});

describe('counts and marks', () => {
  test('are exact', () => {
    const [attributor, explainer] = [createAttributor(), createExplainer(0n)];
    const all = [...weave(story(addsAddress4(ip, 2000), setsLinkDown(ip, 3000, [STATIC4])), { before })];
    for (const one of all.toSorted((a, b) => Number(a.time - b.time))) { explainer.observe(one); attributor.push(one).map(made => explainer.explain(made)); }
    explainer.observe(lost(1, 2, { count: 5 }));
    expect(explainer.summary()).toEqual({ kind: 'summary', changes: 3, caused: 3, unknown: 0, silent: 1, lost: 5 });
  });
  test('of what is no change are none', () => {
    const explainer = createExplainer(0n);
    expect([explainer.observe(ready(5)), explainer.observe({ kind: 'undecodable', source: 'bpftrace', time: at(1), sample: '' })]).toEqual([[{ kind: 'ready', time: '1970-01-01T00:00:00.005000Z', bootTimeNs: '5000000' }], []]);
    expect(PREFIX4.dst).toBe('192.0.2.0/24');
  });
});

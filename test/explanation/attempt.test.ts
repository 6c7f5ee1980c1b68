import { describe, expect, test } from 'vitest';
import { createExplainer } from '../../src/explanation/explain.ts';
import { ATTEMPT_CAUSES } from '../../src/causes/index.ts';
import type { Attempt, AttributionOf, NameLookup } from '../../src/model/attribution.ts';
import type { AttemptOutput } from '../../src/model/output.ts';
import type { Route } from '../../src/model/route.ts';
import { decodeMessage } from '../../src/netlink/decode.ts';
import { attemptSchema } from '../../src/report/schema.ts';
import { at, NETNS } from '../model/build.ts';
import { addressBytes, linkBytes, nexthopBytes, routeBytes, type RouteSpec } from '../attribution/encode.ts';
import { builder } from '../netlink/build.ts';

const b = builder(true);
const names: NameLookup = { device: ifindex => ifindex === 4 ? 'eth0' : undefined, kind: () => undefined, vrf: table => table === 1001 ? 'red' : undefined };
const ruleBytes = (type: 32 | 33, priority: number): Uint8Array => b.message(type, [2, 0, 0, 0, 0, 0, 0, type === 32 ? 1 : 0, ...b.u32(0)], b.attribute(6, b.u32(priority)));
const withFlags = (bytes: Uint8Array, flags: number): Uint8Array => { new DataView(bytes.buffer).setUint16(6, flags, true); return bytes; };

function explain(asked: Uint8Array | Attempt['asked'], errno: number, more: Partial<Attempt> = {}): AttemptOutput {
  const change: Attempt = { netns: NETNS, time: at(2000), asked: asked instanceof Uint8Array ? decodeMessage(asked) : asked, errno, existing: [], ...more };
  const facts = { change, where: 'task', names, act: { id: 'a', time: at(2000), where: 'task', actor: { kind: 'process', pid: 5, comm: 'ip' }, ...(asked instanceof Uint8Array ? {} : { call: { fn: 'ip_rt_ioctl', time: at(2000), tid: 5, pid: 5, fields: { cmd: 0x890c }, via: [] } }) } } as const;
  const [cause] = ATTEMPT_CAUSES;
  const trigger = cause?.match(facts)?.trigger;
  if (cause === undefined || trigger === undefined) throw new Error('no cause fits');
  const attribution: AttributionOf<'attempt'> = { kind: 'attribution', subject: 'attempt', change, names, evidence: [], caveats: [], verdict: { kind: 'caused', causeId: cause.id, confidence: 'proved', trigger, facts, rivals: [] } };
  const explainer = createExplainer(0n);
  const record = explainer.explain(attribution);
  if (record.kind !== 'attempt') throw new Error(`told as ${record.kind}`);
  expect(attemptSchema.safeParse(record)).toMatchObject({ success: true });
  expect(record.steps.map(({ depth }) => depth)).toEqual([0, 1]);
  expect(JSON.stringify(record)).not.toMatch(/undefined|\[object|NaN|null/);
  expect(explainer.summary()).toMatchObject({ changes: 0, caused: 0, unknown: 0, silent: 0 });
  return record;
}
const STATIC: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const routeOf = (spec: RouteSpec): Route => { const message = decodeMessage(routeBytes(spec)); if (message.kind !== 'route') throw new Error('no route'); return message.route; };
const ask = (flags: number, more: Partial<RouteSpec> = {}): Uint8Array => routeBytes({ ...STATIC, ...more, flags });

describe('request, headline and target', () => {
  test.each<[string, Uint8Array | Attempt['asked'], string, string]>([
    ['route add', ask(0x605), 'route add', 'add route 198.51.100.0/24 via 192.0.2.9 dev eth0'],
    ['route replace', ask(0x505), 'route replace', 'replace route 198.51.100.0/24 via 192.0.2.9 dev eth0'],
    ['route change', ask(0x105), 'route change', 'change route'],
    ['route append', ask(0xc05), 'route append', 'append route'],
    ['route prepend', ask(0x405), 'route prepend', 'prepend route'],
    ['route delete', ask(5, { deleted: true }), 'route delete', 'delete route'],
    ['a route of a VRF', ask(0x605, { table: 1001 }), 'route add', 'dev eth0 table red:'],
    ['a route with several legs', routeBytes({ dst: '10.0.0.0/8', legs: [{ dev: 4 }, { dev: 5 }], flags: 0x605 }), 'route add', 'add route 10.0.0.0/8 via 2 nexthops:'],
    ['a route by nexthop object', routeBytes({ dst: '10.0.0.0/8', nhid: 7, flags: 0x605 }), 'route add', 'add route 10.0.0.0/8 nhid 7:'],
    ['rule add', withFlags(ruleBytes(32, 5), 0x605), 'rule add', 'add rule 5: from all'],
    ['rule delete', ruleBytes(33, 5), 'rule delete', 'delete rule 5: from all:'],
    ['address add', withFlags(addressBytes(20, '192.0.2.1/24', 4), 0x605), 'address add', 'add address 192.0.2.1/24 dev eth0:'],
    ['address change', withFlags(addressBytes(20, '192.0.2.1/24', 9), 0x105), 'address change', 'change address 192.0.2.1/24 dev ifindex 9:'],
    ['address delete', addressBytes(21, '192.0.2.1/24', 4), 'address delete', 'delete address'],
    ['link add', withFlags(linkBytes(16, 0, { name: 'd0' }), 0x605), 'link add', 'add link d0:'],
    ['link set', withFlags(linkBytes(16, 4, {}), 5), 'link set', 'set link eth0:'],
    ['link delete', linkBytes(17, 9, {}), 'link delete', 'delete link ifindex 9:'],
    ['nexthop add', nexthopBytes(5, { flags: 0x605 }), 'nexthop add', 'add nexthop id 5:'],
    ['nexthop replace', nexthopBytes(5, { flags: 0x505 }), 'nexthop replace', 'replace nexthop id 5:'],
    ['a nexthop without a number', nexthopBytes(0, { flags: 0x605 }), 'nexthop add', 'add a nexthop:'],
    ['a route of a family that is not decoded', b.message(24, [28, 20, 0, 0, 254, 3, 0, 1, ...b.u32(0)]), 'route add', 'add a route:'],
    ['ioctl', { kind: 'ioctl', request: 'SIOCDELRT' }, 'ioctl SIOCDELRT', 'delete a route by ioctl SIOCDELRT:'],
  ])('%s', (_case, asked, request, headline) => {
    const record = explain(asked, 17);
    expect(record.request).toBe(request);
    expect(record.headline).toContain(headline);
    expect(record.headline).toMatch(/^ip\[5\] could not .*: File exists \(EEXIST\)$/);
  });

  test('the kernel\'s own words stand before those of the error', () => {
    const record = explain(ask(0x605), 101, { message: 'Nexthop has invalid gateway' });
    expect(record).toMatchObject({ errno: 101, error: 'ENETUNREACH', message: 'Nexthop has invalid gateway', route: { dst: '198.51.100.0/24', dev: 'eth0', gateway: '192.0.2.9' }, netns: { inode: NETNS.inode } });
    expect(record.headline).toMatch(/: Nexthop has invalid gateway \(ENETUNREACH\)$/);
    expect(record).not.toHaveProperty('target');
    expect(explain(ask(0x605), 17)).not.toHaveProperty('message');
  });

  test('what is neither route nor rule has a target', () => {
    expect(explain(addressBytes(20, '192.0.2.1/24', 4), 17)).toMatchObject({ target: '192.0.2.1/24 dev eth0' });
    expect(explain(ruleBytes(33, 5), 2)).toMatchObject({ rule: { priority: 5, text: '5: from all' } });
    expect(explain({ kind: 'ioctl', request: 'SIOCDELRT' }, 3)).not.toHaveProperty('target');
  });
});

describe('advice', () => {
  const advice = (asked: Uint8Array | Attempt['asked'], errno: number, more: Partial<Attempt> = {}): string => (explain(asked, errno, more).advice ?? []).join('\n');
  test.each<[string, string, RegExp]>([
    ['EEXIST names what is there', advice(ask(0x605), 17, { existing: [routeOf({ ...STATIC, via: '192.0.2.7', protocol: 186, metric: 20 })] }), /198\.51\.100\.0\/24 via 192\.0\.2\.7 dev eth0 proto bgp metric 20\.[^]*ip route replace/],
    ['EEXIST, where that is not known, says how to look', advice(ask(0x605), 17), /ip route show table all 198\.51\.100\.0\/24/],
    ['ESRCH of a delete', advice(ask(5, { deleted: true }), 3), /No route fits all/],
    ['IPv6 is looked up as such', advice(routeBytes({ dst: '2001:db8::/48', deleted: true }), 3), /ip -6 route show/],
    ['ENOENT of a change', advice(ask(0x105), 2), /ip route replace/],
    ['ENETUNREACH names the gateway', advice(ask(0x605), 101), /connected way to 192\.0\.2\.9/],
    ['EHOSTUNREACH too', advice(ask(0x605), 113), /connected way to 192\.0\.2\.9/],
    ['ENETDOWN names the device', advice(ask(0x605), 100), /Set eth0 up/],
    ['ENODEV', advice(ask(0x605), 19), /no such device/],
    ['EPERM, whatever was asked', advice({ kind: 'ioctl', request: 'SIOCADDRT' }, 1), /CAP_NET_ADMIN/],
    ['a rule that is not there', advice(ruleBytes(33, 5), 2), /ip rule show/],
    ['a rule that is there', advice(ruleBytes(32, 5), 17), /equal rule/],
    ['an address that is there', advice(addressBytes(20, '192.0.2.1/24', 4), 17), /ip address show to 192\.0\.2\.1/],
    ['an address that is not there', advice(addressBytes(21, '192.0.2.1/24', 4), 99), /has no 192\.0\.2\.1\/24/],
    ['a nexthop object that is there', advice(nexthopBytes(5, { flags: 0x605 }), 17), /nexthop object 5 already/],
  ])('%s', (_case, told, expected) => { expect(told).toMatch(expected); });

  test.each<[string, string]>([
    ['EINVAL: the kernel\'s words say it', advice(ask(0x605), 22, { message: 'Nexthop id does not exist' })], ['ENETUNREACH without a gateway', advice(routeBytes({ dst: '10.0.0.0/8', dev: 4, flags: 0x605 }), 101)],
    ['ESRCH of an add', advice(ask(0x605), 3)], ['ENOENT of an add', advice(ask(0x605), 2)], ['a link', advice(linkBytes(16, 4, {}), 17)], ['an ioctl', advice({ kind: 'ioctl', request: 'SIOCADDRT' }, 17)],
  ])('none for %s', (_case, told) => { expect(told).toBe(''); });

  test('a replace that is refused is not told to replace', () => {
    expect(advice(ask(0x505), 17)).not.toContain('ip route replace');
  });
});

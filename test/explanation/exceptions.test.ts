import { describe, expect, test } from 'vitest';
import { createExplainer } from '../../src/explanation/explain.ts';
import type { ExceptionOutput } from '../../src/model/output.ts';
import { exceptionSchema } from '../../src/report/schema.ts';
import { allAttributions } from '../attribution/verdicts.ts';
import { excepted, SOFTIRQ_ON_TASK, story, SYSCALL, weave, type ExceptionSpec } from '../attribution/build.ts';
import { linkBytes } from '../attribution/encode.ts';
import { at, task } from '../model/build.ts';

const before = [linkBytes(16, 3, { name: 'eth0' })];
const ping = task(4711, 'ping');

function told(fn: string, spec: ExceptionSpec, frames: readonly string[]): ExceptionOutput {
  const explainer = createExplainer(0n);
  explainer.observe({ kind: 'name', source: 'host', time: at(1), of: 'netns', id: 'cookie:1', name: 'blue' });
  const records = allAttributions(weave(story(excepted(ping, 2000, fn, spec, frames)), { before })).map(one => explainer.explain(one));
  const [record] = records.filter(one => one.kind === 'exception');
  if (record === undefined || records.length !== 1) throw new Error(JSON.stringify(records));
  expect(explainer.summary()).toMatchObject({ changes: 0, caused: 0, unknown: 0 });
  return record;
}

const FNHE = 'update_or_create_fnhe';
const redirect = told(FNHE, { dst: '198.51.100.1', gateway: '192.0.2.2', packet: { ms: 1999, type: 5, from: '192.0.2.1' } }, [FNHE, '__ip_do_redirect', 'icmp_redirect', 'icmp_rcv', ...SOFTIRQ_ON_TASK]);
const onLink = told('rt6_insert_exception', { dst: '2001:db8::7', packet: { ms: 1999, type: 137, from: 'fe80::1' } }, ['rt6_insert_exception', 'rt6_do_redirect', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK]);
const tooBig = told(FNHE, { dst: '198.51.100.1', mtu: 1400, lifetime: 600, packet: { ms: 1999, type: 3, from: '192.0.2.9', mtu: 1400 } }, [FNHE, '__ip_rt_update_pmtu', 'icmp_unreach', 'icmp_rcv', ...SOFTIRQ_ON_TASK]);
const locked = told(FNHE, { dst: '198.51.100.1', mtu: 552, packet: { ms: 1999, type: 3, from: '192.0.2.9', mtu: 300 } }, [FNHE, '__ip_rt_update_pmtu', 'icmp_unreach', 'icmp_rcv', ...SOFTIRQ_ON_TASK]);
const tunnel = told(FNHE, { dst: '198.51.100.1', mtu: 1476 }, [FNHE, '__ip_rt_update_pmtu', 'ip_tunnel_xmit', 'dev_hard_start_xmit', ...SYSCALL]);
const unknown = told(FNHE, { dst: '198.51.100.1', mtu: 1476 }, [FNHE, '__ip_rt_update_pmtu', 'sctp_transport_update_pmtu', ...SYSCALL]);
const all = { redirect, onLink, tooBig, locked, tunnel, unknown };

describe.each(Object.entries(all))('%s', (_case, record) => {
  test('is told in a record that the schema allows', () => { expect(exceptionSchema.safeParse(record)).toMatchObject({ success: true }); });
  test('is explained in steps from the act to the effect', () => {
    expect(record.steps.length).toBeGreaterThan(1);
    expect(record.steps.map(step => step.depth)).toEqual(record.steps.map((_, i) => i));
    expect(JSON.stringify(record)).not.toMatch(/undefined|ping|4711,/);
  });
});

test('a redirect tells the new gateway, and whose word it is', () => {
  expect(redirect).toMatchObject({
    kind: 'exception', event: 'redirect', family: 'ipv4', dst: '198.51.100.1/32', gateway: '192.0.2.2', dev: 'eth0', ifindex: 3, netns: { name: 'blue' }, expires: 300,
    verdict: 'caused', confidence: 'proved', cause: { id: 'icmp-redirect' }, trigger: { kind: 'icmp-redirect', source: '192.0.2.1' }, actor: { kind: 'router', address: '192.0.2.1' },
    headline: 'router 192.0.2.1 sent a redirect: packets to 198.51.100.1 now go via 192.0.2.2, whatever the routes say',
  });
  expect(redirect.advice?.[0]).toContain('ip route flush cache');
  expect('mtu' in redirect).toBe(false);
});

test('an IPv6 redirect may say that the destination is on the link', () => {
  expect('gateway' in onLink || 'expires' in onLink).toBe(false);
  expect(onLink.headline).toContain('to it directly, on the link');
  expect(onLink.advice?.[0]).toContain('ip -6 route flush cache');
});

test('a path MTU tells the packet that it comes from', () => {
  expect(tooBig).toMatchObject({ event: 'path-mtu', mtu: 1400, expires: 600, trigger: { kind: 'icmp-too-big', source: '192.0.2.9', mtu: 1400 }, actor: { kind: 'router', address: '192.0.2.9' } });
  expect(tooBig.headline).toBe('the path MTU to 198.51.100.1 is 1400 now: router 192.0.2.9 reported that a packet was too big for its next link (MTU 1400)');
});

test('the MTU of the packet may be less than what the kernel goes down to', () => {
  expect(locked).toMatchObject({ mtu: 552, trigger: { mtu: 300 } });
});

test('a tunnel of this host is nobody else\'s doing, and is not called proved', () => {
  expect(tunnel).toMatchObject({ confidence: 'likely', trigger: { kind: 'unknown' }, actor: { kind: 'kernel' } });
  expect(tunnel.headline).toContain('a tunnel or IPsec on this host');
  expect(unknown).toMatchObject({ confidence: 'likely', trigger: { kind: 'unknown' }, actor: { kind: 'unknown' } });
  expect(unknown.headline).toContain('not known by whom');
});

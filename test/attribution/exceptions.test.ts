import { describe, expect, test } from 'vitest';
import type { AttributionOf } from '../../src/model/attribution.ts';
import type { Observation } from '../../src/model/observation.ts';
import { lost, OTHER_NETNS, task } from '../model/build.ts';
import { excepted, flushed, SOFTIRQ_ON_TASK, story, SYSCALL, weave, type ExceptionSpec, type WeaveOptions } from './build.ts';
import { routeBytes } from './encode.ts';
import { allAttributions } from './verdicts.ts';

type Exception = AttributionOf<'exception'>;
const tell = (list: readonly Observation[], options?: WeaveOptions): Exception[] =>
  allAttributions(weave(story(list), options)).filter(one => one.subject === 'exception');

/** Interrupted, or sending: in no case the one who did it. */
const ping = task(4711, 'ping');
const [FNHE, INSERT, UPDATE] = ['update_or_create_fnhe', 'rt6_insert_exception', 'rt6_do_update_pmtu'];

const REDIRECT4 = [FNHE, '__ip_do_redirect', 'ip_do_redirect', 'ipv4_redirect', 'icmp_err', 'icmp_socket_deliver', 'icmp_redirect', 'icmp_rcv', ...SOFTIRQ_ON_TASK];
const MTU4 = [FNHE, '__ip_rt_update_pmtu', 'ipv4_update_pmtu', 'icmp_err', 'icmp_socket_deliver', 'icmp_unreach', 'icmp_rcv', ...SOFTIRQ_ON_TASK];
const REDIRECT6 = [INSERT, 'rt6_do_redirect', 'ip6_redirect', 'icmpv6_err', 'icmpv6_notify', 'ndisc_rcv', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK];
const MTU6 = [INSERT, '__ip6_rt_update_pmtu', 'ip6_update_pmtu', 'icmpv6_err', 'icmpv6_notify', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK];
/** icmpv6_notify jumps to raw6_icmp_error: its own frame is gone. */
const MTU6_RAW = [INSERT, '__ip6_rt_update_pmtu', 'ip6_update_pmtu', 'ip6_sk_update_pmtu', 'rawv6_err', 'raw6_icmp_error', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK];
const LOWER6 = [UPDATE, ...MTU6.slice(1)];
const TUNNEL = [FNHE, '__ip_rt_update_pmtu', 'ip_rt_update_pmtu', 'ip_tunnel_xmit', 'ipgre_xmit', 'dev_hard_start_xmit', '__dev_queue_xmit', 'ip_finish_output2', 'ip_output', 'raw_sendmsg', ...SYSCALL];
/** A segment sent again because of the message goes through a tunnel, which finds out something of its own. */
const TUNNEL_WITHIN = [...TUNNEL.slice(0, 9), 'tcp_simple_retransmit', 'tcp_v4_err', 'icmp_socket_deliver', 'icmp_unreach', 'icmp_rcv', ...SOFTIRQ_ON_TASK];
const TUN_WRITER = [...MTU4.slice(0, 7), '__netif_receive_skb', 'tun_get_user', 'tun_chr_write_iter', 'vfs_write', ...SYSCALL];
const BUSY_TCP = [FNHE, '__ip_rt_update_pmtu', 'ip_rt_update_pmtu', 'inet_csk_update_pmtu', 'tcp_v4_mtu_reduced', 'tcp_release_cb', 'release_sock', 'tcp_sendmsg', ...SYSCALL];
const SCTP = [FNHE, '__ip_rt_update_pmtu', 'ip_rt_update_pmtu', 'sctp_transport_update_pmtu', 'sctp_sendmsg', ...SYSCALL];

const redirect4: ExceptionSpec = { dst: '198.51.100.1', gateway: '192.0.2.2', packet: { ms: 1999.9, type: 5, from: '192.0.2.1', quoted: '198.51.100.1' } };
const mtu4: ExceptionSpec = { dst: '198.51.100.1', mtu: 1400, lifetime: 600, packet: { ms: 1999.9, type: 3, from: '192.0.2.9', quoted: '198.51.100.1', mtu: 1400 } };
const redirect6: ExceptionSpec = { dst: '2001:db8:2::1', gateway: 'fe80::2', packet: { ms: 1999.9, type: 137, from: 'fe80::1' } };
const mtu6: ExceptionSpec = { dst: '2001:db8:2::1', mtu: 1400, lifetime: 600, packet: { ms: 1999.9, type: 2, from: '2001:db8::9', quoted: '2001:db8:2::1', mtu: 1400 } };
const unasked: ExceptionSpec = { dst: '198.51.100.1', mtu: 1400, lifetime: 600 };

/** What matters: the exception, how sure, by what, from whom. */
const short = ({ change, verdict }: Exception): unknown[] => [
  change.event, change.dst, change.gateway ?? change.mtu ?? 'on link',
  ...(verdict.kind === 'caused' ? [verdict.confidence, verdict.trigger.kind, 'source' in verdict.trigger ? verdict.trigger.source : '', verdict.facts.act.actor.kind, verdict.facts.act.actor.address ?? ''] : [verdict.kind]),
];
const local = (address: string): WeaveOptions => ({ before: [routeBytes({ dst: `${address}/32`, table: 255, type: 2, dev: 1 })] });

describe('an exception to the routes', () => {
  test.each<[string, string, ExceptionSpec, readonly string[] | undefined, unknown[], WeaveOptions?]>([
    ['an IPv4 redirect', FNHE, redirect4, REDIRECT4, ['redirect', '198.51.100.1/32', '192.0.2.2', 'proved', 'icmp-redirect', '192.0.2.1', 'router', '192.0.2.1']],
    ['an IPv4 path MTU', FNHE, mtu4, MTU4, ['path-mtu', '198.51.100.1/32', 1400, 'proved', 'icmp-too-big', '192.0.2.9', 'router', '192.0.2.9']],
    ['an IPv6 redirect', INSERT, redirect6, REDIRECT6, ['redirect', '2001:db8:2::1/128', 'fe80::2', 'proved', 'icmp-redirect', 'fe80::1', 'router', 'fe80::1']],
    ['an IPv6 redirect to the link', INSERT, { dst: redirect6.dst, packet: { ms: 1999.9, type: 137, from: 'fe80::1' } }, REDIRECT6, ['redirect', '2001:db8:2::1/128', 'on link', 'proved', 'icmp-redirect', 'fe80::1', 'router', 'fe80::1']],
    ['an IPv6 path MTU', INSERT, mtu6, MTU6, ['path-mtu', '2001:db8:2::1/128', 1400, 'proved', 'icmp-too-big', '2001:db8::9', 'router', '2001:db8::9']],
    ['an IPv6 path MTU heard by a raw socket', INSERT, mtu6, MTU6_RAW, ['path-mtu', '2001:db8:2::1/128', 1400, 'proved', 'icmp-too-big', '2001:db8::9', 'router', '2001:db8::9']],
    ['an IPv6 path MTU that becomes smaller still', UPDATE, mtu6, LOWER6, ['path-mtu', '2001:db8:2::1/128', 1400, 'proved', 'icmp-too-big', '2001:db8::9', 'router', '2001:db8::9']],
    ['a message that a VPN program wrote to its device', FNHE, mtu4, TUN_WRITER, ['path-mtu', '198.51.100.1/32', 1400, 'proved', 'icmp-too-big', '192.0.2.9', 'router', '192.0.2.9']],
    ['a tunnel of this host', FNHE, unasked, TUNNEL, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'unknown', '', 'kernel', '']],
    ['a tunnel of this host, after a message to the same CPU', FNHE, mtu4, TUNNEL, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'unknown', '', 'kernel', '']],
    ['a tunnel of this host, while a message is worked on', FNHE, mtu4, TUNNEL_WITHIN, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'unknown', '', 'kernel', '']],
    ['a message from this host to itself', FNHE, mtu4, MTU4, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'icmp-too-big', '192.0.2.9', 'kernel', ''], local('192.0.2.9')],
    ['a busy connection that had the message before', FNHE, mtu4, BUSY_TCP, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'icmp-too-big', '192.0.2.9', 'router', '192.0.2.9']],
    ['a busy connection; the last message was about another address', FNHE, { ...mtu4, packet: { ms: 1999.9, type: 3, from: '192.0.2.9', quoted: '198.51.100.7', mtu: 1400 } }, BUSY_TCP, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'icmp-too-big', '', 'unknown', '']],
    ['a busy connection; the last message told another MTU', FNHE, { ...mtu4, packet: { ms: 1999.9, type: 3, from: '192.0.2.9', quoted: '198.51.100.1', mtu: 1300 } }, BUSY_TCP, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'icmp-too-big', '', 'unknown', '']],
    ['a busy connection; the last message was long ago', FNHE, { ...mtu4, packet: { ms: 900, type: 3, from: '192.0.2.9', quoted: '198.51.100.1', mtu: 1400 } }, BUSY_TCP, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'icmp-too-big', '', 'unknown', '']],
    ['a path that is not known', FNHE, mtu4, SCTP, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'unknown', '', 'unknown', '']],
    ['no stack', FNHE, mtu4, undefined, ['path-mtu', '198.51.100.1/32', 1400, 'likely', 'unknown', '', 'unknown', '']],
    ['a redirect without a stack', FNHE, redirect4, undefined, ['redirect', '198.51.100.1/32', '192.0.2.2', 'likely', 'icmp-redirect', '', 'unknown', '']],
    ['a redirect whose packet was not noted', FNHE, { dst: '198.51.100.1', gateway: '192.0.2.2' }, REDIRECT4, ['redirect', '198.51.100.1/32', '192.0.2.2', 'likely', 'icmp-redirect', '', 'unknown', '']],
    ['a redirect, where the packet noted is of another kind', FNHE, { ...redirect4, packet: { ms: 1999.9, type: 3, from: '192.0.2.9' } }, REDIRECT4, ['redirect', '198.51.100.1/32', '192.0.2.2', 'likely', 'icmp-redirect', '', 'unknown', '']],
  ])('%s', (_case, fn, spec, frames, expected, options) => {
    const [one, ...more] = tell(excepted(ping, 2000, fn, spec, frames), options);
    expect(more).toEqual([]);
    expect(one && short(one)).toEqual(expected);
    expect(Object.keys(one?.verdict.kind === 'caused' ? one.verdict.facts.act.actor : {}).filter(key => key !== 'address')).toEqual(['kind']);
  });

  test('is less sure after a loss', () => {
    expect(tell([lost(1900, 1950), ...excepted(ping, 2000, FNHE, redirect4, REDIRECT4)]).map(one => short(one)[3])).toEqual(['likely']);
  });
  test('one message that concerns several legs is one act', () => {
    const legs = [3, 4].flatMap((dev, i) => excepted(ping, 2000 + i / 10, FNHE, { ...mtu4, dev }, MTU4));
    const told = tell(legs);
    expect(told.map(({ change }) => change.ifindex)).toEqual([3, 4]);
    expect(new Set(told.map(({ verdict }) => verdict.kind === 'caused' && verdict.facts.act.id)).size).toBe(1);
  });
});

describe('a refresh', () => {
  const at4 = (ms: number, more: Partial<ExceptionSpec> = {}): Observation[] => excepted(ping, ms, FNHE, { ...redirect4, lifetime: 3, ...more, packet: { ms: ms - 0.1, type: 5, from: '192.0.2.1' } }, REDIRECT4);
  const at6 = (ms: number, more: Partial<ExceptionSpec> = {}): Observation[] => excepted(ping, ms, INSERT, { ...redirect6, ...more }, REDIRECT6);
  const count = (list: readonly Observation[]): number => tell(list).length;

  test.each<[string, readonly Observation[], number]>([
    ['of the same value is not told', [...at4(2000), ...at4(3000)], 1],
    ['makes it last longer', [...at4(2000), ...at4(4000), ...at4(6000)], 1],
    ['after its end is told', [...at4(2000), ...at4(5001)], 2],
    ['with another value is told', [...at4(2000), ...at4(3000, { gateway: '192.0.2.3' })], 2],
    ['with the first value again is told', [...at4(2000), ...at4(2500, { gateway: '192.0.2.3' }), ...at4(3000)], 3],
    ['of another destination is told', [...at4(2000), ...at4(3000, { dst: '198.51.100.2' })], 2],
    ['in another namespace is told', [...at4(2000), ...at4(3000, { netns: OTHER_NETNS })], 2],
    ['after the exceptions were flushed is told', [...at4(2000), ...at4(3000, { genid: 1 })], 2],
    ['after routes went is told', [...at4(2000), ...flushed(ping, 2500, { dst: '203.0.113.0/24', dev: 3 }, undefined), ...at4(3000)], 2],
    ['of an IPv6 redirect is told, as it is made anew', [...at6(2000), ...at6(3100)], 2],
    ['by the same IPv6 packet is not told', [...at6(2000), ...at6(2000.1)], 1],
  ])('%s', (_case, list, expected) => { expect(count(list)).toBe(expected); });
});

test('what makes no sense is not told', () => {
  const record = excepted(ping, 2000, UPDATE, { dst: '2001:db8::1', mtu: 0 }, LOWER6);
  expect(tell(record)).toEqual([]);
});

import { PassThrough } from 'node:stream';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OutputRecord } from '../../src/model/output.ts';
import { createPlain } from '../../src/report/plain.ts';
import { createPlainText, type PlainOptions } from '../../src/report/plain-text.ts';
import { anycast, anycastLocal, hostile, redirect, refused, session, silentDelete, story, summary, tooBig, unexplained } from './records.ts';

const UTF8 = { LANG: 'C.UTF-8' };
const print = (records: readonly OutputRecord[], options: PlainOptions = { env: UTF8 }): readonly string[] => {
  const text = createPlainText(options);
  return records.flatMap((record) => text.push(record));
};

describe('createPlainText', () => {
  test('tells a session', () => {
    expect(print([...story, summary]).join('\n')).toMatchInlineSnapshot(`
      "routecause 0.1.0 watches fw1 (Linux 6.1.0-18-amd64), all network namespaces, tracing by bpftrace: bpftrace 0.17.0 with kprobes; times are UTC
      12:03:01.000  ready: what changes from now on is seen
      12:03:04.123  + anycast fdc0:3489:e0fd::/128 dev vrf1 table 1001 (vrf1) netns 4026531840  proved  subnet-router anycast: sysctl[4242] wrote net.ipv6.conf.all.forwarding 0 -> 1, so fdc0:3489:e0fd:: on vrf1 is now an address of this host
                    by     sysctl[4242]  uid 0 (root)  unit session-3.scope
                    ran    sysctl -w net.ipv6.conf.all.forwarding=1
                    from   bash[4100] < sshd[4001] < systemd[1]
                    advice do not use fdc0:3489:e0fd:: as a unicast address: number the link with a /127 (RFC 6164) or use another address
                    advice until then: sysctl -w net.ipv6.conf.all.forwarding=0
      12:03:04.123    + anycast fe80::/128 dev vrf2 table 1002 (vrf2) netns 4026531840  proved
      12:03:09.500  -! 198.51.100.0/24 via 192.0.2.1 dev eth1 netns blue  silent  likely  eth1 went down: 198.51.100.0/24 left table main without a notification
                    by     the kernel itself
                    or     last address removed: whether an address message precedes the link message
                    but    the return probe of the root call is not armed on this kernel
      12:03:12.500  LOST 3 events (bpftrace: perf buffer) between 12:03:11.000 and 12:03:12.500; verdicts in between may be incomplete
      12:03:12.000  ~ 0.0.0.0/0 via {192.0.2.1 dev eth0, 192.0.2.2 dev eth1 weight 2 linkdown} netns 4026531840  unknown (events were lost around it)  default route replaced; events were lost around it
      4 changes: 3 caused, 1 unknown, 1 silent; 3 events lost"
    `);
  });
  test('tells a refused request, and counts nothing for it', () => {
    expect(print([session, refused]).slice(1)).toEqual([
      '12:03:13.250  \u00d7 route add 203.0.113.0/24 via 192.0.2.1 netns blue  proved  zebra[812] could not add route 203.0.113.0/24 via 192.0.2.1: Nexthop has invalid gateway (ENETUNREACH)',
      '              by     zebra[812]  uid 101  unit frr.service', '              ran    /usr/lib/frr/zebra -d',
      '              advice The kernel finds no directly connected way to 192.0.2.1: see ip route get 192.0.2.1.',
    ]);
    const { route: _, ...other } = { ...refused, target: 'eth0' };
    expect(print([{ ...other, request: 'link set' }], { env: { LC_ALL: 'C' } })[0]).toContain('  x link set eth0  proved');
    expect(print([{ ...other, request: 'rule delete', target: undefined as never, rule: { family: 'ipv6', priority: 5, action: 'unspec', table: 0, text: '5: from all', netns: refused.netns } }])[0]).toContain(' -6 rule delete 5: from all  ');
  });
  test('of a route that loses a leg and stays, the leg is what went', () => {
    const leg = { gateway: '2001:db8:2::2', dev: 'd1', ifindex: 3, weight: 1 };
    const { dev: _, ...route } = { ...anycast.route, type: 'unicast', dst: '2001:db8:9::/48', table: 254, gateway: '2001:db8:1::2', dev: 'd0' };
    const lines = [{ ...route, dev: 'd0', legs: [leg] }, { ...route, nexthops: [leg, leg, leg], legs: [leg, leg] }].map((one, at) => print([{ ...anycast, origin: `o${at}`, change: 'delete', route: one }])[0]);
    expect(lines[0]).toContain('- 2001:db8:9::/48 via 2001:db8:2::2 dev d1  proved');
    expect(lines[1]).toContain('- 2001:db8:9::/48 via {2001:db8:2::2 dev d1, 2001:db8:2::2 dev d1}  proved');
  });
  test('a later change of the same act by another cause says what it is, and what to do, once', () => {
    const lost = { ...anycast, id: 'x', cause: { id: 'link-down', title: 'device went down' }, headline: 'the default route went', advice: [...anycast.advice ?? [], 'set it again'] };
    expect(print([anycast, lost, lost]).slice(-4).map(line => line.trim())).toEqual([
      expect.stringContaining('proved'), 'what   the default route went', 'advice set it again', expect.stringContaining('proved'),
    ]);
    const doubtful = { ...lost, rivals: silentDelete.rivals ?? [], caveats: ['one'] };
    expect(print([anycast, doubtful]).slice(-2).map(line => line.trim())).toEqual(['or     last address removed: whether an address message precedes the link message', 'but    one']);
    // The same cause for another device has other words, and nothing new to say.
    expect(print([anycast, { ...lost, cause: anycast.cause }]).at(-1)).not.toContain('advice');
  });
  test('a later change of an earlier act says which', () => {
    expect(print([anycast, silentDelete, anycastLocal]).at(-1)).toContain(`(with 12:03:04.123 ${anycast.headline})`);
  });
  test('signs: append, present, silent', () => {
    const [append = '', present = '', silent = ''] = [{ ...anycast, change: 'append' } as const, { ...anycast, origin: 'p', kind: 'route-present' } as const, silentDelete]
      .map((record) => print([record])[0]);
    expect(append).toContain('  \u00bb anycast');
    expect(present).toContain('  = anycast');
    expect(silent).toContain('  -! 198.51.100.0/24');
  });
  test('an exception to the routes has a sign of its own, and says who and what to do', () => {
    expect(print([redirect, tooBig]).join('\n')).toMatchInlineSnapshot(`
      "12:03:15.000  ^ redirect 203.0.113.7/32 via 192.0.2.3 dev eth0  proved  router 192.0.2.1 sent a redirect: packets to 203.0.113.7 now go via 192.0.2.3, whatever the routes say
                    by     router 192.0.2.1
                    advice ip route flush cache
      12:03:16.000  ^ path-mtu 2001:db8::7/128 mtu 1400  likely  the path MTU to 2001:db8::7 is 1400 now
                    by     the kernel itself"
    `);
  });
  test('is ASCII where the locale is', () => {
    const lines = print([{ ...anycast, change: 'append', headline: 'h\u00e9' }], { env: { LC_ALL: 'C' } });
    expect(lines.join('')).toMatch(/^[ -~]*$/);
    expect(lines[0]).toContain('  > anycast');
    expect(lines[0]).toContain('h\\xe9');
  });
  test('has colour only where it was asked for and nothing forbids it', () => {
    const hasEscape = (options: PlainOptions) => print([anycast], options).some((line) => line.includes('\x1b'));
    expect(hasEscape({ env: UTF8 })).toBe(false);
    expect(hasEscape({ env: UTF8, color: true })).toBe(true);
    expect(hasEscape({ env: { ...UTF8, NO_COLOR: '1' }, color: true })).toBe(false);
  });
  test('cuts long command lines and says so', () => {
    const ran = print([hostile]).find((line) => line.includes(' ran '));
    expect(ran).toMatch(/AAA\.\.\. \[\d+ more characters\]$/);
  });
  test('names the namespace only where several are watched', () => {
    expect(print([session, silentDelete])[1]).toContain('netns blue');
    expect(print([{ ...session, netns: { inode: 1, name: 'blue' } }, silentDelete])[1]).not.toContain('netns blue');
  });
  test('prints no control character of whatever text', () => fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
    const lines = print([{ ...unexplained, headline: text, actor: { kind: 'process', comm: text, argv: [text], unit: text }, advice: [text], caveats: [text] }]);
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  })));
});

test('createPlain writes lines', async () => {
  const stream = new PassThrough();
  const sink = createPlain(stream, { env: UTF8 });
  sink.show(summary);
  await sink.close();
  expect(String(stream.read())).toBe('4 changes: 3 caused, 1 unknown, 1 silent; 3 events lost\n');
});

test.each([[0, ''], [1, '; not seen here: a'], [3, '; not seen here: a, b, c'], [4, '; 4 causes cannot be seen here']])('the first line of a session that cannot see %i causes', (count, told) => {
  const blind = ['a', 'b', 'c', 'd'].slice(0, count).map(cause => ({ cause, missing: ['tracing'] }));
  const [line = ''] = createPlainText().push({ ...session, coverage: { ...session.coverage, blind } });
  expect(line.endsWith(`${told}; times are UTC`)).toBe(true);
  expect(line.includes('cannot be seen')).toBe(count > 3);
});

test('a process of which only the number is known is called that', () => {
  expect(createPlainText().push({ ...unexplained, actor: { kind: 'process', pid: 17, ancestry: [{ pid: 9, comm: 'bash' }, { pid: 7 }] } }).map(line => line.trim().replace(/ +/g, ' ')))
    .toEqual(expect.arrayContaining(['by process 17', 'from bash[9] < process 7']));
});

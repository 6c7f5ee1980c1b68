import { describe, expect, test } from 'vitest';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { shortAnswer, unsaid } from './said.ts';
import { openStage, settled } from './stage.ts';

const title = (text: string): string => `${text}${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`;

describe.skipIf(SKIP_REASON !== undefined)(title('IPv4 anycast'), () => {
  test('says where it is listed, what it does, how to remove it, and what answers after that', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0; ip route add anycast 192.0.2.4 dev d0 table local');
    expect(stage.run('ip route list match 192.0.2.4')).not.toContain('192.0.2.4 ');
    const answer = await stage.ask('192.0.2.4');
    expect(shortAnswer(answer)).toEqual([
      'read: 192.0.2.4 goes out by d0: anycast 192.0.2.4/32, table local.',
      'inferred: Added by hand, by a script or by an ioctl: its protocol is boot.',
      'read: Rule 0 asked table local; 1 other route leads there, not taken.',
    ]);
    const remove = `ip -n ${stage.name} route del anycast 192.0.2.4/32 dev d0 table 255`;
    expect(unsaid(answer, [
      'read: It is in table local (255): ip route show table 255 lists it', 'read: The kernel makes no IPv4 anycast routes by itself',
      'loser 192.0.2.0/24 table main: rule 32766 leads to its table, but an earlier rule has answered', `advice: To remove it: ${remove}`,
    ])).toEqual([]);
    expect(answer.meanings.find(({ topic }) => topic === 'type')).toMatchObject({ key: 'anycast', text: expect.arrayContaining([expect.stringContaining('The kernel makes none by itself')]) });
    stage.run(remove);
    expect(shortAnswer(await stage.ask('192.0.2.4'))).toEqual([
      'read: 192.0.2.4 goes out by d0: route 192.0.2.0/24, table main.',
      'inferred: The kernel made it for address 192.0.2.1/24 on d0.',
      'read: Rule 32766 asked table main; no other route leads there.',
    ]);
  });
});

describe.skipIf(SKIP_REASON !== undefined)(title('the routes of one IPv4 address'), () => {
  const cases: readonly { readonly name: string; readonly add: string; readonly target: string; readonly says: readonly (string | RegExp)[]; readonly not?: RegExp }[] = [
    { name: '/24 without a broadcast address: no fewer', add: '192.0.2.1/24', target: '192.0.2.1', says: [/Address 192\.0\.2\.1\/24 on d0 has 3 routes in 2 tables: .*192\.0\.2\.0\/24 dev d0 table main/, 'broadcast 192.0.2.255/32 dev d0 table local'] },
    { name: '/24 brd +', add: '192.0.2.1/24 brd +', target: '192.0.2.255', says: [/is sent as a broadcast out by d0: broadcast 192\.0\.2\.255\/32, table local/, 'The kernel made it for address 192.0.2.1/24 on d0.'] },
    { name: '/31', add: '192.0.2.2/31', target: '192.0.2.2', says: ['has 2 routes in 2 tables', 'There is no broadcast route: a /31 has two addresses and no broadcast address (RFC 3021).'] },
    { name: '/32', add: '192.0.2.1/32', target: '192.0.2.1', says: ['has 1 route in 1 table', 'There is no prefix route: a /32 is nothing but the address itself.', 'There is no broadcast route: a /32 has no broadcast address.'] },
    { name: 'secondary', add: '192.0.2.1/24 dev d0; ip addr add 192.0.2.7/24', target: '192.0.2.7', says: ['has 1 route in 1 table', 'It is a secondary address: the prefix route and the broadcast route belong to the primary one, 192.0.2.1.'] },
    { name: 'prefix with a secondary address', add: '192.0.2.1/24 dev d0; ip addr add 192.0.2.7/24', target: '192.0.2.0/24', says: ['The kernel made it for address 192.0.2.1/24 on d0.', '192.0.2.7/24 on d0 is in the same prefix'] },
    { name: 'noprefixroute', add: '192.0.2.1/24 noprefixroute', target: '192.0.2.1', says: ['There is no prefix route of the kernel\'s: the address has the flag noprefixroute.'] },
    { name: 'peer', add: '192.0.2.1 peer 192.0.2.9/32', target: '192.0.2.9', says: ['The kernel made it for address 192.0.2.1 peer 192.0.2.9/32 on d0.'] },
  ];
  test.for(cases)('$name', async ({ add, target, says }) => {
    using stage = openStage(`ip addr add ${add} dev d0`);
    const answer = await stage.ask(target);
    expect({ unsaid: unsaid(answer, says), agrees: answer.kernel.agrees }).toEqual({ unsaid: [], agrees: true });
  });

  test('noprefixroute: what looks like the kernel\'s is a network manager\'s', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0 noprefixroute; ip route add 192.0.2.0/24 dev d0 proto kernel scope link src 192.0.2.1 metric 100');
    const answer = await stage.ask('192.0.2.9');
    expect(shortAnswer(answer)[1]).toBe('inferred: A network manager made it in the kernel\'s place, for 192.0.2.1/24 on d0.');
    expect(unsaid(answer, ['read: Address 192.0.2.1/24 on d0 has the flag noprefixroute'])).toEqual([]);
  });

  test('a route that only looks like one of an address: the kernel is not its first suspect', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0; ip route add 192.0.3.0/24 dev d0 proto kernel scope link');
    const answer = await stage.ask('192.0.3.1');
    expect(shortAnswer(answer)[1]).toBe('inferred: A program asked for it and marked it as one of the kernel\'s.');
  });
});

describe.skipIf(SKIP_REASON !== undefined)(title('IPv6 subnet-router anycast'), () => {
  const addresses = `ip addr add 2001:db8:1::1/64 dev d0 nodad; ip addr add 2001:db8:2::2/127 dev d0 nodad; ip addr add 2001:db8:7::1/64 dev lo nodad\n${settled('2001:db8:1::1', '2001:db8:7::1')}`;
  const on = 'sysctl -qw net.ipv6.conf.all.forwarding=1; until ip -6 route show table local | grep -q "^anycast 2001:db8:1:: "; do sleep 0.01; done';

  test.for([['2001:db8:1::', 'd0', '2001:db8:1::1'], ['2001:db8:7::', 'lo', '2001:db8:7::1']] as const)('%s on %s', async ([target, dev, address]) => {
    using stage = openStage(`${addresses}\n${on}`);
    const answer = await stage.ask(target);
    expect(shortAnswer(answer).slice(0, 2)).toEqual([
      `read: ${target} is delivered to this host: anycast ${target}/128, table local.`, `inferred: Subnet-router anycast of ${address}/64 on ${dev}, which forwards IPv6.`,
    ]);
    expect(unsaid(answer, [
      `read: net.ipv6.conf.${dev}.forwarding is 1, and so is that of all.`, `/proc/net/anycast6 counts 1 user of the address on ${dev}.`,
      'inferred: unlikely: A program joined the anycast address with a socket', 'advice: Do not give a host the first address of a prefix',
    ])).toEqual([]);
    expect(answer.references.map(({ id, section }) => `${id} ${section}`)).toContain('RFC 4291 2.6.1');
  });

  test('forwarding since switched off: the address is nobody\'s again', async () => {
    using stage = openStage(`${addresses}\n${on}\nsysctl -qw net.ipv6.conf.all.forwarding=0`);
    expect(shortAnswer(await stage.ask('2001:db8:1::')).slice(0, 2)).toEqual([
      'read: 2001:db8:1:: goes out by d0: route 2001:db8:1::/64, table main.', 'inferred: The kernel made it for address 2001:db8:1::1/64 on d0.',
    ]);
  });

  test('a prefix with a lifetime: of an address or of a router, which is not known', async () => {
    using stage = openStage(`ip addr add 2001:db8:5::1/64 dev d0 nodad valid_lft 1000 preferred_lft 900\n${settled('2001:db8:5::1')}`);
    const answer = await stage.ask('2001:db8:5::/64');
    expect(answer.origins.map(({ id, standing }) => `${id} ${standing}`)).toEqual(['address possible', 'router-advertisement possible', 'program unlikely']);
  });

  test('made by hand: /proc/net/anycast6 knows nothing of it', async () => {
    using stage = openStage(`${addresses}\nip -6 route add anycast 2001:db8:1:: dev d0 table local proto kernel metric 0`);
    const answer = await stage.ask('2001:db8:1::');
    expect(answer.origins[0]?.id).toBe('program');
    expect(unsaid(answer, ['inferred: unlikely: It would be the subnet-router anycast address', '/proc/net/anycast6 does not list the address: the kernel itself did not make this route.'])).toEqual([]);
  });

  test('a socket: counted, and its holder is not told', async () => {
    using stage = openStage(addresses);
    const join = 'import socket,struct,time; s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); s.setsockopt(41,27,socket.inet_pton(socket.AF_INET6,"2001:db8:1::abcd")+struct.pack("=I",socket.if_nametoindex("d0"))); time.sleep(60)';
    stage.run(`python3 -c '${join}' > /dev/null 2>&1 &\nuntil ip -6 route show table local | grep -q "^anycast 2001:db8:1::abcd "; do sleep 0.01; done`);
    const answer = await stage.ask('2001:db8:1::abcd');
    expect(shortAnswer(answer)[1]).toBe('inferred: A program joined the anycast address with a socket (IPV6_JOIN_ANYCAST).');
    expect(unsaid(answer, ['/proc/net/anycast6 counts 1 user of the address on d0.'])).toEqual([]);
    expect(answer.origins[0]?.said).toMatchObject({ confirm: expect.stringContaining('lists no holder') });
  });
});

import { describe, expect, test } from 'vitest';
import type { WhyQuestion } from '../../src/cli/why-question.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { shortAnswer, unsaid } from './said.ts';
import { openStage, settled } from './stage.ts';

interface Case {
  readonly name: string; readonly prepare: string; readonly target: string; readonly options?: Omit<WhyQuestion, 'target'>;
  readonly first: string; readonly says?: readonly (string | RegExp)[]; readonly outcome?: string;
}

const four = 'ip addr add 192.0.2.1/24 dev d0; ip addr add 203.0.113.1/24 dev d1';
const six = `ip addr add 2001:db8:1::1/64 dev d0 nodad; ip addr add 2001:db8:3::1/64 dev d1 nodad\n${settled('2001:db8:1::1', '2001:db8:3::1')}`;
/** A device without carrier: its peer is down. */
const unplugged = 'ip link add v0 type veth peer name v1; ip link set v0 addrgenmode none; ip link set v0 up; ip addr add 198.51.100.1/24 dev v0';
const expired = `${six}\nip -6 route add 2001:db8:9::/48 via 2001:db8:1::2 dev d0 proto ra expires 1\nwhile ip -6 route get 2001:db8:9::1 2> /dev/null | grep -q "via 2001:db8:1::2 "; do sleep 0.05; done`;

const cases: readonly Case[] = [
  {
    name: 'tables 254 and 255: local goes first', prepare: `${four}; ip route add 192.0.2.1/32 via 203.0.113.9`, target: '192.0.2.1', first: 'read: 192.0.2.1 is delivered to this host: local 192.0.2.1/32, table local.',
    says: ['loser 192.0.2.1/32 table main: rule 32766 leads to its table, but an earlier rule has answered'],
  },
  { name: 'table 253, asked last', prepare: `${four}; ip route add 10.0.0.0/8 via 192.0.2.9 table default`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.0.0.0/8, table default.', says: ['rule 32766: from all lookup main: table main has no route for it', 'It is in table default (253)'] },
  { name: 'an unnamed table that no rule leads to', prepare: `${four}; ip route add 10.1.0.0/16 via 192.0.2.9 table 4711; ip route add default via 192.0.2.8`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.8 by d0: route 0.0.0.0/0, table main.', says: ['loser 10.1.0.0/16 table 4711: no rule leads to its table'] },
  { name: 'no table at all: table 0', prepare: four, target: '10.1.1.1%d1', first: 'read: No route leads to 10.1.1.1 over d1; the kernel takes it to be on that link.' },
  {
    name: 'a rule that sends a source address elsewhere', prepare: `${four}; ip route add default via 192.0.2.9; ip route add default via 203.0.113.9 table 100; ip rule add from 203.0.113.1 lookup 100 priority 500`, target: '10.1.1.1', options: { from: '203.0.113.1' },
    first: 'read: 10.1.1.1 goes via 203.0.113.9 by d1: route 0.0.0.0/0, table 100.', says: ['rule 500: from 203.0.113.1/32 lookup 100: table 100 answers', 'loser 0.0.0.0/0 table main: rule 32766 leads to its table, but an earlier rule has answered'],
  },
  {
    name: 'the same without the source', prepare: `${four}; ip route add default via 192.0.2.9; ip route add default via 203.0.113.9 table 100; ip rule add from 203.0.113.1 lookup 100 priority 500`, target: '10.1.1.1',
    first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 0.0.0.0/0, table main.', says: ['rule 500: from 203.0.113.1/32 lookup 100: it is for other sources', 'No source address was given', 'loser 0.0.0.0/0 table 100: rule 500 leads to its table, but it is for other sources'],
  },
  { name: 'a mark', prepare: `${four}; ip route add default via 203.0.113.9 table 100; ip rule add fwmark 0x10/0xf0 lookup 100`, target: '10.1.1.1', options: { mark: 0x1f }, first: 'read: 10.1.1.1 goes via 203.0.113.9 by d1: route 0.0.0.0/0, table 100.' },
  {
    name: 'throw falls to the next rule', prepare: `${four}; ip route add throw 10.1.0.0/16 table 100; ip route add default via 203.0.113.9 table 100; ip route add default via 192.0.2.9; ip rule add lookup 100 priority 500`, target: '10.1.1.1',
    first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 0.0.0.0/0, table main.', says: ['rule 500: from all lookup 100: table 100 says throw for 10.1.0.0/16: on to the next rule', 'loser throw 10.1.0.0/16 table 100: throw: it sends the lookup on', 'loser 0.0.0.0/0 table 100: a shorter prefix'],
  },
  {
    name: 'suppress_prefixlength', prepare: `${four}; ip route add default via 192.0.2.9; ip route add default via 203.0.113.9 table 51820; ip rule add not fwmark 51820 lookup 51820 priority 32764; ip rule add lookup main suppress_prefixlength 0 priority 32763`, target: '10.1.1.1',
    first: 'read: 10.1.1.1 goes via 203.0.113.9 by d1: route 0.0.0.0/0, table 51820.', says: ['rule 32763: from all lookup main suppress_prefixlength 0: table main has 0.0.0.0/0, which is too short for this rule', 'loser 0.0.0.0/0 table main: the rule that led to it does not take it'],
  },
  { name: 'a rule that refuses', prepare: `${four}; ip rule add to 10.0.0.0/8 prohibit priority 300`, target: '10.1.1.1', first: 'read: 10.1.1.1 is refused by rule 300 with EACCES, "Permission denied".', outcome: 'refused', says: ['rule 300: from all to 10.0.0.0/8 prohibit: refuses'] },
  { name: 'goto', prepare: `${four}; ip rule add goto 32766 priority 10; ip rule add lookup 100 priority 20; ip route add default via 203.0.113.9 table 100`, target: '192.0.2.9', first: 'read: 192.0.2.9 goes out by d0: route 192.0.2.0/24, table main.', says: ['rule 10: from all goto 32766: on to rule 32766', 'rule 20: from all lookup 100: jumped over'] },
  { name: 'no rule that leads to local', prepare: `${four}; ip rule del priority 0`, target: '192.0.2.1', first: 'read: 192.0.2.1 goes out by d0: route 192.0.2.0/24, table main.', says: ['read: No rule leads to table local', 'loser local 192.0.2.1/32 table local: no rule leads to its table'] },
  { name: 'local and main as one, until a rule comes', prepare: `${four}; ip route add local 10.0.0.0/8 dev d0 table local; ip route add 10.1.0.0/16 via 192.0.2.9`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.1.0.0/16, table main.', says: ['read: No rule has ever been added here, so IPv4 asks tables local and main as one'] },
  { name: 'and since one came', prepare: `${four}; ip route add local 10.0.0.0/8 dev d0 table local; ip route add 10.1.0.0/16 via 192.0.2.9; ip rule add lookup 77; ip rule del lookup 77`, target: '10.1.1.1', first: 'read: 10.1.1.1 is delivered to this host: local 10.0.0.0/8, table local.', says: ['loser 10.1.0.0/16 table main: rule 32766 leads to its table, but an earlier rule has answered'] },
  ...([['unreachable', 'EHOSTUNREACH, "No route to host"'], ['prohibit', 'EACCES, "Permission denied"'], ['blackhole', 'EINVAL, "Invalid argument"']] as const).flatMap(([type, error]): Case[] => [
    { name: `${type}, IPv4`, prepare: `${four}; ip route add ${type} 10.0.0.0/8`, target: '10.1.1.1', first: `read: 10.1.1.1 is refused with ${error}: ${type} 10.0.0.0/8, table main.`, outcome: 'refused' },
    { name: `${type}, IPv6`, prepare: `${six}\nip -6 route add ${type} 2001:db8:9::/48`, target: '2001:db8:9::1', first: `read: 2001:db8:9::1 is refused with ${error}: ${type} 2001:db8:9::/48, table main.`, outcome: 'refused' },
  ]),
  { name: 'no route, IPv4', prepare: four, target: '10.1.1.1', first: 'read: No route leads to 10.1.1.1 (ENETUNREACH, "Network is unreachable").', outcome: 'no-route', says: ['rule 32767: from all lookup default: table default has no route for it'] },
  { name: 'no route, IPv6', prepare: six, target: '2001:db8:9::1', first: 'read: No route leads to 2001:db8:9::1 (ENETUNREACH, "Network is unreachable").', outcome: 'no-route' },
  { name: 'no route, to an address that ends in a colon', prepare: six, target: '2001:db8:9::', first: 'read: No route leads to 2001:db8:9:: (ENETUNREACH, "Network is unreachable").', outcome: 'no-route' },
  { name: 'a leg without carrier is used', prepare: `${four}; ${unplugged}; ip route add 10.0.0.0/8 via 198.51.100.9`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 198.51.100.9 by v0: route 10.0.0.0/8, table main.', says: ['Its leg over v0 has no carrier (linkdown), and is used all the same: net.ipv4.conf.v0.ignore_routes_with_linkdown is 0'] },
  {
    name: 'ignore_routes_with_linkdown', prepare: `${four}; ${unplugged}; ip route add 10.0.0.0/8 via 198.51.100.9; ip route add default via 192.0.2.9; sysctl -qw net.ipv4.conf.v0.ignore_routes_with_linkdown=1`, target: '10.1.1.1',
    first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 0.0.0.0/0, table main.', says: ['loser 10.0.0.0/8 table main: no carrier, and ignore_routes_with_linkdown is set'],
  },
  {
    name: 'ignore_routes_with_linkdown of all devices', prepare: `${four}; ${unplugged}; ip route add 10.0.0.0/8 via 198.51.100.9; ip route add default via 192.0.2.9; sysctl -qw net.ipv4.conf.all.ignore_routes_with_linkdown=1`, target: '10.1.1.1',
    first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 0.0.0.0/0, table main.', says: ['loser 10.0.0.0/8 table main: no carrier, and ignore_routes_with_linkdown is set'],
  },
  { name: 'a dead leg of several', prepare: `${four}; ip route add 10.0.0.0/8 nexthop via 192.0.2.9 nexthop via 203.0.113.9; ip link set d1 down`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.0.0.0/8, table main.', says: ['Its leg over d1 is dead: the device is down, and nothing is sent by it.'] },
  { name: 'expired, and still listed', prepare: `${expired}\nip -6 route add default via 2001:db8:3::2`, target: '2001:db8:9::1', first: 'read: 2001:db8:9::1 goes via 2001:db8:3::2 by d1: route ::/0, table main.', says: ['loser 2001:db8:9::/48 table main metric 1024: expired: ignored since, and still listed'] },
  { name: 'the expired one itself', prepare: `${expired}\nip -6 route add default via 2001:db8:3::2`, target: '2001:db8:9::/48', first: 'read: 2001:db8:9::1 (in 2001:db8:9::/48) goes via 2001:db8:3::2 by d1: route ::/0, table main.', says: ['There is 2001:db8:9::/48 via 2001:db8:1::2 dev d0 table main, and it is not used for that.', /read: It expired \d+ s ago: the kernel ignores it since/, 'Router 2001:db8:1::2 on d0 advertised it.'] },
  { name: 'router preference', prepare: `${six}\nip -6 route add default dev d0 pref low\nip -6 route append default dev d1 pref high`, target: '2001:db8:9::1', first: 'read: 2001:db8:9::1 goes out by d1: route ::/0, table main.', says: ['a lower router preference: low against high'] },
  { name: 'a higher metric', prepare: `${four}; ip route add 10.0.0.0/8 via 192.0.2.9 metric 20; ip route add 10.0.0.0/8 via 203.0.113.9 metric 30`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.0.0.0/8, table main.', says: ['a higher metric: 30 against 20'] },
  { name: 'type of service', prepare: `${four}; ip route add 10.0.0.0/8 via 192.0.2.9 tos 0x10; ip route add 10.0.0.0/8 via 203.0.113.9`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 203.0.113.9 by d1: route 10.0.0.0/8, table main.', says: ['only for type of service 0x10'] },
  { name: 'a gateway that does not answer', prepare: `${six}\nip link add v0 type veth peer name v1; ip link set v0 addrgenmode none; ip link set v1 addrgenmode none; ip link set v0 up; ip link set v1 up; ip addr add 2001:db8:5::1/64 dev v0 nodad; ip -6 neigh replace 2001:db8:5::2 dev v0 nud failed\nip -6 route add 2001:db8:9::/48 via 2001:db8:5::2; ip -6 route add default via 2001:db8:3::2`, target: '2001:db8:9::1', first: 'read: 2001:db8:9::1 goes via 2001:db8:3::2 by d1: route ::/0, table main.', says: ['loser 2001:db8:9::/48 table main metric 1024: its gateway does not answer (neighbour FAILED)'] },
  { name: 'a nexthop object', prepare: `${four}; ip nexthop add id 7 via 192.0.2.9 dev d0 proto zebra; ip route add 10.0.0.0/8 nhid 7 proto zebra`, target: '10.1.1.1', first: 'read: 10.1.1.1 goes via 192.0.2.9 by d0: route 10.0.0.0/8, table main.', says: ['Its next hop is nexthop object 7 (via 192.0.2.9 dev d0), of protocol zebra', 'read: Its nexthop object 7 has the same protocol, zebra.'] },
  { name: 'a prefix that longer ones cover in part', prepare: `${four}; ip route add 10.0.0.0/24 via 192.0.2.9; ip route add blackhole 10.0.0.0/28`, target: '10.0.0.0/24', first: 'read: 10.0.0.16 (in 10.0.0.0/24) goes via 192.0.2.9 by d0: route 10.0.0.0/24, table main.' },
];

describe.skipIf(SKIP_REASON !== undefined)(`why in a namespace${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  test.for(cases)('$name', async ({ prepare, target, options = {}, first, says = [], outcome = 'sent' }) => {
    using stage = openStage(prepare);
    const answer = await stage.ask(target, options);
    expect({ first: shortAnswer(answer)[0], unsaid: unsaid(answer, says), agrees: answer.kernel.agrees, outcome: answer.outcome })
      .toEqual({ first, unsaid: [], agrees: true, outcome: first.includes('delivered to this host') ? 'delivered-here' : outcome });
  });

  test('a device whose name a shell would take for more', async () => {
    using stage = openStage("ip link add 'd;id' type ifb; ip link set 'd;id' up; ip route add 10.0.0.0/8 dev 'd;id'");
    const answer = await stage.ask('10.1.1.1');
    expect(answer.advice.join()).toContain("dev 'd;id' table 254");
  });
});

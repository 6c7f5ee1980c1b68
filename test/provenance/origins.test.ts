import { describe, expect, test } from 'vitest';
import { situationOf } from '../../src/lookup/situation.ts';
import type { Route } from '../../src/model/route.ts';
import type { AddressMessage, LinkMessage } from '../../src/model/rtnetlink.ts';
import { bundleOf } from '../../src/provenance/address.ts';
import { mayBeHeld, parseAnycastUses } from '../../src/provenance/anycast.ts';
import type { AnycastHolder, Case, Surroundings } from '../../src/provenance/origin.ts';
import { originsOf } from '../../src/provenance/origins.ts';

const header = { length: 0, type: 0, flags: 0, seq: 0, portid: 0 };
const link: LinkMessage = { kind: 'link', deleted: false, header, ifindex: 2, name: 'eth0', flags: 1, change: 0 };
const address: AddressMessage = { kind: 'address', deleted: false, header, family: 'ipv4', ifindex: 2, address: '192.0.2.1', prefixLength: 24, scope: 0, flags: 0x80, broadcast: '192.0.2.255' };
const surroundings: Surroundings = { sawAllPrograms: true, programs: [], protocolName: () => undefined, tableName: table => ({ 254: 'main', 255: 'local' })[table] };
const route = (dst: string, type: number, more: Partial<Route> = {}): Route =>
  ({ family: 'ipv4', dst, tos: 0, type, table: type === 1 ? 254 : 255, protocol: 2, scope: type === 2 ? 254 : 253, flags: 0, metric: 0, nexthops: [{ ifindex: 2, weight: 1, flags: 0 }], ...more });
const caseOf = (one: Route, ...others: readonly Route[]): Case => ({
  route: one, surroundings, situation: { ...situationOf('ipv4', { messages: [link, address], neighbours: [], exceptions: [] }), routes: [one, ...others] },
});
const own = [route('192.0.2.0/24', 1), route('192.0.2.1/32', 2), route('192.0.2.255/32', 3)] as const;

describe('the routes of an address as Linux 5.10 makes them', () => {
  const fourth = route('192.0.2.0/32', 3);
  test('the fourth is the broadcast of the network address', () => {
    const [first] = originsOf(caseOf(fourth, ...own));
    expect(first).toMatchObject({ id: 'address', standing: 'likely', text: 'The kernel made it for address 192.0.2.1/24 on eth0.' });
    expect(first?.for[0]?.text).toContain('the first address of its prefix, which kernels up to 5.13 take for a broadcast address');
  });
  test('it counts among the routes of the address', () => {
    expect(bundleOf(caseOf(fourth, ...own))[0]).toBe('Address 192.0.2.1/24 on eth0 has 4 routes in 2 tables: broadcast 192.0.2.0/32 dev eth0 table local; 192.0.2.0/24 dev eth0 table main; local 192.0.2.1/32 dev eth0 table local; broadcast 192.0.2.255/32 dev eth0 table local.');
  });
});

describe('what does not fit an address', () => {
  test.each([
    ['another scope', route('192.0.2.0/24', 1, { scope: 0 }), 'address possible'],
    ['another metric', route('192.0.2.0/24', 1, { metric: 100 }), 'address possible'],
    ['another table', route('192.0.2.0/24', 1, { table: 100 }), 'program likely'],
    ['a gateway', route('192.0.2.0/24', 1, { nexthops: [{ ifindex: 2, gateway: '192.0.2.9', weight: 1, flags: 0 }] }), 'program likely'],
    ['another device', route('192.0.2.0/24', 1, { nexthops: [{ ifindex: 3, weight: 1, flags: 0 }] }), 'program likely'],
    ['another length', route('192.0.2.0/25', 1), 'program likely'],
    ['another protocol', route('192.0.2.0/24', 1, { protocol: 3 }), 'program likely'],
    ['a protocol of programs none of which runs', route('192.0.2.0/24', 1, { protocol: 4 }), 'program possible'],
  ])('%s', (_case, one, wanted) => {
    const [first] = originsOf(caseOf(one));
    expect(`${first?.id} ${first?.standing}`).toBe(wanted);
  });

  test('there is always somebody', () => {
    for (const type of [1, 2, 3, 4, 5, 6, 7, 8, 9, 77]) for (const protocol of [0, 1, 2, 3, 4, 9, 11, 200]) expect(originsOf(caseOf(route('203.0.113.0/24', type, { protocol }))).length).toBeGreaterThan(0);
  });
});

test('parseAnycastUses reads lines of /proc/net/anycast6, and nothing else', () => {
  expect(parseAnycastUses('1    lo              20010db8000700000000000000000000     1\n2    d0              fe800000000000000000000000000000     2\n\ngarbage 1 2 3\n3 x 1234 1\n')).toStrictEqual([
    { ifindex: 1, address: '20010db8000700000000000000000000', users: 1 }, { ifindex: 2, address: 'fe800000000000000000000000000000', users: 2 },
  ]);
});

describe('an anycast address that a socket may hold', () => {
  const joined = route('2001:db8::77/128', 4, { family: 'ipv6', scope: 0 });
  const uses = [{ ifindex: 2, address: '20010db8000000000000000000000077', users: 1 }];
  const holder = (more: Partial<AnycastHolder> = {}): AnycastHolder => ({ ifindex: 2, address: '20010db8000000000000000000000077', program: { pid: 7, comm: 'dnsd', argv: ['dnsd'], unit: 'dns.service' }, ...more });
  const told = (anycastHolders: readonly AnycastHolder[] | undefined) => {
    const one = caseOf(joined);
    const [first] = originsOf({ ...one, surroundings: { ...surroundings, anycastUses: uses, ...(anycastHolders === undefined ? {} : { anycastHolders }) } });
    return { id: first?.id, text: first?.text, against: first?.against.map(({ text }) => text) };
  };
  const by = (who: string): string => `${who} joined the anycast address with a socket (IPV6_JOIN_ANYCAST).`;
  const none = 'A walk over the open files of all processes found no socket that is a member.';
  test.each([
    ['nobody looked', undefined, by('A program'), []],
    ['its holder was found', [holder()], by('dnsd[7] (dns.service)'), []],
    ['one program holds it twice', [holder(), holder()], by('dnsd[7] (dns.service)'), []],
    ['nobody was found', [], by('A program'), [none]],
    ['the holder of another address was found', [holder({ address: '20010db8000000000000000000000078' })], by('A program'), [none]],
    ['a holder on another device was found', [holder({ ifindex: 3 })], by('A program'), [none]],
  ])('%s', (_case, holders, text, against) => {
    expect(told(holders)).toEqual({ id: 'anycast-socket', text, against });
  });
  test('is looked for where the kernel counts a user that nothing else accounts for', () => {
    const at = (one: Route, anycastUses = uses): boolean => mayBeHeld({ ...caseOf(one), surroundings: { ...surroundings, anycastUses } });
    expect(at(joined)).toBe(true);
    expect([at(joined, []), at({ ...joined, protocol: 3 }), at({ ...joined, type: 2 }), at(own[0])]).toEqual([false, false, false, false]);
  });
});

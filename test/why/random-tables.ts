import fc from 'fast-check';
import { formatIpv4, formatIpv6 } from '../../src/netlink/address.ts';
import { bytesOfAddress, parseAddress } from '../../src/netlink/parse-address.ts';

/** A namespace's routes and rules as lines for `ip -4 -batch` or `ip -6 -batch`, and questions to ask about it. */
export interface RandomTables { readonly family: 'ipv4' | 'ipv6'; readonly lines: readonly string[]; readonly questions: readonly RandomQuestion[] }
export interface RandomQuestion { readonly dst: string; readonly from?: string; readonly mark?: number; readonly oif?: string }

/** Made once: two devices that send, one without a carrier, and addresses on all of them. */
export const DEVICES: readonly string[] = [
  'link set lo up', 'link add d0 type ifb', 'link add d1 group 7 type ifb', 'link add v0 type veth peer name v1',
  'link set d0 up', 'link set d1 up', 'link set v0 up',
  ...['d0', 'd1', 'v0'].flatMap((dev, index) => [`addr add 10.${index}.0.1/16 dev ${dev}`, `addr add fd00:${index}::1/64 dev ${dev} nodad`]),
  'nexthop add id 1 via 10.0.0.9 dev d0', 'nexthop add id 2 blackhole', 'nexthop add id 3 via fd00:0::9 dev d0', 'nexthop add id 4 dev d1', 'neigh replace fd00:2::2 dev v0 nud failed',
];
const DEVICE = fc.constantFrom('d0', 'd1', 'v0');
const TABLE = fc.constantFrom('main', 'main', 'local', 'default', '100', '101');

/** Few bits vary, so that prefixes cover each other and meet questions. */
const bits = fc.array(fc.constantFrom(0, 1, 3, 128, 255), { minLength: 3, maxLength: 3 });
const address = { ipv4: bits.map(([a, b, c]) => `10.${a}.${b}.${c}`), ipv6: bits.map(([a, b, c]) => `fd00:${(a ?? 0) % 4}:${b}::${(c ?? 0).toString(16)}`) };
const lengths = { ipv4: fc.constantFrom(0, 7, 8, 9, 16, 24, 25, 31, 32), ipv6: fc.constantFrom(0, 16, 32, 48, 64, 127, 128) };
const wide = { ipv4: 32, ipv6: 128 } as const;

const masked = (family: 'ipv4' | 'ipv6') => fc.tuple(address[family], lengths[family]).map(([dst, length]) => {
  const shift = BigInt(wide[family] - length);
  const bytes = bytesOfAddress({ family, value: ((parseAddress(dst)?.value ?? 0n) >> shift) << shift });
  return length === 0 ? 'default' : `${family === 'ipv4' ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0)}/${length}`;
});

function route(family: 'ipv4' | 'ipv6'): fc.Arbitrary<string> {
  const via = fc.tuple(DEVICE, fc.boolean(), fc.boolean()).map(([dev, hasGateway, isOnlink]) => {
    const index = ['d0', 'd1', 'v0'].indexOf(dev);
    return `${hasGateway ? `via ${family === 'ipv4' ? `10.${index}.0.2` : `fd00:${index}::2`} ` : ''}dev ${dev}${hasGateway && isOnlink ? ' onlink' : ''}`;
  });
  const several = fc.array(via, { minLength: 2, maxLength: 3 }).map(legs => legs.map(leg => `nexthop ${leg}`).join(' '));
  const target = fc.oneof(
    { weight: 6, arbitrary: via.map(way => ['', way] as const) },
    { weight: 2, arbitrary: several.map(ways => ['', ways] as const) },
    { weight: 2, arbitrary: fc.constantFrom('blackhole', 'unreachable', 'prohibit', 'throw').map(type => [type, ''] as const) },
    { weight: 1, arbitrary: DEVICE.map(dev => ['local', `dev ${dev}`] as const) },
    { weight: 1, arbitrary: fc.constantFrom('nhid 1', 'nhid 2', 'nhid 3', 'nhid 4').map(nhid => ['', nhid] as const) },
  );
  const extra = family === 'ipv4' ? fc.constantFrom('', '', '', 'tos 0x10') : fc.constantFrom('', '', 'pref high', 'pref low', 'expires 1000');
  const order = fc.constantFrom('add', 'append', 'prepend');
  return fc.tuple(order, masked(family), target, TABLE, fc.constantFrom('', 'metric 5', 'metric 20'), extra)
    .map(([verb, dst, [type, way], table, metric, more]) => `route ${verb} ${type} ${dst} ${more.startsWith('tos') ? more : ''} table ${table} ${metric} ${more.startsWith('tos') ? '' : more} ${way}`.replaceAll(/ +/g, ' ').trim());
}

function rule(family: 'ipv4' | 'ipv6'): fc.Arbitrary<string> {
  const selector = fc.oneof(
    masked(family).map(dst => `to ${dst === 'default' ? 'all' : dst}`), masked(family).map(src => `from ${src === 'default' ? 'all' : src}`),
    fc.constantFrom('fwmark 1', 'fwmark 2/0xf', 'iif lo', 'iif d0', 'oif d0', 'uidrange 0-0', 'uidrange 1-9', 'ipproto udp', 'ipproto tcp', 'dport 53', 'tos 0x10', 'from all'),
  );
  const action = fc.oneof(
    { weight: 6, arbitrary: TABLE.map(table => `lookup ${table}`) },
    { weight: 2, arbitrary: TABLE.map(table => `lookup ${table} suppress_prefixlength ${family === 'ipv4' ? 8 : 16}`) }, { weight: 1, arbitrary: TABLE.map(table => `lookup ${table} suppress_ifgroup 7`) },
    { weight: 1, arbitrary: fc.constantFrom('blackhole', 'unreachable', 'prohibit') }, { weight: 1, arbitrary: fc.constantFrom('goto 500', 'goto 32766', 'goto 9999') },
  );
  return fc.tuple(fc.constantFrom('', '', '', 'not '), selector, action, fc.integer({ min: 1, max: 900 }))
    .map(([not, words, what, priority]) => `rule add ${not}${words} priority ${priority} ${what}`);
}

const own = { ipv4: fc.constantFrom('10.0.0.1', '10.1.0.1'), ipv6: fc.constantFrom('fd00:0::1', 'fd00:1::1') };

/** A device is seldom asked for: IPv4 then always finds a way, if need be without a route. */
const question = (family: 'ipv4' | 'ipv6'): fc.Arbitrary<RandomQuestion> => fc.tuple(
  fc.record({ dst: address[family], from: own[family], mark: fc.constantFrom(1, 2, 0x12) }, { requiredKeys: ['dst'] }),
  fc.oneof({ weight: 4, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: DEVICE.map(oif => ({ oif })) }),
).map(([one, device]) => ({ ...one, ...device }));

/** Every other one without rules of its own: there IPv4 asks tables local and main as one. */
export const randomTables = (): fc.Arbitrary<RandomTables> => fc.constantFrom('ipv4' as const, 'ipv6' as const).chain(family => fc.record({
  family: fc.constant(family),
  lines: fc.tuple(fc.array(route(family), { minLength: 3, maxLength: 14 }), fc.oneof(fc.constant([]), fc.array(rule(family), { minLength: 1, maxLength: 5 }))).map(([routes, rules]) => [...routes, ...rules]),
  questions: fc.array(question(family), { minLength: 3, maxLength: 5 }),
}));

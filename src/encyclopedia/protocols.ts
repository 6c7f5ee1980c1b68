import { protocolClaim, protocolOwner } from '../causes/protocol-meaning.ts';
import { REFERENCES } from '../causes/references.ts';
import { PROTOCOLS } from '../netlink/names.ts';
import { numberNamed, numberOf, type Entry, type HostNames } from './entry.ts';

/** Names that FRR brings for its own numbers; `static` and what iproute2 knows itself are not repeated. */
const FRR_NAMES: Readonly<Record<number, string>> = { 190: 'ripng', 191: 'nhrp', 193: 'ldp', 194: 'sharp', 195: 'pbr', 196: 'static', 197: 'openfabric', 198: 'srte' };

/** What src/causes/protocol-meaning.ts does not say already: the meaning of the kernel's own numbers, and what misleads. */
const MORE: Readonly<Record<number, readonly string[]>> = {
  0: ['Protocol 0 stands for "none given".',
    'In a request to delete it matches a route of any protocol.',
    'IPv4: a route that was added with it keeps it; the answer to ip route get bears it too, because an answer is no route: ask with fibmatch.',
    'IPv6: the kernel writes boot in its place.'],
  1: ['It was meant for routes that ICMP redirects made; kernels of today do not set it.',
    'A redirect becomes an exception beside the route, for one destination, and keeps the protocol of that route: ip route get DESTINATION shows it.'],
  2: ['The kernel adds and removes such routes with their address or device: change the address, not the route.',
    'NetworkManager claims it for the prefix routes that it adds in the kernel\'s place, and anyone may.',
    'IPv6: the route of an on-link prefix that a router advertises is of protocol kernel too; only default routes and routes of the route information option are of protocol ra.'],
  3: ['It is iproute2\'s default: ip route add writes it where no protocol is given. DHCP clients that run ip in a script, such as dhclient, leave it as well.',
    'The kernel writes it for routes that are added by ioctl (route(8)).',
    'Nothing brings such a route back after a reboot but what added it.'],
  4: ['NetworkManager, systemd-networkd and others write it for routes of their configuration; ip route add does so only if told to.',
    'Routing daemons may treat such routes as permanent and redistribute them.',
    'FRR\'s own static routes have number 196, which FRR\'s rt_protos.d entry calls static as well: ip -N route show tells the two apart.'],
  9: ['The kernel writes it for default routes and for routes of the route information option (RFC 4191).',
    'systemd-networkd and NetworkManager write it as well where they read router advertisements in the kernel\'s place.',
    'The kernel\'s own have a lifetime, and each further advertisement renews it: expires in ip -6 route show counts down.'],
  11: ['Quagga and old releases of FRR mark all their routes with it, so that it does not tell which daemon asked.',
    'Newer FRR has a number for each daemon (186 bgp, 188 ospf, 196 static and so on); 11 is left for its nexthop objects and for routes of other kinds.',
    'vtysh -c "show ip route" tells which daemon of FRR a route comes from.'],
  12: ['birdc show route for PREFIX all tells which of BIRD\'s protocols chose it.'],
  16: ['dhcpcd, systemd-networkd and NetworkManager write it; dhclient leaves protocol boot.', 'Such a route goes, or is renewed, with its lease.'],
  17: ['The kernel writes it for the routes of multicast forwarding that a daemon such as mrouted or pimd set up; ip mroute lists those, not ip route.'],
  18: ['keepalived writes it for the routes that it moves with a virtual router (virtual_routes).', 'Such a route goes when this host is no longer master.'],
  42: ['Both babeld itself and FRR\'s write it.'],
  186: ['FRR writes it, and old releases write 11 (zebra) instead.', 'vtysh -c "show bgp PREFIX" tells which neighbour announced it.'],
  188: ['FRR writes it for OSPF and for OSPFv3; old releases write 11 (zebra) instead.'],
  196: ['FRR\'s rt_protos.d entry calls it static, like number 4, which is a different protocol: ip -N route show shows the numbers.'],
};

/** Numbers that have a text. */
export const knownProtocols = (): readonly number[] => [...new Set([...Object.keys(PROTOCOLS), ...Object.keys(FRR_NAMES)].map(Number))].sort((a, b) => a - b);

export function protocolEntry(key: string, names: HostNames): Entry | undefined {
  const number = numberOf(key, 255) ?? numberNamed(key, builtIn()) ?? numberNamed(key, names.protocols ?? []);
  if (number === undefined) return undefined;
  const name = nameOf(number, names);
  const known = knownProtocols().includes(number);
  return {
    topic: 'proto', key: String(number), title: `protocol ${number}${name === undefined ? '' : ` (${name})`}`,
    text: [...(known ? meaningOf(number) : [`No program is known that marks its routes with protocol ${number}.`]), ...hostWords(number, names, known), ...generalWords(number, known)],
    references: [
      number in PROTOCOLS ? REFERENCES.rtnetlinkHeader : REFERENCES.rtProtos,
      ...(known && number > 185 ? [REFERENCES.frrProtos] : []),
      ...(number === 9 ? [REFERENCES.neighbourDiscovery, REFERENCES.routerPreference] : []), REFERENCES.ipRoute,
    ],
  };
}

function meaningOf(number: number): readonly string[] {
  const owner = protocolOwner(number);
  const claim = protocolClaim(number);
  const more = MORE[number] ?? [];
  if (owner !== undefined) return [`Protocol ${number} marks routes of ${owner}.`, ...more];
  return claim === undefined ? more : [`Protocol ${number} says of a route: ${claim}.`, ...more];
}

/** The host's own rt_protos may know what nobody else does, or say something else. */
function hostWords(number: number, { protocols }: HostNames, known: boolean): readonly string[] {
  if (protocols === undefined) return [];
  const here = protocols.get(number);
  if (here === undefined) return known ? [] : ['No rt_protos entry of this host names it.'];
  if (!known) return [`An rt_protos entry of this host calls it ${here}: whoever wrote that entry knows the program.`];
  return here === builtInName(number) ? [] : [`An rt_protos entry of this host calls it ${here}.`];
}

const generalWords = (number: number, known: boolean): readonly string[] => [
  ...(number > 4 && number !== 9 && number !== 17 ? ['The kernel keeps the number and gives it no meaning.'] : []),
  ...(number > 0 ? ['Any program may write any number: it is a claim of the route, not proof.'] : []),
  ...(known ? [] : [`ip route show table all proto ${number} lists its routes; routecause watch names the program at their next change.`]),
];

const builtInName = (number: number): string | undefined => PROTOCOLS[number] ?? FRR_NAMES[number];
const builtIn = (): readonly (readonly [number, string])[] => knownProtocols().flatMap(number => {
  const name = builtInName(number);
  return name === undefined ? [] : [[number, name] as const];
});
const nameOf = (number: number, { protocols }: HostNames): string | undefined => protocols?.get(number) ?? builtInName(number);

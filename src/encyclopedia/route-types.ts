import { REFERENCES } from '../causes/references.ts';
import { ROUTE_TYPES } from '../netlink/names.ts';
import { numberOf, type Entry } from './entry.ts';

type TypeText = Pick<Entry, 'text' | 'references'>;
const { rtnetlinkHeader, fibSemantics, ipv6Route, ipRoute, ipRule } = REFERENCES;

/** By number. Errors: fib_props of net/ipv4/fib_semantics.c and fib6_prop of net/ipv6/route.c; each was also seen on a running kernel. */
const TEXTS: readonly TypeText[] = [
  { text: ['It stands for "none given": no route that is listed has it.', 'In a request to delete it matches a route of any type.', 'IPv6: in a request to add it means unicast.'],
    references: [rtnetlinkHeader] },
  { text: ['Packets are sent towards the destination, to a gateway or straight out of a device.',
    'It is the type of a route that names none.',
    'A packet that comes in for such a destination is forwarded if forwarding is on for the device it came in by, and dropped if not.'],
  references: [rtnetlinkHeader, ipRoute] },
  { text: ['The destination is this host: packets for it are delivered here, and packets to it never leave.',
    'The kernel makes one for each address and removes it with the address.',
    'It stands in table local, which is asked first; for a device in a VRF, in the table of the VRF.',
    'One that was added by hand (ip route add local PREFIX dev lo) makes this host take packets for a whole prefix without having its addresses.',
    'IPv4: it stays while the device is down, as long as the address is there.',
    'IPv4: the prefix of an address on lo is local as a whole, as 127.0.0.0/8 is.',
    'IPv6: it comes when duplicate address detection is over, not when the address is added.'],
  references: [rtnetlinkHeader, REFERENCES.autoconfiguration, REFERENCES.vrf] },
  { text: ['The destination is the broadcast address of a link.',
    'IPv4: packets to it go to all hosts of the link, and this host takes in those that come.',
    'IPv4: the kernel makes one for the last address of the prefix of each address (prefixes up to /30) and one for a broadcast address that was given (brd); before Linux 5.14 also one for the first address of the prefix.',
    'IPv4: an application needs the socket option SO_BROADCAST to send to it, and gets EACCES (Permission denied) without; connecting with TCP fails with ENETUNREACH.',
    'IPv6: there is no broadcast; the kernel makes no such route, and one that was added by hand works like a unicast route.'],
  references: [rtnetlinkHeader, REFERENCES.broadcast, REFERENCES.slash31] },
  { text: ['The destination is an anycast address: one address on several hosts, of which the nearest is meant to answer.',
    'It stands in table local or in the table of a VRF, so ip route show does not list it: ip route show table all type anycast does, with -6 for IPv6.',
    'IPv4: the kernel makes none by itself: somebody added it, and ip route del anycast ADDRESS dev DEVICE table local removes it.',
    'IPv4: packets to it leave through its device as to any host of the link.',
    'IPv4: packets that come in for it are not accepted, although linux/rtnetlink.h says so: the kernel delivers for local and broadcast routes only, drops these, and does not answer ARP for the address. An address, or a route of type local, makes this host take them.',
    'IPv6: this host accepts packets for it as for an address of its own, and answers its neighbours for it; another host with the address is no longer reached from here.',
    'IPv6: the kernel makes one for each prefix that a forwarding device has an address of, the subnet-router anycast address: the prefix followed by zeros. Prefixes of 127 and 128 bits have none.',
    'IPv6: it also makes one while a socket is member of an anycast group (IPV6_JOIN_ANYCAST); /proc/net/anycast6 lists both kinds with the number of their users.'],
  references: [rtnetlinkHeader, REFERENCES.ipv4Input, REFERENCES.subnetRouterAnycast, REFERENCES.pointToPoint127, REFERENCES.reservedAnycast] },
  { text: ['The destination is a multicast group, or a range of them.',
    'It says by which device packets to a group leave if the program did not choose one; which groups this host listens to is another matter: ip maddress show.',
    'Forwarding of multicast packets has tables of its own: ip mroute show.',
    'IPv4: the kernel makes none; packets to 224.0.0.0/4 take whatever route fits, and the answer of ip route get says multicast all the same.',
    'IPv6: the kernel makes ff00::/8 for each device that is up, in table local or in that of its VRF.'],
  references: [rtnetlinkHeader, REFERENCES.ipMroute] },
  { text: ['Packets are dropped, and nobody is told.',
    'An application on this host that sends gets EINVAL (Invalid argument).',
    'The sender of a packet that is forwarded hears nothing, and waits until it gives up.',
    'Routing daemons add it for a summary that they announce, so that packets for its unused parts do not loop.'],
  references: [fibSemantics, ipv6Route, ipRoute] },
  { text: ['Packets are dropped, and the sender is told that the destination cannot be reached.',
    'An application on this host that sends gets EHOSTUNREACH (No route to host).',
    'IPv4: the sender of a packet that is forwarded gets ICMP "host unreachable", which its application sees as EHOSTUNREACH.',
    'IPv6: the sender of a packet that is forwarded gets ICMPv6 "no route to destination", which its application sees as ENETUNREACH (Network is unreachable).',
    'A default route of this type with a very high metric ends the lookup in a VRF\'s table, so that it does not go on with table main.'],
  references: [fibSemantics, ipv6Route, REFERENCES.routerRequirements, REFERENCES.icmpv6, REFERENCES.vrf] },
  { text: ['Packets are dropped, and the sender is told that this is forbidden.',
    'An application on this host that sends gets EACCES (Permission denied), also as root: no permission of files or users is meant.',
    'IPv4: the sender of a packet that is forwarded gets ICMP "communication administratively prohibited", which its application sees as EHOSTUNREACH (No route to host).',
    'IPv6: the sender of a packet that is forwarded gets ICMPv6 "administratively prohibited", which its application sees as EACCES.'],
  references: [fibSemantics, ipv6Route, REFERENCES.routerRequirements, REFERENCES.icmpv6] },
  { text: ['The lookup leaves this table as if nothing in it had matched, and goes on with the next rule.',
    'No application sees an error of it: if no later rule leads to a route either, the error is ENETUNREACH (Network is unreachable), as with no route at all.',
    'It has a point only where rules lead to more than one table: it takes a prefix out of a table whose default route would win otherwise.'],
  references: [fibSemantics, ipv6Route, ipRule] },
  { text: ['It was meant for stateless translation of addresses, which the kernel no longer has; nftables and iptables translate, and no route tells of that.',
    'IPv4: the kernel refuses to add one (EINVAL, Invalid scope).',
    'IPv6: the kernel takes one, translates nothing, and uses it like a unicast route.'],
  references: [rtnetlinkHeader, fibSemantics] },
  { text: ['It was reserved for asking a program of user space, which was never built.',
    'IPv4: the kernel refuses to add one (EINVAL, Invalid scope).',
    'IPv6: the kernel takes one, asks nobody, and uses it like a unicast route.'],
  references: [rtnetlinkHeader, fibSemantics] },
];

export const typeKeys = (): readonly string[] => ROUTE_TYPES;

export function typeEntry(key: string): Entry | undefined {
  const number = numberOf(key, 255) ?? ROUTE_TYPES.indexOf(key);
  const [name, text] = [ROUTE_TYPES[number], TEXTS[number]];
  return name === undefined || text === undefined ? undefined : { topic: 'type', key: name, title: `type ${name}`, ...text };
}

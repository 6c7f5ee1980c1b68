import { REFERENCES } from '../causes/references.ts';
import type { Reference } from '../model/output.ts';
import { errorNumber, errorText } from '../netlink/errors.ts';
import { numberOf, type Entry } from './entry.ts';

interface ErrorText { readonly text: readonly string[]; readonly references?: readonly Reference[] }
const { fibSemantics, ipv6Route, routerRequirements, icmpv6, netlink } = REFERENCES;

/** What an error has to do with routing: what an application sees, and what a request for a route is answered with. */
const TEXTS: ReadonlyMap<string, ErrorText> = new Map<string, ErrorText>([
  ['ENETUNREACH', { references: [fibSemantics, ipv6Route, icmpv6], text: [
    'No route leads to the destination: no rule led to a table with a route for it.',
    'A rule of type unreachable says so as well, unlike a route of that type, and so does a route of type throw with nothing behind it.',
    'It also comes from afar: a router answered with ICMP "network unreachable", or for IPv6 with "no route to destination".',
    'IPv4: in answer to a request for a route: its gateway is not on a link of this host; onlink skips that check.'] }],
  ['EHOSTUNREACH', { references: [fibSemantics, ipv6Route, routerRequirements], text: [
    'A route of type unreachable matched; or there is a route, but the host or gateway at its end does not answer ARP or neighbour solicitations.',
    'It also comes from afar: a router answered with ICMP "host unreachable", or for IPv6 with "address unreachable".',
    'IPv4: so it does if a router or firewall answered that the packet is administratively prohibited.',
    'IPv6: in answer to a request for a route: its gateway is not on a link of this host; onlink skips that check.'] }],
  ['EACCES', { references: [fibSemantics, ipv6Route, icmpv6], text: [
    'A route or a rule of type prohibit matched; permissions of files or users have no part in it.',
    'IPv4: it also comes from sending to a broadcast address without the socket option SO_BROADCAST.',
    'IPv6: it also comes from afar: a router or firewall answered that the packet is administratively prohibited.'] }],
  ['EINVAL', { references: [fibSemantics, ipv6Route], text: [
    'To an application that sends: a route or a rule of type blackhole matched.',
    'In answer to a request for a route: something in it makes no sense to the kernel, such as a scope that does not fit the type, or for IPv6 a gateway that is an address of this host; its message says what, and ip prints that behind "Error:".'] }],
  ['EAGAIN', { references: [fibSemantics], text: [
    'Within the kernel: a route of type throw matched, and the lookup goes on with the next rule; no application sees this one.',
    'To an application it says that nothing is there yet, which has nothing to do with routes.'] }],
  ['EPERM', { references: [netlink], text: [
    'The program may not change routes here: it takes CAP_NET_ADMIN in the user namespace that owns the network namespace.',
    'To an application that sends, a packet filter (nftables, iptables) dropped the packet.'] }],
  ['EEXIST', { references: [netlink], text: [
    'There is a route with this destination, table and metric already.',
    'ip route replace puts another in its place; a route with another metric can stand beside it.'] }],
  ['ESRCH', { references: [netlink], text: [
    'In answer to a request to delete: no route fits all that the request names.',
    'Table, metric, protocol, type, scope, gateway and device count where they are given.'] }],
  ['ENOENT', { references: [netlink], text: [
    'In answer to a request: there is nothing to change or delete, such as a route (ip route change), a rule or a nexthop object.'] }],
  ['ENODEV', { references: [netlink], text: [
    'There is no such device in this network namespace, or it takes no part in IPv4 or IPv6, for an MTU that is too small for example.'] }],
  ['ENETDOWN', { references: [netlink], text: [
    'In answer to a request for a route: its device is down; set it up first.',
    'To an application that sends frames (packet(7)): the device is down; one that sends by IP gets ENETUNREACH instead.'] }],
  ['EADDRNOTAVAIL', { text: [
    'To an application: the source address that it chose is not an address of this host, or there is none that fits the destination.',
    'In answer to a request to delete an address: the device has no such address; the prefix length counts.'] }],
  ['EMSGSIZE', { references: [REFERENCES.pathMtu, REFERENCES.pathMtu6], text: [
    'The packet is larger than the MTU of the device, of the route, or of the path, and must not be cut into fragments.',
    'ip route get DESTINATION shows a path MTU that was learned, as mtu.'] }],
  ['EOPNOTSUPP', { references: [netlink], text: ['This kernel lacks what was asked for: policy routing, multiple tables, or the family, for example.'] }],
  ['ECONNREFUSED', { text: ['The destination was reached, and nothing listens there: the routes work.'] }],
  ['ETIMEDOUT', { text: [
    'Nobody answered: packets got lost on the way there or back, or somebody drops them in silence, as a route of type blackhole does on a router.',
    'Routes are not told apart by it: ip route get DESTINATION tells whether this host has one.'] }],
]);

/** Types of routes by the word in their name, which people know rather than the error. */
const ALIASES: Readonly<Record<string, string>> = { unreachable: 'EHOSTUNREACH', prohibit: 'EACCES', blackhole: 'EINVAL', throw: 'EAGAIN', 'no route': 'ENETUNREACH' };

export const errorKeys = (): readonly string[] => [...TEXTS.keys()];

/** By number, by name, by a type of route, or by the text that programs print. */
export function errorEntry(key: string): Entry | undefined {
  const number = numberOf(key, 4095);
  const name = [...TEXTS.keys()].find(one => errorNumber(one) === number || one === key.toUpperCase() || one === ALIASES[key]
    || errorText(errorNumber(one) ?? 0).toLowerCase() === key.toLowerCase());
  const text = name === undefined ? undefined : TEXTS.get(name);
  if (name === undefined || text === undefined) return undefined;
  const errno = errorNumber(name) ?? 0;
  return { topic: 'error', key: name, title: `error ${name} (${errno}): ${errorText(errno)}`, text: text.text, references: [REFERENCES.errno, ...text.references ?? []] };
}

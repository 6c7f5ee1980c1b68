import { REFERENCES } from '../causes/references.ts';
import type { Reference } from '../model/output.ts';
import { numberOf, type Entry } from './entry.ts';

interface Flag { readonly name: string; readonly bit: number; readonly kernel: string; readonly text: readonly string[]; readonly references?: readonly Reference[] }
const { ipSysctl, switchdev, ipRoute, ipMroute } = REFERENCES;

const UNHELD = 'It asks for something, or tells of an answer: no route of a table has it.';

/** RTNH_F_* and RTM_F_* of include/uapi/linux/rtnetlink.h, and two that `cache <...>` shows (linux/in_route.h). */
const FLAGS: readonly Flag[] = [
  { name: 'dead', bit: 1, kernel: 'RTNH_F_DEAD', references: [ipSysctl, ipRoute], text: [
    'This way is not used: its device is down, or has no link while ignore_routes_with_linkdown is on.',
    'Beside linkdown it means the latter: the setting, not the device, keeps the way from being used.',
    'When a device goes down, its routes are removed; in a route of several ways only its way is marked dead, and revives with the device.',
    'The kernel sends no message when it comes or goes.'] },
  { name: 'linkdown', bit: 16, kernel: 'RTNH_F_LINKDOWN', references: [ipSysctl, ipRoute], text: [
    'The device of this way is up, but has no carrier: a cable, a peer or an association is missing.',
    'The kernel goes on using the route, and packets that take it get lost, unless net.ipv4.conf.DEVICE.ignore_routes_with_linkdown (net.ipv6 for IPv6) is 1; then it is listed as dead linkdown.',
    'The kernel sends no message when it comes or goes.'] },
  { name: 'onlink', bit: 4, kernel: 'RTNH_F_ONLINK', references: [ipRoute], text: [
    'The gateway is taken to be on the link of the device, whether a route leads there or not.',
    'It is asked for in the request (ip route add ... via GATEWAY dev DEVICE onlink), which else fails with ENETUNREACH or EHOSTUNREACH where no route leads to the gateway.'] },
  { name: 'pervasive', bit: 2, kernel: 'RTNH_F_PERVASIVE', text: [
    'It was meant to look up gateways by way of other gateways, which the kernel never did.',
    'IPv4: without a gateway it is refused (EINVAL), with one it has no effect.', 'IPv6: it is ignored.'] },
  { name: 'offload', bit: 8, kernel: 'RTNH_F_OFFLOAD', references: [switchdev, ipRoute], text: [
    'This way is in hardware: a switch or a network card forwards by it, and its packets are not seen by this host\'s kernel.'] },
  { name: 'trap', bit: 64, kernel: 'RTNH_F_TRAP', references: [switchdev, ipRoute], text: [
    'This way is in hardware, but only to hand its packets to the kernel, which forwards them itself.'] },
  { name: 'unresolved', bit: 32, kernel: 'RTNH_F_UNRESOLVED', references: [ipMroute], text: [
    'Of multicast forwarding: packets of this source and group came in, and the multicast routing daemon has not yet said where they go.'] },
  { name: 'rt_offload', bit: 0x4000, kernel: 'RTM_F_OFFLOAD', references: [switchdev, ipSysctl], text: [
    'The route is in hardware, which forwards by it.',
    'Whether the kernel tells when it comes or goes depends on net.ipv4.fib_notify_on_flag_change (net.ipv6 for IPv6); by default it does not.'] },
  { name: 'rt_trap', bit: 0x8000, kernel: 'RTM_F_TRAP', references: [switchdev, ipSysctl], text: [
    'The route is in hardware, but only to hand its packets to the kernel, as for addresses of this host.'] },
  { name: 'rt_offload_failed', bit: 0x2000_0000, kernel: 'RTM_F_OFFLOAD_FAILED', references: [switchdev, ipSysctl], text: [
    'The route could not be put into hardware, so that the hardware and the kernel forward differently.',
    'IPv4: in an answer to ip route get for a multicast group it has no such meaning: the same bit then says multicast (RTCF_MULTICAST), and iproute2 prints both.'] },
  { name: 'cloned', bit: 0x200, kernel: 'RTM_F_CLONED', references: [ipRoute], text: [
    'This is no route of a table, but an answer to a lookup, or an exception to a route for one destination (redirect, path MTU).',
    'iproute2 prints it as cache; ip route show cache lists exceptions, and ip route flush cache removes them.'] },
  { name: 'redirected', bit: 0x4_0000, kernel: 'RTCF_REDIRECTED', references: [REFERENCES.icmp, ipRoute], text: [
    'Of an answer (cache <redirected>): an ICMP redirect changed the gateway for this destination, so that it is not the one of the route.',
    'IPv4: ip route get DESTINATION shows it, ip route flush cache removes it, and net.ipv4.conf.*.accept_redirects decides whether it is taken.'] },
  { name: 'notify', bit: 0x100, kernel: 'RTM_F_NOTIFY', text: [
    'A request to be told when an answer changes (ip route get ... notify); kernels of today do not tell.', UNHELD] },
  { name: 'equalize', bit: 0x400, kernel: 'RTM_F_EQUALIZE', text: [
    'It was meant to spread packets over the ways of a route one by one, which the kernel never did; it spreads by the hash of addresses, or of ports as well.'] },
  { name: 'prefix', bit: 0x800, kernel: 'RTM_F_PREFIX', text: ['In a request to list the routes of IPv6 it asks for the on-link prefixes that routers advertised, and no others.', UNHELD] },
  { name: 'lookup_table', bit: 0x1000, kernel: 'RTM_F_LOOKUP_TABLE', references: [ipRoute], text: [
    'In a request for a lookup: the answer shall name the table that decided.', 'IPv4: without it the answer says main whatever table it was; iproute2 always sets it.', UNHELD] },
  { name: 'fib_match', bit: 0x2000, kernel: 'RTM_F_FIB_MATCH', references: [ipRoute], text: [
    'In a request for a lookup: the answer shall be the route that was found, not what it means for one packet (ip route get fibmatch ADDRESS).', UNHELD] },
];

const ALIASES: Readonly<Record<string, string>> = { cache: 'cloned', offload_failed: 'rt_offload_failed' };

export const flagKeys = (): readonly string[] => FLAGS.map(({ name }) => name);

export function flagEntry(key: string): Entry | undefined {
  const number = numberOf(key, 0xffff_ffff);
  const name = ALIASES[key] ?? key;
  const flag = FLAGS.find(one => one.bit === number || one.name === name || one.kernel === key);
  if (flag === undefined) return undefined;
  return { topic: 'flag', key: flag.name, title: `flag ${flag.name} (${flag.kernel})`, text: flag.text, references: [REFERENCES.rtnetlinkHeader, ...flag.references ?? []] };
}

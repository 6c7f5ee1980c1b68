import { IFAPROT } from '../model/rtnetlink.ts';
import { networkOf } from '../netlink/prefix-text.ts';
import { RTN, RTPROT } from '../model/route.ts';
import { deviceOf, read, type Case, type Origin, type RoutingProgram } from './origin.ts';

/** They work on advertisements themselves, and mark what they make as the kernel would. */
const OWN_DISCOVERY = /^(systemd-network|NetworkManager|dhcpcd|connmand)/;

const discoverers = (programs: readonly RoutingProgram[] | undefined): readonly RoutingProgram[] => (programs ?? []).filter(({ comm }) => OWN_DISCOVERY.test(comm));
export const programText = ({ comm, pid, unit }: Pick<RoutingProgram, 'comm' | 'pid' | 'unit'>): string => `${comm}[${pid}]${unit === undefined ? '' : ` (${unit})`}`;
const seconds = (value: number): string => `${Math.round(value)} s`;

/** A router said so: a default route or a route information option (protocol ra), or a prefix of the link (protocol kernel, with an expiry). */
export function fromAdvertisement(one: Case): Origin | undefined {
  const { route, situation, surroundings } = one;
  if (route.family !== 'ipv6' || route.type !== RTN.UNICAST) return undefined;
  const isRoute = route.protocol === RTPROT.RA;
  const isPrefix = route.protocol === RTPROT.KERNEL && route.expiresSec !== undefined;
  if (!isRoute && !isPrefix) return undefined;
  const gateway = route.nexthops[0]?.gateway;
  const isExpired = (route.expiresSec ?? 1) <= 0;
  const rivals = discoverers(surroundings.programs);
  const neighbour = situation.neighbours.find(({ address, ifindex }) => address === gateway && ifindex === route.nexthops[0]?.ifindex);
  // From 5.18 on an address tells that it was made of an advertisement; before, one that ends says little.
  const owners = situation.addresses.filter(({ address, prefixLength, ifindex }) => ifindex === route.nexthops[0]?.ifindex && networkOf(address, prefixLength) === route.dst);
  const isAdvertised = owners.length === 0 || owners.some(({ protocol }) => protocol === IFAPROT.KERNEL_RA);
  const isSure = (isPrefix && isAdvertised) || (isRoute && route.expiresSec !== undefined && rivals.length === 0 && gateway?.startsWith('fe80:') === true);
  return {
    id: 'router-advertisement', causeId: 'router-advertisement', standing: isSure ? 'likely' : 'possible',
    text: isPrefix ? `A router advertised the prefix on ${deviceOf(one)}, or an address of it was given a lifetime.` : `Router ${gateway ?? '(not told)'} on ${deviceOf(one)} advertised it.`,
    for: [
      read(isPrefix ? 'Protocol kernel with an expiry: prefixes from advertisements look like this.' : 'Protocol ra, which the kernel gives to what routers advertise.'),
      ...(route.expiresSec === undefined ? [] : [read(isExpired ? `It expired ${seconds(-route.expiresSec)} ago.` : `It expires in ${seconds(route.expiresSec)}, unless it is advertised again.`)]),
      ...(isPrefix && owners.length > 0 && isAdvertised ? [read('An address of the prefix was made of an advertisement (IFA_PROTO kernel_ra).')] : []),
      ...(neighbour === undefined ? [] : [read(`${neighbour.address} is a neighbour on ${deviceOf(one)}.`)]),
    ],
    against: [
      ...(isRoute && route.expiresSec === undefined ? [read('It has no expiry: advertised routes have one, unless their lifetime is infinite.')] : []),
      ...(isRoute && gateway !== undefined && !gateway.startsWith('fe80:') ? [read('Its gateway is no link-local address, as that of an advertising router is.')] : []),
      ...(isRoute ? rivals.map(program => read(`${programText(program)} runs here, works on advertisements itself, and marks routes like this.`)) : []),
    ],
    confirm: 'Listen for advertisements (rdisc6, or tcpdump icmp6); a recording names the router.',
  };
}

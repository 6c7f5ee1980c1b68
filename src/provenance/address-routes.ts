import { RTN, RTPROT, RT_TABLE, type Route } from '../model/route.ts';
import { IFA_F, IFF, type AddressMessage } from '../model/rtnetlink.ts';
import { vrfOf, type Situation } from '../lookup/situation.ts';
import { addressPart, lastOf, lengthPart, networkOf } from '../netlink/prefix-text.ts';
import { deviceName } from './origin.ts';

/** What a route is to an address: its own, the broadcast address of its prefix (or the first one, as kernels up to 5.13 had it), the prefix, the other end. */
export type AddressRole = 'local' | 'broadcast' | 'network-broadcast' | 'prefix' | 'peer' | 'anycast';

export const addressText = ({ address, prefixLength, peer, ifindex }: AddressMessage, situation: Situation): string =>
  `${address}${peer === undefined ? '' : ` peer ${peer}`}/${prefixLength} on ${deviceName(situation, ifindex)}`;

/** The part that the kernel itself gives this route for this address; undefined: none (net/ipv4/fib_frontend.c fib_add_ifaddr(), net/ipv6/addrconf.c). */
export function roleOf(route: Route, address: AddressMessage, situation: Situation): AddressRole | undefined {
  const isOnDevice = route.nexthops.length === 1 && route.nexthops[0]?.ifindex === address.ifindex && route.nexthops[0].gateway === undefined;
  if (route.protocol !== RTPROT.KERNEL || !isOnDevice || route.family !== address.family) return undefined;
  const vrfTable = vrfOf(situation, address.ifindex)?.vrfTable;
  if (route.table !== (vrfTable ?? (route.type === RTN.UNICAST ? RT_TABLE.MAIN : RT_TABLE.LOCAL))
    && !(route.type === RTN.LOCAL && route.table === (vrfTable ?? RT_TABLE.LOCAL))) return undefined;
  const role = roleByDestination(route, address, situation);
  // What looks like its prefix route is then somebody else's: network managers add it in the kernel's place.
  return (role === 'prefix' || role === 'peer') && (address.flags & IFA_F.NOPREFIXROUTE) !== 0 ? undefined : role;
}

/** The address that would have the route for its prefix, but says that it is to have none. */
export const withoutPrefixRoute = (route: Route, situation: Situation): AddressMessage | undefined => situation.addresses.find(address =>
  (address.flags & IFA_F.NOPREFIXROUTE) !== 0 && route.type === RTN.UNICAST && address.ifindex === route.nexthops[0]?.ifindex && networkOf(address.peer ?? address.address, address.prefixLength) === route.dst);

function roleByDestination(route: Route, address: AddressMessage, situation: Situation): AddressRole | undefined {
  const [dst, length] = [addressPart(route.dst), lengthPart(route.dst)];
  const whole = address.family === 'ipv4' ? 32 : 128;
  const network = networkOf(address.peer ?? address.address, address.prefixLength);
  const isLoopback = ((situation.links.get(address.ifindex)?.flags ?? 0) & IFF.LOOPBACK) !== 0;
  switch (route.type) {
    case RTN.LOCAL: return length === whole && dst === address.address ? 'local' : isLoopback && route.dst === network ? 'prefix' : undefined;
    case RTN.BROADCAST:
      if (dst === address.broadcast || (address.prefixLength < 31 && dst === lastOf(address.address, address.prefixLength))) return 'broadcast';
      return address.prefixLength < 31 && network !== undefined && dst === addressPart(network) ? 'network-broadcast' : undefined;
    case RTN.ANYCAST: return address.prefixLength < 127 && length === whole && network !== undefined && dst === addressPart(network) ? 'anycast' : undefined;
    case RTN.UNICAST: {
      if (address.peer !== undefined && length === whole && dst === address.peer) return 'peer';
      return route.dst === network && length < whole ? 'prefix' : undefined;
    }
    default: return undefined;
  }
}

/** The routes that are there for this address, and why one that people expect is not. */
export function routesOfAddress(address: AddressMessage, situation: Situation): { readonly present: readonly Route[]; readonly missing: readonly string[] } {
  const isSecondary = address.family === 'ipv4' && (address.flags & IFA_F.SECONDARY) !== 0;
  const present = situation.routes.filter(route => {
    const role = roleOf(route, address, situation);
    return role !== undefined && (!isSecondary || role === 'local');
  });
  const has = (role: AddressRole): boolean => present.some(route => roleOf(route, address, situation) === role);
  const missing: string[] = [];
  const primary = situation.addresses.find(other => other !== address && other.ifindex === address.ifindex && networkOf(other.address, other.prefixLength) === networkOf(address.address, address.prefixLength) && (other.flags & IFA_F.SECONDARY) === 0);
  if (isSecondary && primary !== undefined) missing.push(`It is a secondary address: the prefix route and the broadcast route belong to the primary one, ${primary.address}.`);
  if (!isSecondary && !has('prefix') && address.family === 'ipv4' && address.prefixLength === 32 && address.peer === undefined) missing.push('There is no prefix route: a /32 is nothing but the address itself.');
  else if (!isSecondary && !has('prefix') && (address.flags & IFA_F.NOPREFIXROUTE) !== 0) missing.push('There is no prefix route of the kernel\'s: the address has the flag noprefixroute.');
  if (address.family === 'ipv4' && !isSecondary && !has('broadcast')) {
    if (address.prefixLength === 31) missing.push('There is no broadcast route: a /31 has two addresses and no broadcast address (RFC 3021).');
    else if (address.prefixLength === 32) missing.push('There is no broadcast route: a /32 has no broadcast address.');
  }
  return { present, missing };
}

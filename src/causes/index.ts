import { anycastSocket } from './anycast-socket.ts';
import type { Cause } from './cause.ts';
import { ipv4AddressAdded, ipv4AddressRemoved, ipv4SecondaryPromoted } from './ipv4-address.ts';
import { ipv6AddressAdded, ipv6AddressRemoved } from './ipv6-address.ts';
import { addressExpired, addressGeneration, duplicateAddress, routeExpired, temporaryAddress } from './lifetime.ts';
import { deviceRemoved, disableIpv6, linkCarrier, linkDown, linkMtu, linkUp, netnsDestroyed, netnsMoved, vrfMembership } from './link.ts';
import { nexthopRemoved, nexthopReplaced } from './nexthop.ts';
import { routeIoctl } from './route-ioctl.ts';
import { routeRequest } from './route-request.ts';
import { advertisedRoutersPurged, routerAdvertisement, routerTurnedHost } from './router-advertisement.ts';
import { subnetRouterAnycast } from './subnet-router-anycast.ts';

/** THE TABLE. Order has no meaning. */
export const CAUSES: readonly Cause[] = [
  routeRequest, routeIoctl,
  ipv4AddressAdded, ipv4AddressRemoved, ipv4SecondaryPromoted, ipv6AddressAdded, ipv6AddressRemoved,
  subnetRouterAnycast, anycastSocket,
  linkUp, linkDown, linkCarrier, linkMtu, vrfMembership, deviceRemoved, netnsMoved, netnsDestroyed, disableIpv6,
  nexthopReplaced, nexthopRemoved,
  routerAdvertisement, routerTurnedHost, advertisedRoutersPurged,
  routeExpired, addressExpired, temporaryAddress, duplicateAddress, addressGeneration,
];

export const causeById = (id: string): Cause | undefined => CAUSES.find(cause => cause.id === id);

import { anycastSocket } from './anycast-socket.ts';
import type { Cause } from './cause.ts';
import { ipv4AddressAdded, ipv4AddressRemoved } from './ipv4-address.ts';
import { ipv6AddressAdded, ipv6AddressRemoved } from './ipv6-address.ts';
import { linkDown, linkUp } from './link-admin.ts';
import { routeIoctl } from './route-ioctl.ts';
import { routeRequest } from './route-request.ts';
import { subnetRouterAnycast } from './subnet-router-anycast.ts';

/** THE TABLE. Order has no meaning: two causes that claim one change are shown as rivals. */
export const CAUSES: readonly Cause[] = [
  routeRequest, routeIoctl,
  ipv4AddressAdded, ipv4AddressRemoved, ipv6AddressAdded, ipv6AddressRemoved,
  subnetRouterAnycast, anycastSocket,
  linkUp, linkDown,
];

export const causeById = (id: string): Cause | undefined => CAUSES.find(cause => cause.id === id);

import type { EndpointKind, EndpointObservation } from '../model/observation.ts';
import type { ImpactEffect } from '../model/output.ts';
import { RTN } from '../model/route.ts';
import type { Resolution } from '../netlink/resolution.ts';
import type { DeviceNames } from './reach.ts';

const ENODEV = 19;
/** Types by which packets end in this host. */
const HERE: readonly (number | undefined)[] = [RTN.LOCAL, RTN.BROADCAST, RTN.ANYCAST];
const isHere = ({ type, errno }: Resolution): boolean => errno === undefined && HERE.includes(type);

/** What a difference does to an endpoint; undefined: nothing that counts, or it is better than before. */
export function effectOf(what: EndpointKind, before: Resolution, after: Resolution): ImpactEffect | undefined {
  if (before.errno !== undefined) return undefined;
  // Of a device that it is bound to: whether its address is still this host's is not known then.
  if (after.errno === ENODEV) return 'unreachable';
  if (before.isFromHere === true && after.isFromHere === false) return 'source-gone';
  if (after.errno !== undefined) return 'unreachable';
  if (isHere(before)) return isHere(after) || (what !== 'tcp' && what !== 'udp') ? undefined : 'other-device';
  if (isHere(after)) return 'local-delivery';
  if (isSharedLeg(before, after)) return undefined;
  if (before.ifindex !== after.ifindex) return 'other-device';
  if (before.gateway !== after.gateway) return 'other-gateway';
  // The source of what is bound to one does not change.
  return before.isFromHere === undefined && before.source !== after.source ? 'other-source' : undefined;
}

/** IPv6 spreads by flow label, too, which nobody tells: which of several legs a session takes is not known. */
function isSharedLeg(before: Resolution, after: Resolution): boolean {
  const [was = [], is = []] = [before.match?.legs, after.match?.legs];
  if (was.length < 2 && is.length < 2) return false;
  const isIpv6 = [before.match?.dst, after.match?.dst].some(dst => dst?.includes(':') === true);
  return isIpv6 && was.some(leg => is.includes(leg));
}

/**
 * What is bound to a VRF is found in its table no longer, and goes out over a device that is not in it: IPv4 goes on to the main table then, where its own
 * routes have gone with the device. What comes back does not belong to the VRF, and the socket is not found.
 */
export function leavesVrf({ what, ifindex: vrf }: Pick<EndpointObservation, 'what' | 'ifindex'>, before: Resolution, after: Resolution, devices: Pick<DeviceNames, 'tableOf' | 'isIn'>): boolean {
  if ((what !== 'tcp' && what !== 'udp') || vrf === undefined) return false;
  const table = devices.tableOf(vrf);
  return table !== undefined && before.match?.table === table && after.match !== undefined && after.match.table !== table && after.ifindex !== undefined && !isHere(after) && !devices.isIn(after.ifindex, vrf);
}

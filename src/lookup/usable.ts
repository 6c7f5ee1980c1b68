import { RTNH_F, type Nexthop, type Route } from '../model/route.ts';
import { IFF } from '../model/rtnetlink.ts';
import { NUD_FAILED } from '../netlink/constants.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';

/** Why a route that covers the destination is not taken. */
export type PassedOver =
  | 'other-tos' | 'other-source' | 'expired' | 'same-leaf' | 'dead' | 'linkdown' | 'other-device' | 'gateway-failed'
  | 'shorter-prefix' | 'higher-metric' | 'lower-preference' | 'later-in-order' | 'throw' | 'suppressed' | 'not-asked' | 'no-rule';

export const isReject = (type: number): boolean => type >= 6 && type <= 9;

/** Nobody but an IPv6 host looks at the neighbour (net/ipv6/route.c rt6_check_neigh()). */
export interface Strictness { readonly reachableOnly: boolean }

/** Why none of its legs can be used; undefined: one can. */
export function unusable(route: Route, key: LookupKey, situation: Situation, { reachableOnly }: Strictness): PassedOver | undefined {
  // IPv6 keeps a leg on lo even for them, and it has to fit as any other.
  if ((isReject(route.type) && route.family === 'ipv4') || isBlackholeObject(route, situation)) return undefined;
  const reasons = route.nexthops.map(leg => unusableLeg(leg, key, situation, reachableOnly));
  return reasons.length === 0 || reasons.includes(undefined) ? undefined : worst(reasons);
}

function unusableLeg(leg: Nexthop, key: LookupKey, situation: Situation, reachableOnly: boolean): PassedOver | undefined {
  if (isIgnoredForCarrier(leg, situation)) return 'linkdown';
  if ((leg.flags & RTNH_F.DEAD) !== 0) return 'dead';
  if (key.legDevice !== undefined && leg.ifindex !== key.legDevice && isBinding(key)) return 'other-device';
  if (reachableOnly && leg.gateway !== undefined && situation.neighbours.some(({ ifindex, address, state }) => ifindex === leg.ifindex && address === leg.gateway && state === NUD_FAILED)) return 'gateway-failed';
  return undefined;
}

/**
 * Dumps call such a leg dead as well, whether the setting is the device's or that of all; its device is up, only without carrier
 * (net/ipv4/fib_semantics.c fib_nexthop_info()).
 */
export const isIgnoredForCarrier = ({ flags, ifindex }: Nexthop, { links, ignoresLinkdown }: Situation): boolean =>
  (flags & RTNH_F.LINKDOWN) !== 0 && ifindex !== undefined && (ignoresLinkdown.has(ifindex) || (flags & RTNH_F.DEAD) !== 0) && ((links.get(ifindex)?.flags ?? 0) & IFF.UP) !== 0;

/** net/ipv6/route.c rt6_need_strict(): multicast, link-local, loopback. */
const needsDevice = (value: bigint): boolean => value >> 118n === 0b11_1111_1010n || value >> 120n === 0xffn || value === 1n;

/** The device that was asked for is a must; an IPv6 lookup with a source address merely prefers it (ip6_route_output_flags()). */
const isBinding = ({ dst, src }: Pick<LookupKey, 'dst' | 'src'>): boolean => dst.family === 'ipv4' || src === undefined || needsDevice(dst.value);

/** The object of a route may be one that drops: the route then does, whatever its type. */
export const isBlackholeObject = ({ nhid }: Route, { nexthops }: Situation): boolean => nhid !== undefined && nexthops.get(nhid)?.blackhole === true;

const WORST: readonly PassedOver[] = ['other-device', 'gateway-failed', 'linkdown', 'dead'];
const worst = (reasons: readonly (PassedOver | undefined)[]): PassedOver | undefined => WORST.find(reason => reasons.includes(reason));

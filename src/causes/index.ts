import { anycastSocket } from './anycast-socket.ts';
import { requestRefused } from './attempt.ts';
import type { Cause } from './cause.ts';
import { ipv4AddressAdded, ipv4AddressRemoved, ipv4SecondaryPromoted } from './ipv4-address.ts';
import { ipv6AddressAdded, ipv6AddressRemoved } from './ipv6-address.ts';
import { addressExpired, addressGeneration, duplicateAddress, routeExpired, temporaryAddress } from './lifetime.ts';
import { deviceRemoved, disableIpv6, linkCarrier, linkDown, linkMtu, linkUp, netnsDestroyed, netnsGone, netnsMoved, vrfMembership } from './link.ts';
import { linkdownIgnored } from './linkdown-ignored.ts';
import { nexthopRemoved, nexthopReplaced } from './nexthop.ts';
import { routeIoctl } from './route-ioctl.ts';
import type { Attempt, RouteException, RuleChange } from '../model/attribution.ts';
import { icmpRedirect, pathMtu } from './exception.ts';
import { ruleRequest, vrfRule } from './rule.ts';
import { routeRequest } from './route-request.ts';
import { advertisedRoutersPurged, routerAdvertisement, routerTurnedHost } from './router-advertisement.ts';
import { subnetRouterAnycast } from './subnet-router-anycast.ts';

/** THE TABLE of route changes. Order has no meaning. */
export const CAUSES: readonly Cause[] = [
  routeRequest, routeIoctl,
  ipv4AddressAdded, ipv4AddressRemoved, ipv4SecondaryPromoted, ipv6AddressAdded, ipv6AddressRemoved,
  subnetRouterAnycast, anycastSocket,
  linkUp, linkDown, linkCarrier, linkMtu, vrfMembership, deviceRemoved, netnsMoved, netnsDestroyed, disableIpv6, linkdownIgnored,
  nexthopReplaced, nexthopRemoved,
  routerAdvertisement, routerTurnedHost, advertisedRoutersPurged,
  routeExpired, addressExpired, temporaryAddress, duplicateAddress, addressGeneration,
];

/** Of routes whose own namespace went. */
export const NETNS_GONE_CAUSES: readonly Cause[] = [netnsGone];

/** Of changes of rules. */
export const RULE_CAUSES: readonly Cause<RuleChange>[] = [ruleRequest, vrfRule];

/** Of exceptions to the routes. */
export const EXCEPTION_CAUSES: readonly Cause<RouteException>[] = [icmpRedirect, pathMtu];

/** Of requests that were refused. */
export const ATTEMPT_CAUSES: readonly Cause<Attempt>[] = [requestRefused];

/** What the documentation and the coverage of a host tell of a cause, whatever it is a cause of. */
export type CauseSummary = Omit<Cause, 'match' | 'fingerprint' | 'headline' | 'advice'>;

export const ALL_CAUSES: readonly CauseSummary[] = [...CAUSES, ...RULE_CAUSES, ...EXCEPTION_CAUSES, ...ATTEMPT_CAUSES];

export const causeById = (id: string): CauseSummary | undefined => ALL_CAUSES.find(cause => cause.id === id);

/** Causes of which messages say nothing: without tracing they stay unknown, or are taken for another one. */
export const WITHOUT_FINGERPRINT: readonly string[] = [...CAUSES, ...RULE_CAUSES, ...EXCEPTION_CAUSES, ...ATTEMPT_CAUSES].filter(cause => cause.fingerprint === undefined).map(({ id }) => id);

/** Of those, what is known where ICMP is listened to. */
export const HEARD_CAUSES: readonly string[] = [icmpRedirect.id];

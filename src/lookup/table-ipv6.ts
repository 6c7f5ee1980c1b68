import type { Route } from '../model/route.ts';
import { covers, parsePrefix } from '../netlink/parse-address.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';
import type { TableAnswer } from './table.ts';
import { lengthOf } from './table-ipv4.ts';
import { unusable, type PassedOver } from './usable.ts';

type Fault = (route: Route) => PassedOver | undefined;

/** An IPv6 host first tries routes whose gateways have not failed to answer, whatever their length; then all (net/ipv6/route.c fib6_table_lookup()). */
export function selectIpv6(candidates: readonly Route[], key: LookupKey, situation: Situation): TableAnswer {
  const faultOf = (reachableOnly: boolean): Fault => route =>
    !fitsSource(route, key) ? 'other-source' : (route.expiresSec ?? 1) <= 0 ? 'expired' : unusable(route, key, situation, { reachableOnly });
  const sorted = candidates.toSorted((a, b) => lengthOf(b) - lengthOf(a) || sourceLength(b) - sourceLength(a) || a.metric - b.metric);
  const isStrict = !situation.isRouter && choose(sorted, key, faultOf(true)) !== undefined;
  const fault = faultOf(isStrict);
  const hit = choose(sorted, key, fault);
  const passed = sorted.filter(route => route !== hit).map(route => ({ route, because: fault(route) ?? (hit === undefined ? 'later-in-order' : behind(route, hit, key)) }));
  return { ...(hit === undefined ? {} : { hit }), passed };
}

const sourceLength = ({ src }: Route): number => src === undefined ? 0 : lengthOf({ dst: src });

function fitsSource({ src }: Route, key: LookupKey): boolean {
  const prefix = src === undefined ? undefined : parsePrefix(src);
  return prefix === undefined || prefix.length === 0 || covers(prefix, key.src ?? { family: 'ipv6', value: 0n });
}

/**
 * Of the routes of one prefix, those of the first metric; if none of them can be used, all the others, of whatever metric: there the
 * preference alone decides (find_rr_leaf(), whose second search does not stop at the next metric).
 */
function choose(sorted: readonly Route[], key: LookupKey, fault: Fault): Route | undefined {
  for (const group of Map.groupBy(sorted, route => `${lengthOf(route)}/${sourceLength(route)}`).values()) {
    const [lead] = group;
    const isUsable = (route: Route): boolean => fault(route) === undefined;
    const ofFirstMetric = group.filter(route => route.metric === lead?.metric && isUsable(route));
    const pool = ofFirstMetric.length > 0 ? ofFirstMetric : group.filter(isUsable);
    const best = Math.max(...pool.map(route => score(route, key)));
    const hit = pool.find(route => score(route, key) === best);
    if (hit !== undefined) return hit;
  }
  return undefined;
}

function behind(route: Route, hit: Route, key: LookupKey): PassedOver {
  if (lengthOf(route) < lengthOf(hit) || sourceLength(route) < sourceLength(hit)) return 'shorter-prefix';
  if (route.metric > hit.metric) return 'higher-metric';
  return score(route, key) < score(hit, key) ? 'lower-preference' : 'later-in-order';
}

const PREFERENCE = { high: 3, medium: 2, low: 1, invalid: 0 } as const;

/** rt6_score_route(): the device that was asked for, then the router preference (RFC 4191), which weighs more. */
function score(route: Route, key: LookupKey): number {
  const isOnDevice = key.legDevice === undefined || route.nexthops.some(leg => leg.ifindex === key.legDevice);
  return PREFERENCE[route.pref ?? 'medium'] * 4 + (isOnDevice ? 2 : 0);
}

import type { Route } from '../model/route.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';
import type { Passed, TableAnswer } from './table.ts';
import { unusable, type PassedOver } from './usable.ts';

export const lengthOf = ({ dst }: Pick<Route, 'dst'>): number => Number(dst.slice(dst.indexOf('/') + 1));
const networkOf = ({ dst }: Route): string => dst.slice(0, dst.indexOf('/'));

/** The longest prefix first; a route that cannot be used gives way to the next one, down to the shortest (net/ipv4/fib_trie.c fib_table_lookup()). */
export function selectIpv4(candidates: readonly Route[], key: LookupKey, situation: Situation): TableAnswer {
  const passed: Passed[] = [];
  // The order within the trie: prefix, then table where two share one (local first), type of service, metric; equals as they were dumped.
  const sorted = candidates.toSorted((a, b) => lengthOf(b) - lengthOf(a) || b.table - a.table || b.tos - a.tos || a.metric - b.metric);
  const missed = new Set<string>();
  let hit: Route | undefined;
  for (const route of sorted) {
    if (hit !== undefined) { passed.push({ route, because: behind(route, hit) }); continue; }
    const because = route.tos !== 0 ? 'other-tos' : unusable(route, key, situation, { reachableOnly: false });
    if (because === undefined && !missed.has(networkOf(route))) hit = route;
    else passed.push({ route, because: because ?? 'same-leaf' });
    // A nexthop object without a usable leg ends the search in its leaf ("goto miss"): the routes of the same network address, of whatever length.
    if (because !== undefined && because !== 'other-tos' && route.nhid !== undefined) missed.add(networkOf(route));
  }
  return { ...(hit === undefined ? {} : { hit }), passed };
}

/** `hit` was taken; why this one, which stands behind it, was not. */
function behind(route: Route, hit: Route): PassedOver {
  if (lengthOf(route) < lengthOf(hit)) return 'shorter-prefix';
  if (route.tos !== 0) return 'other-tos';
  return route.metric > hit.metric ? 'higher-metric' : 'later-in-order';
}

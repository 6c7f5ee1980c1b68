import type { Route } from '../model/route.ts';
import { covers, parsePrefix } from '../netlink/parse-address.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';
import { selectIpv4 } from './table-ipv4.ts';
import { selectIpv6 } from './table-ipv6.ts';
import type { PassedOver } from './usable.ts';

export interface Passed { readonly route: Route; readonly because: PassedOver }
/** What one table says: the route that it answers with, and those that cover the destination and do not count. */
export interface TableAnswer { readonly hit?: Route; readonly passed: readonly Passed[] }

/** The routes of one table (or of two that share one trie) that lead to the destination, and which of them is taken. */
export function lookUpTable(routes: readonly Route[], key: LookupKey, situation: Situation): TableAnswer {
  const candidates = routesTo(routes, key);
  return key.dst.family === 'ipv4' ? selectIpv4(candidates, key, situation) : selectIpv6(candidates, key, situation);
}

export const routesTo = (routes: readonly Route[], { dst }: Pick<LookupKey, 'dst'>): readonly Route[] => routes.filter(route => {
  const prefix = parsePrefix(route.dst);
  return prefix !== undefined && covers(prefix, dst);
});

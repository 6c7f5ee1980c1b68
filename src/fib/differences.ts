import type { RouteChange } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import { RTNH_F, type Route } from '../model/route.ts';
import { sameLeg, sameRoute } from './identity.ts';

/** What a dump shows that no message told: a change of a route, or of flags of its legs. */
export interface Difference { readonly subject: 'change' | 'flags'; readonly change: RouteChange }

const { DEAD, LINKDOWN } = RTNH_F;
const UNUSABLE = DEAD | LINKDOWN;

/** The differences of one slot between what was known and what a dump shows. */
export function differencesOf(at: Pick<RouteChange, 'netns' | 'time'>, known: readonly Route[], told: readonly Route[]): readonly Difference[] {
  const left = [...told];
  const gone: Route[] = [];
  const found: Difference[] = [];
  for (const route of known) {
    const index = left.findIndex(other => sameRoute(other, route));
    const [now] = index < 0 ? [] : left.splice(index, 1);
    if (now === undefined) gone.push(route); else found.push(...flagsBetween(at, route, now));
  }
  // What took a place that was left is the route that was there, in another form.
  for (const route of gone) {
    const index = left.findIndex(other => other.type === route.type && other.protocol === route.protocol);
    const [now] = index < 0 ? [] : left.splice(index, 1);
    found.push({ subject: 'change', change: now === undefined ? { ...at, change: 'delete', silent: true, route } : lessLegs(at, route, now) ?? { ...at, change: 'replace', silent: true, route: now, replaced: route } });
  }
  return [...found, ...left.map((route): Difference => ({ subject: 'change', change: { ...at, change: 'add', silent: true, route } }))];
}

/** An IPv6 multipath route that lost legs, and nothing else. */
function lessLegs(at: Pick<RouteChange, 'netns' | 'time'>, before: Route, now: Route): RouteChange | undefined {
  if (before.family !== 'ipv6' || before.nhid !== undefined || now.nexthops.length >= before.nexthops.length || now.nexthops.length === 0) return undefined;
  if (!now.nexthops.every(leg => before.nexthops.some(other => sameLeg(leg, other)))) return undefined;
  return { ...at, change: 'delete', silent: true, route: now, legs: before.nexthops.filter(leg => !now.nexthops.some(other => sameLeg(leg, other))) };
}

function flagsBetween(at: { readonly netns: NetnsRef; readonly time: RouteChange['time'] }, before: Route, now: Route): Difference[] {
  if (before.nhid !== undefined) return sameWay(before, now) ? [] : [{ subject: 'change', change: { ...at, change: 'replace', silent: true, route: now, replaced: before } }];
  const target = new Map(before.nexthops.map(leg => [leg, (now.nexthops.find(other => sameLeg(leg, other)) ?? leg).flags & UNUSABLE]));
  let route = before;
  const found: Difference[] = [];
  /** Legs that get, or lose, the same flags are told together. */
  const tell = (change: 'add' | 'delete', maskOf: (was: number, is: number) => number): void => {
    for (const mask of [LINKDOWN, DEAD, UNUSABLE]) {
      const after = route.nexthops.map((leg, index) => maskOf(leg.flags & UNUSABLE, target.get(before.nexthops[index] ?? leg) ?? 0) !== mask ? leg : { ...leg, flags: leg.flags ^ mask });
      const legs = after.filter((leg, index) => leg !== route.nexthops[index]);
      if (legs.length === 0) continue;
      const changed = { ...route, nexthops: after };
      found.push({ subject: 'flags', change: { ...at, change, silent: true, replaced: route, route: changed, legs } });
      route = changed;
    }
  };
  tell('delete', (was, is) => is & ~was);
  tell('add', (was, is) => was & ~is);
  return found;
}

/** Routes on a nexthop object are as it is; without legs (net.ipv4.nexthop_compat_mode 0) nothing is told of it. */
const sameWay = (a: Route, b: Route): boolean => a.nexthops.length === 0 || b.nexthops.length === 0
  || (a.nexthops.length === b.nexthops.length && a.nexthops.every(leg => b.nexthops.some(other => sameLeg(leg, other) && leg.weight === other.weight)));

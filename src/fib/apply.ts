import type { Act } from '../model/attribution.ts';
import type { Nexthop, Route, RouteEffect } from '../model/route.ts';
import { NLM_F } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { joinsMultipath, sameLeg, sameRoute } from './identity.ts';

/**
 * A route that is in the FIB, since when we know. `isReceipt`: that is when its message came, a little after the fact.
 * `isRequested`: a program asked for it by netlink. `by`: who made it, kept for routes that can expire. `predates`: it was
 * there before the session began. `displaced`: it took the place of another one. `expiryUnknown`: it may expire although its message did not say so.
 */
export interface Entry {
  readonly route: Route; readonly since: BootTime; readonly isReceipt?: true; readonly isRequested?: true; readonly by?: Act; readonly predates?: true;
  readonly displaced?: true; readonly expiryUnknown?: true;
}

/** What a message did to one slot of the FIB; `entries` is the slot afterwards. */
export interface Applied {
  readonly entries: readonly Entry[];
  readonly change: RouteEffect;
  readonly position?: 'first' | 'last';
  readonly route: Route;
  readonly replaced?: Route;
  readonly legs?: readonly Nexthop[];
  /** Of a delete: who had made the route. */
  readonly madeBy?: Act;
  /** Of a delete: the session found the route there. */
  readonly predates?: true;
}

/** RTM_NEWROUTE with these nlmsg_flags. `undefined`: only flags of an existing route changed (no FIB change). */
export function applyNew(entries: readonly Entry[], entry: Entry, flags: number): Applied | undefined {
  const { route } = entry;
  if ((flags & NLM_F.REPLACE) !== 0) return applyReplace(entries, entry);
  // Offload flags are told with no flag at all: fib_alias_hw_flags_set(), fib6_info_hw_flags_set().
  if (flags === 0 && entries.some(existing => sameRoute(existing.route, route))) return undefined;
  if (route.family === 'ipv6') return applyNew6(entries, entry);
  if (entries.length === 0) return { entries: [entry], change: 'add', route };
  const last = (flags & NLM_F.APPEND) !== 0;
  return { entries: last ? [...entries, entry] : [entry, ...entries], change: 'append', position: last ? 'last' : 'first', route };
}

function applyReplace(entries: readonly Entry[], entry: Entry): Applied {
  const { route } = entry;
  // The kernel replaces a route from an advertisement only by itself (its preference changed): others were asked for.
  const same = entries.findIndex(existing => (route.nhid !== undefined && existing.route.nhid === route.nhid)
    || (entry.isRequested !== true && sameRoute(existing.route, route)));
  const kin = route.family === 'ipv6' ? entries.findIndex(existing => joinsMultipath(existing) === joinsMultipath({ route, isRequested: true })) : -1;
  const at = same >= 0 ? same : kin >= 0 ? kin : 0;
  const old = entries[at];
  return {
    entries: old === undefined ? [entry] : entries.with(at, { ...entry, displaced: true }),
    // An IPv6 multipath route that replaces nothing is told with the same flag.
    change: old === undefined && route.family === 'ipv6' ? 'add' : 'replace', route, ...(old === undefined ? {} : { replaced: old.route }),
  };
}

function applyNew6(entries: readonly Entry[], entry: Entry): Applied {
  const { route } = entry;
  const at = joinsMultipath(entry) && route.nexthops.length > 1
    ? entries.findIndex(existing => existing.route.nexthops.length > 0 && existing.route.nexthops.every(leg => leg.gateway !== undefined && route.nexthops.some(other => sameLeg(leg, other))))
    : -1;
  const old = entries[at];
  if (old !== undefined) {
    const legs = route.nexthops.filter(leg => !old.route.nexthops.some(other => sameLeg(leg, other)));
    const joined: Route = { ...old.route, nexthops: [...old.route.nexthops.map(leg => withOwn(leg, old.route)), ...legs.map(leg => withOwn(leg, route))] };
    return { entries: entries.with(at, { ...old, route: joined }), change: 'append', position: 'last', route: joined, legs };
  }
  return entries.length === 0
    ? { entries: [entry], change: 'add', route }
    : { entries: [...entries, entry], change: 'append', position: 'last', route };
}

/** Legs of one IPv6 route may come from different programs, and each keeps the protocol and source it came with. */
const withOwn = (leg: Nexthop, { protocol, prefsrc }: Route): Nexthop =>
  leg.own === undefined ? { ...leg, own: { protocol, ...(prefsrc === undefined ? {} : { prefsrc }) } } : leg;

/** What is left of a route: shown with the protocol and source of its first leg, as the kernel does. */
function withLegs(route: Route, nexthops: readonly Nexthop[]): Route {
  const own = nexthops[0]?.own;
  if (own === undefined) return { ...route, nexthops };
  const { prefsrc: _, ...rest } = route;
  return { ...rest, ...own, nexthops };
}

const makerOf = ({ by, predates }: Entry): Pick<Applied, 'madeBy' | 'predates'> => by !== undefined ? { madeBy: by } : predates === true ? { predates } : {};

/** RTM_DELROUTE, or a removal that nobody announced. Of equal entries the one that was there first goes. */
export function applyDelete(entries: readonly Entry[], route: Route): Applied {
  const whole = entries.findIndex(existing => sameRoute(existing.route, route));
  const found = entries[whole];
  if (found !== undefined) return { entries: entries.toSpliced(whole, 1), change: 'delete', route: found.route, ...makerOf(found) };
  const at = entries.findIndex(existing => route.nexthops.length > 0 && existing.route.type === route.type
    && route.nexthops.every(leg => existing.route.nexthops.some(other => sameLeg(leg, other))));
  const old = entries[at];
  if (old === undefined) return { entries, change: 'delete', route };
  const isGone = (leg: Nexthop): boolean => route.nexthops.some(other => sameLeg(leg, other));
  const left = old.route.nexthops.filter(leg => !isGone(leg));
  if (left.length === 0 || route.family === 'ipv4') return { entries: entries.toSpliced(at, 1), change: 'delete', route: old.route };
  const rest = withLegs(old.route, left);
  return { entries: entries.with(at, { ...old, route: rest }), change: 'delete', route: rest,
    // As they were known: that they died on the way out is not told apart.
    legs: old.route.nexthops.filter(isGone) };
}

/** Fields of a route that a kernel probe could read; what it could not is undefined and matches anything. */
export type PartialRoute = Pick<Route, 'family' | 'table' | 'dst' | 'tos' | 'metric'> & {
  readonly type?: number; readonly protocol?: number; readonly nhid?: number; readonly leg?: Nexthop; readonly src?: string;
};

/** Which entry a probe's removal record means: the first that agrees, of those there before `time` if any. */
export function findPartial(entries: readonly Entry[], seen: PartialRoute, time: BootTime): Entry | undefined {
  const agrees = (entry: Entry): boolean => {
    const { route } = entry;
    if (seen.type !== undefined && seen.type !== route.type) return false;
    if (seen.protocol !== undefined && seen.protocol !== route.protocol) return false;
    if (seen.nhid !== undefined) return seen.nhid === route.nhid;
    const { leg } = seen;
    return leg === undefined || route.nexthops.length === 0
      || route.nexthops.some(other => (leg.ifindex === undefined || other.ifindex === leg.ifindex) && other.gateway === leg.gateway);
  };
  // A bulk requester's routes are known by the time of receipt only, which may be after the removal.
  return entries.find(entry => entry.since <= time && agrees(entry)) ?? entries.find(entry => entry.isReceipt === true && agrees(entry));
}


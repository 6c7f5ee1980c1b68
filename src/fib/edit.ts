import type { Route } from '../model/route.ts';
import type { Entry } from './apply.ts';

/** What the kernel sets of a route that stays where it is; what is absent stays as it was. */
export interface Edit {
  readonly expires?: boolean;
  /** Seconds that it has from then on. */
  readonly lifetimeSec?: number;
  readonly pref?: NonNullable<Route['pref']>;
  readonly metrics?: Readonly<Record<string, number>>;
  /** Only a route that expires is touched. */
  readonly ifExpiring?: true;
}

/** The route after the edit; an expiry whose end is not known has no time left. */
export function edited(route: Route, { expires, lifetimeSec, pref, metrics, ifExpiring }: Edit): Route {
  if (ifExpiring === true && route.expiresSec === undefined) return route;
  const { expiresSec, ...rest } = route;
  const left = expires === undefined ? expiresSec : expires ? lifetimeSec ?? expiresSec ?? 0 : undefined;
  return {
    ...rest, ...(pref === undefined ? {} : { pref }), ...(metrics === undefined ? {} : { metrics: { ...route.metrics, ...metrics } }),
    ...(left === undefined ? {} : { expiresSec: left }),
  };
}

export const editEntry = (entry: Entry, edits: readonly Edit[]): Entry => {
  const { expiryUnknown: _, ...known } = entry;
  const isKnown = edits.some(({ expires, ifExpiring }) => expires !== undefined && ifExpiring !== true);
  return { ...isKnown ? known : entry, route: edits.reduce(edited, entry.route) };
};

/** Something that a person would see: another preference or metric, an expiry that came or went. When one that was there ends is none. */
export function differsInPlace({ route, expiryUnknown }: Entry, now: Route): boolean {
  const names = new Set([...Object.keys(route.metrics ?? {}), ...Object.keys(now.metrics ?? {})]);
  return (route.pref !== undefined && route.pref !== now.pref)
    || (expiryUnknown !== true && (route.expiresSec === undefined) !== (now.expiresSec === undefined))
    || [...names].some(name => route.metrics?.[name] !== now.metrics?.[name]);
}

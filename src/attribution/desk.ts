import type { Sign } from '../causes/sign.ts';
import type { Difference } from '../fib/differences.ts';
import type { Entry } from '../fib/apply.ts';
import { sameLeg, sameRoute, slotOf } from '../fib/identity.ts';
import type { NameLookup, RouteChange, RuleChange } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { DumpObservation } from '../model/observation.ts';
import type { Nexthop, Route } from '../model/route.ts';
import type { NlHeader } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { createEar, type Ear } from './ear.ts';
import { createSignTracker, type SignTracker } from './sign-tracker.ts';

/** A change whose verdict waits until what comes behind it is known. */
export interface Waiting {
  readonly at: number;
  /** Silent changes are told where what took them was. */
  readonly order: number;
  readonly received: BootTime;
  readonly subject: 'change' | 'flags' | 'rule';
  readonly change: RouteChange | RuleChange;
  readonly header?: NlHeader;
  readonly told?: Route;
  readonly since?: number;
  readonly secondsLeft?: number;
  readonly objectAt?: number;
  readonly maker?: Pick<Sign, 'at' | 'time' | 'header'>;
  /** A message may have told of it, and was lost. */
  readonly isLost?: true;
  /** As they were then. */
  readonly names: NameLookup;
}

/** `objectAt`: the message about a nexthop object that changed it. */
export type Found = Difference & { readonly objectAt?: number; readonly isLost?: true };

/** What is known of one namespace. */
export interface Desk {
  readonly netns: NetnsRef;
  readonly tracker: SignTracker;
  readonly ear: Ear;
  waiting: Waiting[];
  lastMessage: BootTime | undefined;
  /** When the socket was empty, lately: a message that came later was sent later. */
  drains: BootTime[];
  /** The last message that may have taken routes in silence. */
  hazard: { readonly at: number; readonly time: BootTime } | undefined;
  dump: { readonly reason: DumpObservation['reason']; readonly at: number } | undefined;
  /** Names of devices as each message about one left them. */
  names: { readonly at: number; readonly names: NameLookup }[];
  /** Nexthop objects that changed, and the ways that routes on them had. */
  follows: { readonly at: number; readonly header: NlHeader; readonly before: ReadonlyMap<number, readonly Nexthop[]> }[];
  /** Who asked for the routes that can expire. */
  makers: Map<string, Pick<Sign, 'at' | 'time' | 'header'>>;
  /** Up to this place the tables were seen to be what they are taken for. */
  provenAt: number;
  /** The place of the last message about each route since then. */
  touched: Map<string, number>;
}

/** Messages of one act come within this of each other. */
const SETTLE_NS = 60_000_000n;
/** A verdict waits no longer than this for what comes behind its change. */
const PATIENCE_NS = 1_000_000_000n;
/** In a stream that does not end, this much of what comes behind is enough. */
const LOOK_AHEAD_NS = 300_000_000n;
const CHECK_PATIENCE_NS = 2_500_000_000n;
const KEPT_NAMES = 256;

export const openDesk = (netns: NetnsRef): Desk => ({
  netns, tracker: createSignTracker(), ear: createEar(), waiting: [], lastMessage: undefined, drains: [], hazard: undefined, dump: undefined, names: [], follows: [], makers: new Map(), provenAt: 0, touched: new Map(),
});

export function wait(desk: Desk, one: Waiting): void {
  let index = desk.waiting.length;
  while (index > 0 && (desk.waiting[index - 1]?.order ?? 0) > one.order) index--;
  desk.waiting.splice(index, 0, one);
}

/** What has waited long enough at `now`: everything once it is quiet, and what may have hit routes in silence was looked at. */
export function takeDue(desk: Desk, now: BootTime): readonly Waiting[] {
  const [first] = desk.waiting;
  if (first === undefined) return [];
  const isChecking = desk.hazard !== undefined && now - desk.hazard.time < CHECK_PATIENCE_NS;
  const isQuiet = desk.lastMessage === undefined || now - desk.lastMessage >= SETTLE_NS;
  if (isQuiet && !isChecking && !isLeaving(desk, now)) return takeAll(desk);
  if (isChecking || now - first.received < PATIENCE_NS) return [];
  const [due, rest] = [desk.waiting.filter(one => now - one.received >= LOOK_AHEAD_NS), desk.waiting.filter(one => now - one.received < LOOK_AHEAD_NS)];
  desk.waiting = rest;
  return due;
}

export function takeAll(desk: Desk): readonly Waiting[] {
  const all = desk.waiting;
  desk.waiting = [];
  return all;
}

/** A device was closed, and whether it goes or moves is told soon. */
function isLeaving({ tracker }: Desk, now: BootTime): boolean {
  const closed = tracker.book.before(tracker.next(), 'link', sign => sign.event === 'closed');
  if (closed === undefined || now - closed.time >= PATIENCE_NS) return false;
  return tracker.book.after(closed.at, 'link', sign => sign.ifindex === closed.ifindex && ['removed', 'moved', 'up'].includes(sign.event)) === undefined;
}

export function remember(desk: Desk, at: number, names: NameLookup): void {
  desk.names.push({ at, names });
  if (desk.names.length > KEPT_NAMES) desk.names.splice(0, KEPT_NAMES / 2);
}

/** Names of devices right after the message at that place. */
export const namesAt = (desk: Desk, at: number): NameLookup | undefined => desk.names.findLast(one => one.at <= at)?.names ?? desk.names[0]?.names;

/** Routes of several devices may share a slot: `fe80::/64`, `ff00::/8`. */
export const routeKey = (route: Route): string => `${slotOf(route)}|${route.nexthops.map(leg => leg.ifindex ?? 0).sort((a, b) => a - b).join()}`;

export const isAnswer = (request: NlHeader, message: NlHeader): boolean => request.portid === message.portid && request.seq === message.seq;

/** Legs as they were told so far: what became of them since is told by a look at the tables, or not at all. */
export const withKnownFlags = (route: Route, entries: readonly Entry[]): Route => ({
  ...route, nexthops: route.nexthops.map(leg => ({ ...leg, flags: entries.flatMap(entry => entry.route.nexthops).find(other => sameLeg(leg, other))?.flags ?? leg.flags })),
});

/** By what was told when the route was last seen: a lifetime that an advertisement renews is not told. */
export function secondsLeftOf(entries: readonly Entry[], route: Route, time: BootTime): number | undefined {
  const entry = entries.find(one => sameRoute(one.route, route));
  return entry?.route.expiresSec === undefined ? undefined : entry.route.expiresSec - Number((time - entry.since) / 1_000_000n) / 1000;
}

export function lastBefore(drains: readonly BootTime[], time: BootTime): BootTime {
  return drains.findLast(drain => drain < time) ?? time;
}

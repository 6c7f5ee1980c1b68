import type { Attribution } from '../model/attribution.ts';
import type { ChangeOutput } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import { covers, parseAddress, parsePrefix } from '../netlink/parse-address.ts';
import type { Resolution } from '../netlink/resolution.ts';

/** A change that was told and may have touched an endpoint. */
export interface Touch {
  readonly id: string; readonly origin: string; readonly time: BootTime;
  /** Of a route; undefined: of a rule, which may touch anything of its family. */
  readonly route?: { readonly dst: string; readonly table: number; readonly type?: string };
  readonly family: 'ipv4' | 'ipv6';
  /** Of a rule: the table that it leads to, if any. */
  readonly leadsTo?: number;
  /** The entry that it is about matches from now on, or no longer. */
  readonly comes: boolean; readonly goes: boolean;
}

export function touchOf({ change: { time } }: Attribution, record: ChangeOutput): Touch | undefined {
  const { id, origin } = record;
  switch (record.kind) {
    case 'route-change': return { id, origin, time, family: record.route.family, route: record.route, comes: record.change !== 'delete', goes: record.change === 'delete' || record.change === 'replace' };
    case 'route-flags': return { id, origin, time, family: record.route.family, route: record.route, comes: true, goes: true };
    case 'rule-change': return { id, origin, time, family: record.rule.family, leadsTo: record.rule.table, comes: true, goes: true };
    case 'exception': return { id, origin, time, family: record.family, route: { dst: record.dst, table: -1 }, comes: true, goes: true };
    case 'route-present': case 'attempt': return undefined;
  }
}

export interface Moved {
  readonly remote: string; readonly local: string | undefined;
  readonly before: Resolution; readonly after: Resolution;
  /** When it was last known to be as before, and first known to be different. */
  readonly from: BootTime; readonly until: BootTime;
  /** It ended before anybody asked how it is reached: what came later is not why. */
  readonly ended?: BootTime | undefined;
}

/** Times of messages are those of their receipt where nothing is traced: an answer may be a little ahead of its message. */
const SLACK_NS = 300_000_000n;
const AHEAD_NS = 1_500_000_000n;

/** The changes that moved it, all of one origin: the last one that names the entry which matched before, or does now, else the last that covers the address. */
export function causeOf(touches: readonly Touch[], moved: Moved): readonly Touch[] {
  const { before, after, ended } = moved;
  const all = touches.filter(touch => touch.time >= moved.from - SLACK_NS && touch.time <= moved.until + AHEAD_NS);
  const inTime = ended === undefined ? all : all.filter(touch => touch.time <= ended);
  const isOfSource = before.isFromHere !== after.isFromHere && before.isFromHere !== undefined;
  const isMatch = (touch: Touch, { match }: Resolution): boolean => match !== undefined && touch.route?.dst === match.dst && touch.route.table === match.table;
  // Of those the kernel tells the error, and not the entry.
  const isRefusal = (touch: Touch): boolean => after.errno !== undefined && after.match === undefined && REFUSING.includes(touch.route?.type ?? '')
    && touch.route?.table === before.match?.table && coversText(touch, moved.remote) && lengthOf(touch.route?.dst) >= lengthOf(before.match?.dst);
  const isOtherTable = before.match?.table !== after.match?.table;
  const isByRule = (touch: Touch): boolean => touch.leadsTo !== undefined && isOtherTable
    && (touch.leadsTo === before.match?.table || touch.leadsTo === after.match?.table || (touch.leadsTo === 0 && after.errno !== undefined)) && isOfFamily(touch);
  const isExact = (touch: Touch): boolean => isOfSource ? (after.isFromHere === true ? touch.comes : touch.goes) && coversText(touch, moved.local)
    : (touch.comes && (isMatch(touch, after) || isRefusal(touch))) || (touch.goes && isMatch(touch, before)) || isByRule(touch);
  const isOfFamily = ({ family }: Touch): boolean => family === (moved.remote.includes(':') ? 'ipv6' : 'ipv4');
  const isCovering = (touch: Touch): boolean => coversText(touch, moved.remote) || coversText(touch, moved.local);
  const isRule = (touch: Touch): boolean => touch.route === undefined && isOfFamily(touch);
  // The answer is of a time when it was gone: it has to be the doing of what came before that, and of nothing else.
  if (ended !== undefined && all.some(touch => touch.time > ended && isExact(touch))) return [];
  const root = (ended === undefined ? [isExact, isCovering, isRule] : [isExact]).map(fits => inTime.findLast(fits)).find(found => found !== undefined);
  return root === undefined ? [] : inTime.filter(touch => touch.origin === root.origin && (touch === root || isExact(touch) || isCovering(touch)));
}

const REFUSING: readonly string[] = ['blackhole', 'unreachable', 'prohibit'];
const lengthOf = (dst: string | undefined): number => (dst === undefined ? undefined : parsePrefix(dst))?.length ?? 0;

export function coversText({ route }: Pick<Touch, 'route'>, address: string | undefined): boolean {
  const prefix = route === undefined ? undefined : parsePrefix(route.dst);
  const parsed = address === undefined ? undefined : parseAddress(address);
  return prefix !== undefined && parsed !== undefined && covers(prefix, parsed);
}

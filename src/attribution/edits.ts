import { CAUSES } from '../causes/index.ts';
import type { Entry } from '../fib/apply.ts';
import { differsInPlace, editEntry, edited, type Edit } from '../fib/edit.ts';
import { slotOf } from '../fib/identity.ts';
import type { ShadowFib } from '../fib/shadow.ts';
import type { Attribution, NameLookup, RouteChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { AddressMessage, RouteMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { isCertain, type Origin } from './acts.ts';
import { createAddressLifetimes } from './address-lifetimes.ts';
import { editOf, repeatedBy, type SeenEdit } from './edit-record.ts';
import { evidenceOf } from './join.ts';
import type { Judge } from './judge.ts';
import { netnsOf } from './removal.ts';
import type { Silence } from './silence.ts';
import { threadOf } from './thread.ts';

export interface EditsOptions {
  readonly judge: Judge; readonly shadow: ShadowFib; readonly silence: Silence;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
}

/** Preference, metrics and expiry of IPv6 routes that the kernel changes where they are. */
export interface Edits {
  onRecord(record: ProbeObservation, origin: Origin): void;
  /** The kernel is asked for a route: whether it was there, a record behind it tells. */
  onClaim(record: ProbeObservation, origin: Origin): void;
  onAddress(netns: NetnsRef, message: AddressMessage, time: BootTime): void;
  /** What the act that announces a route does to it besides, as far as it is known by now. */
  complete(message: RouteMessage, netns: NetnsRef, actId: string | undefined): RouteMessage;
  forget(netns: NetnsRef): void;
  /** After a loss: what acts that are under way still do is not known whole. */
  clear(): void;
}

interface Found extends SeenEdit { readonly time: BootTime; readonly origin: Origin }
/** All that one act does to one route: what it takes back is no change. */
interface Batch { readonly netns: NetnsRef; readonly actId: string; readonly found: Found[] }

const CLAIMS_KEPT = 4096;
const SEEN = 'the kernel function that changes the route in place was seen, and what it sets';

export function createEdits({ judge, shadow, silence, namesIn }: EditsOptions): Edits {
  const lifetimes = createAddressLifetimes();
  const open = new Map<string, Batch>();
  const claims = new Map<number, { readonly record: ProbeObservation; readonly origin: Origin }>();
  const keyOf = (netns: NetnsRef, actId: string): string => `${netnsKey(netns)} ${actId}`;

  function settle({ netns, actId, found }: Batch): readonly Attribution[] {
    open.delete(keyOf(netns, actId));
    const routes = Map.groupBy(found, ({ seen }) => `${slotOf(seen)} ${seen.nhid ?? ''} ${seen.leg?.ifindex ?? ''} ${seen.leg?.gateway ?? ''}`);
    return [...routes.values()].flatMap(list => settleRoute(netns, actId, list));
  }

  function settleRoute(netns: NetnsRef, actId: string, found: readonly Found[]): readonly Attribution[] {
    const [first] = found;
    const last = found.at(-1);
    if (first === undefined || last === undefined) return [];
    const edits = found.map(({ edit, seen, time }): Edit => edit.expires !== true || edit.lifetimeSec !== undefined || seen.leg?.ifindex === undefined ? edit
      : { ...edit, ...lifetime(lifetimes.left(netns, seen.leg.ifindex, seen.dst, time)) });
    // Whoever says last when a route ends is the one by whom it ends.
    const by = found.findLast(({ edit }) => edit.expires === true)?.origin.act;
    const amended = shadow.amend(netns, first.seen, last.time, entry => ({ ...editEntry(entry, edits), ...(by === undefined ? {} : { by }) }));
    if (amended === undefined || isOfItsMaker(amended.before, actId) || !differsInPlace(amended.before, amended.after.route)) return [];
    // Whose edit made the difference: of several that one act makes, the first.
    const { origin, time, request } = found.find(({ edit }) => differsInPlace(amended.before, edited(amended.before.route, edit))) ?? first;
    const change: RouteChange = { netns, time, change: 'replace', silent: true, route: amended.after.route, replaced: withKnownExpiry(amended.before, amended.after) };
    return judge.caused('change', CAUSES, { change, ...origin, ...(request === undefined ? {} : { request }), names: namesIn(netns) }, {
      sure: isCertain(origin), others: [], evidence: [{ kind: 'call', text: SEEN }, ...evidenceOf(origin)],
    });
  }

  function take(record: ProbeObservation, origin: Origin, netns: NetnsRef | undefined, seen: SeenEdit | undefined): void {
    if (netns === undefined || seen === undefined) return;
    const { time } = record;
    const actId = origin.act.id;
    const known = open.get(keyOf(netns, actId));
    if (known !== undefined) { known.found.push({ ...seen, time, origin }); return; }
    const batch: Batch = { netns, actId, found: [{ ...seen, time, origin }] };
    open.set(keyOf(netns, actId), batch);
    silence.add({
      netns, time, tid: threadOf(record), isOfFlags: false, needsMessages: true, goesWithNetns: origin.frames?.includes('cleanup_net') === true,
      // An answer is the last thing that is done for a request.
      isOver: seen.request !== undefined,
      endsWith: fn => fn !== 'fib_table_flush',
      precedes: ({ sent, received, actId: other }, returned) => other !== actId && returned !== undefined && returned < (sent ?? received),
      settle: () => settle(batch),
    });
  }

  return {
    onRecord(record, origin) {
      if (record.fields.ret === undefined) { take(record, origin, netnsOf(record), editOf(record)); return; }
      // Refused: what the thread asked for in the same act was there.
      const claim = claims.get(threadOf(record));
      if (claim === undefined || claim.origin.act.id !== origin.act.id) return;
      claims.delete(threadOf(record));
      take(record, claim.origin, netnsOf(claim.record), repeatedBy(claim.record));
    },
    onClaim(record, origin) {
      claims.set(threadOf(record), { record, origin });
      if (claims.size > CLAIMS_KEPT) claims.delete(claims.keys().next().value ?? 0);
    },
    onAddress(netns, message, time) { lifetimes.learn(netns, message, time); },
    complete(message, netns, actId) {
      const batch = actId === undefined || message.deleted ? undefined : open.get(keyOf(netns, actId));
      const edits = batch?.found.filter(({ seen }) => slotOf(seen) === slotOf(message.route) && message.route.nexthops.length === 1
        && message.route.nexthops.every(leg => leg.ifindex === seen.leg?.ifindex && leg.gateway === seen.leg?.gateway)) ?? [];
      return edits.length === 0 ? message : { ...message, route: edits.map(({ edit }) => edit).reduce(edited, message.route) };
    },
    forget(netns) {
      lifetimes.forget(netns);
      for (const [key, batch] of open) if (netnsKey(batch.netns) === netnsKey(netns)) open.delete(key);
    },
    clear() { open.clear(); claims.clear(); },
  };
}

const lifetime = (left: number | undefined): Pick<Edit, 'lifetimeSec'> => left === undefined ? {} : { lifetimeSec: left };

/** The act brought the route itself, and told of it before it was done: what it set then is part of its coming. */
const isOfItsMaker = ({ by, displaced }: Entry, actId: string): boolean => by?.id === actId && displaced !== true;

/** An expiry that was there all along, and not told. */
const withKnownExpiry = ({ route, expiryUnknown }: Entry, after: Entry): Entry['route'] =>
  expiryUnknown !== true || after.route.expiresSec === undefined ? route : { ...route, expiresSec: after.route.expiresSec };

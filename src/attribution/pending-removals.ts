import { slotOf } from '../fib/identity.ts';
import type { PartialRoute } from '../fib/apply.ts';
import type { NameLookup } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';
import { netnsOf, partialRouteOf } from './removal.ts';
import { threadOf } from './thread.ts';

/** A route that left a FIB, of which it is not yet known whether a message will tell. */
export interface PendingRemoval {
  readonly time: BootTime; readonly tid: number; readonly netns: NetnsRef; readonly seen: PartialRoute; readonly origin: Origin;
  /** Names of devices when it happened. */
  readonly names: NameLookup;
  /** When its root call was over: no message was sent for it after that. */
  returned: BootTime | undefined;
  /** All messages sent before it have been received. */
  drained: boolean;
}

/** Removals wait until they are known to be silent: their root call has returned, and the socket was drained since. */
export interface PendingRemovals {
  add(record: ProbeObservation, origin: Origin, namesIn: (netns: NetnsRef) => NameLookup): void;
  /** A message for this slot was sent by this thread: the newest removal there is not silent. */
  announce(tid: number, slot: string): void;
  /** A root function returned; or fib_table_flush(), which announces what it removes or never. */
  onReturn(tid: number, fn: string, time: BootTime): void;
  /** `netns` undefined: in all of them. */
  onDrained(netns: NetnsRef | undefined, time: BootTime): void;
  onTime(now: BootTime): void;
  takeSettled(): readonly PendingRemoval[];
  /**
   * Those that a message sent at `time` shows to be silent, because messages of one socket come in order: whose root call was
   * over by then, and those of `slot`, where a route comes.
   */
  takeBefore(netns: NetnsRef, time: BootTime, slot: string | undefined): readonly PendingRemoval[];
  /** Those of a namespace of which nothing more will come. */
  takeOf(netns: NetnsRef): readonly PendingRemoval[];
  putBack(removal: PendingRemoval): void;
  clear(): void;
  /** At the end of the session nothing more will come. */
  takeAll(): readonly PendingRemoval[];
}

/** How long after a removal its root call counts as over although no return was seen. */
const RETURN_GRACE_NS = 1_000_000_000n;
/** Functions under which removals are announced by one message of the whole: a replace, the deletion of a multipath route. */
const MERGED: ReadonlySet<string> = new Set(['fib6_add', 'ip6_route_del', 'inet6_rtm_delroute', 'ip6_route_multipath_del', 'ip6_route_multipath_add']);

export function createPendingRemovals(): PendingRemovals {
  let pending: PendingRemoval[] = [];
  function take(isDue: (removal: PendingRemoval) => boolean): PendingRemoval[] {
    const due = pending.filter(isDue);
    if (due.length > 0) pending = pending.filter(removal => !due.includes(removal));
    return due;
  }
  return {
    add(record, origin, namesIn) {
      const netns = netnsOf(record);
      const seen = partialRouteOf(record);
      if (netns === undefined || seen === undefined || origin.frames?.some(frame => MERGED.has(frame)) === true) return;
      // Only a flush removes IPv4 routes without a message; a return of it that was missed must not make others silent.
      if (seen.family === 'ipv4' && origin.frames?.includes('fib_table_flush') === false) return;
      pending.push({ time: record.time, tid: threadOf(record), netns, seen, origin, names: namesIn(netns), returned: undefined, drained: false });
    },
    announce(tid, slot) {
      const at = pending.findLastIndex(removal => removal.tid === tid && slotOf(removal.seen) === slot);
      if (at >= 0) pending.splice(at, 1);
    },
    onReturn(tid, fn, time) {
      for (const removal of pending) if (removal.tid === tid && (fn !== 'fib_table_flush' || removal.seen.family === 'ipv4')) removal.returned ??= time;
    },
    onDrained(netns, time) {
      for (const removal of pending) if (time >= removal.time && (netns === undefined || netnsKey(netns) === netnsKey(removal.netns))) removal.drained = true;
    },
    onTime(now) { for (const removal of pending) if (now - removal.time > RETURN_GRACE_NS) removal.returned ??= now; },
    takeSettled: () => take(removal => removal.returned !== undefined && removal.drained),
    takeBefore: (netns, time, slot) => pending.length === 0 ? [] : take(removal => netnsKey(removal.netns) === netnsKey(netns)
      && ((removal.returned !== undefined && removal.returned < time) || (removal.time < time && slotOf(removal.seen) === slot))),
    takeOf: netns => take(removal => netnsKey(removal.netns) === netnsKey(netns)),
    putBack(removal) { pending.push(removal); },
    clear() { pending = []; },
    takeAll() {
      for (const removal of pending) { removal.returned ??= removal.time; removal.drained = true; }
      return take(() => true);
    },
  };
}

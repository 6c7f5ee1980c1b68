import type { Act, Call } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';
import { netnsOf } from './removal.ts';

/** The last reference to a namespace was dropped: from then on it is only taken apart. */
export interface NamespaceEnd { readonly fn: string; readonly act: Act; readonly object: bigint; readonly frames: readonly string[] }

/** Functions that drop the last reference, in the task that does so; the first has the second in itself on most kernels. */
export const DROPS: ReadonlySet<string> = new Set(['netns_put', '__put_net']);

/**
 * Who let go of a namespace last. cleanup_net() takes apart, in one go, all that were let go since it began the last time.
 */
export interface NamespaceEnds {
  /** A namespace is heard: it is alive. */
  find(netns: NetnsRef, time: BootTime): void;
  /** A record of one of those functions. */
  drop(record: ProbeObservation, origin: Origin): void;
  /** cleanup_net is entered, and left. */
  begin(time: BootTime): void;
  leave(time: BootTime): void;
  /** The session is ready: what was let go before the probes were attached has been taken up by now. */
  ready(): void;
  /** The one behind all that a call of cleanup_net takes apart; undefined: not known, or several. */
  behind(call: Call): NamespaceEnd | undefined;
  /** The one behind the end of a namespace that is gone; undefined: not known. It is forgotten then. */
  take(netns: NetnsRef): NamespaceEnd | undefined;
  forget(time: BootTime): void;
}

interface Dropped { readonly time: BootTime; readonly tid: number; readonly netns: NetnsRef | undefined; readonly end: NamespaceEnd | undefined }

/** What is let go while cleanup_net() is just being entered may be taken along or left for the next time. */
const ENTRY_NS = 5_000_000n;
/** One function called by the other. */
const SAME_NS = 1_000_000n;
const KEPT = 4096;

export function createNamespaceEnds(): NamespaceEnds {
  const alive = new Map<string, BootTime>();
  let dropped: Dropped[] = [];
  let waiting: Dropped[] = [];
  let batch: Dropped[] = [];
  let distrusted: BootTime | undefined;
  let isReady = false;
  let isEntered = false;

  const isAgain = (one: Dropped) => (other: Dropped): boolean => other.tid === one.tid && other.netns?.inode === one.netns?.inode && one.time - other.time < SAME_NS;
  const add = (list: readonly Dropped[], one: Dropped): Dropped[] => [...(list.length > KEPT ? list.slice(-KEPT / 2) : list).filter(other => !isAgain(one)(other)), one];

  return {
    find(netns, time) { alive.set(netnsKey(netns), time); },
    drop(record, { act, where, frames }) {
      const { object } = record.fields;
      // A socket is let go in an interrupt, a while after its owner closed it: whoever runs there has nothing to do with it.
      const isKnown = where === 'task' && frames !== undefined && object !== undefined && act.actor.kind === 'process';
      const end: NamespaceEnd | undefined = isKnown ? { fn: record.fn, act: { id: `${record.time}.${record.tid}`, time: record.time, where, actor: act.actor }, object, frames } : undefined;
      const one: Dropped = { time: record.time, tid: record.tid, netns: netnsOf(record), end };
      waiting = add(waiting, one);
      dropped = add(dropped, one);
    },
    begin(time) {
      batch = [...waiting.filter(one => one.time <= time), ...(isReady ? [] : [{ time, tid: 0, netns: undefined, end: undefined }])];
      waiting = waiting.filter(one => one.time > time);
      isEntered = true;
    },
    leave(time) {
      // It was at work when the probes were attached: the next batch began to gather unseen.
      if (!isEntered) waiting.unshift({ time, tid: 0, netns: undefined, end: undefined });
      isEntered = false;
    },
    ready() { isReady = true; },
    behind(call) {
      if (distrusted !== undefined && call.time <= distrusted) return undefined;
      const all = [...batch, ...waiting.filter(one => one.time - call.time < ENTRY_NS)];
      const [first] = all;
      const who = first?.end?.act.actor;
      const isOne = who !== undefined && all.every(({ end }) => end?.act.actor.pid === who.pid && end?.act.actor.comm === who.comm);
      return isOne ? first?.end : undefined;
    },
    take(netns) {
      const since = alive.get(netnsKey(netns));
      alive.delete(netnsKey(netns));
      if (since === undefined || netns.cookie === undefined || (distrusted !== undefined && distrusted >= since)) return undefined;
      // Since it was heard, its inode number was its own; what used the number after it may have been let go, too.
      const own = dropped.filter(one => one.time > since && one.netns?.inode === netns.inode && (one.netns.cookie === undefined || one.netns.cookie === netns.cookie));
      const [only] = own;
      return own.length === 1 ? only?.end : undefined;
    },
    forget(time) {
      // What was let go during the loss is in the next batch, and nobody told of it.
      distrusted = time;
      [waiting, batch, isEntered] = [[{ time, tid: 0, netns: undefined, end: undefined }], [], false];
    },
  };
}

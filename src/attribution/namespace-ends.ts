import type { Act, Call } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';
import { netnsOf } from './removal.ts';

/** The last reference to a namespace was dropped: from then on it is only taken apart. */
export interface NamespaceEnd { readonly act: Act; readonly object: bigint; readonly frames: readonly string[] }

/**
 * Who let go of a namespace last. __put_net() says it of each one, in the task that does so; cleanup_net() takes apart,
 * in one go, all that were let go since it began the last time.
 */
export interface NamespaceEnds {
  /** A record of __put_net. */
  drop(record: ProbeObservation, origin: Origin): void;
  /** cleanup_net is entered, and left. */
  begin(time: BootTime): void;
  leave(time: BootTime): void;
  /** The session is ready: what was let go before the probes were attached has been taken up by now. */
  ready(): void;
  /** The one behind all that a call of cleanup_net takes apart; undefined: not known, or several. */
  behind(call: Call): NamespaceEnd | undefined;
  of(netns: NetnsRef): NamespaceEnd | undefined;
  forget(time: BootTime): void;
}

interface Dropped { readonly time: BootTime; readonly end: NamespaceEnd | undefined }

/** What is let go while cleanup_net() is just being entered may be taken along or left for the next time. */
const ENTRY_NS = 5_000_000n;
const KEPT = 4096;

export function createNamespaceEnds(): NamespaceEnds {
  const byNetns = new Map<string, NamespaceEnd>();
  let waiting: Dropped[] = [];
  let batch: Dropped[] = [];
  let distrusted: BootTime | undefined;
  let isReady = false;
  let isEntered = false;

  return {
    drop(record, { act, where, frames }) {
      const netns = netnsOf(record);
      const { object } = record.fields;
      // A socket is let go in an interrupt, a while after its owner closed it: whoever runs there has nothing to do with it.
      const isKnown = where === 'task' && frames !== undefined && object !== undefined && act.actor.kind === 'process';
      const end: NamespaceEnd | undefined = isKnown ? { act: { id: `${record.time}.${record.tid}`, time: record.time, where, actor: act.actor }, object, frames } : undefined;
      waiting.push({ time: record.time, end });
      if (waiting.length > KEPT) waiting = waiting.slice(-KEPT / 2);
      if (netns === undefined || end === undefined) return;
      byNetns.set(netnsKey(netns), end);
      if (byNetns.size > KEPT) byNetns.delete(byNetns.keys().next().value ?? '');
    },
    begin(time) {
      batch = [...waiting.filter(one => one.time <= time), ...(isReady ? [] : [{ time, end: undefined }])];
      waiting = waiting.filter(one => one.time > time);
      isEntered = true;
    },
    leave(time) {
      // It was at work when the probes were attached: the next batch began to gather unseen.
      if (!isEntered) waiting.unshift({ time, end: undefined });
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
    of: netns => byNetns.get(netnsKey(netns)),
    forget(time) {
      // What was let go during the loss is in the next batch, and nobody told of it.
      distrusted = time;
      [waiting, batch, isEntered] = [[{ time, end: undefined }], [], false];
    },
  };
}

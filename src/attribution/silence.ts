import type { Attribution } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { threadOf } from './thread.ts';

/** Something seen in the kernel of which it is not yet known what messages tell of it. */
export interface Unsettled {
  readonly netns: NetnsRef;
  readonly time: BootTime;
  /** Thread of its root call. undefined: not known. */
  readonly tid: number | undefined;
  /** Whether its root call is over when this function returns on its thread. */
  endsWith(fn: string): boolean;
  /** It is part of the end of its namespace, which is told as a whole. */
  readonly goesWithNetns: boolean;
  /** Of several that are due it comes after the others: a route that goes is told as gone, not as dead before. */
  readonly isOfFlags: boolean;
  /** What it comes to depends on messages: only a socket that was drained after its root call was over has told them all. */
  readonly needsMessages: boolean;
  /** Nothing of its root call comes behind it, whose return is not told. */
  readonly isOver?: boolean;
  /** A later message of the namespace shows that it was over before. */
  precedes(message: LaterMessage, returned: BootTime | undefined): boolean;
  /** What it came to. undefined: what it is about is not known yet. */
  settle(): readonly Attribution[] | undefined;
}

/** A route message about to be applied. `slot`: where a route comes. */
export interface LaterMessage { readonly sent: BootTime | undefined; readonly received: BootTime; readonly slot: string | undefined; readonly actId: string }

interface Waiting { readonly one: Unsettled; returned: BootTime | undefined; drained: boolean }

/** What waits until it is known to be silent: its root call has returned, and the socket was drained since. Told in the order it happened. */
export interface Silence {
  add(one: Unsettled): void;
  /** The newest that fits is not silent. */
  drop(fits: (one: Unsettled) => boolean): void;
  onReturn(record: ProbeObservation): readonly Attribution[];
  onTick(now: BootTime): readonly Attribution[];
  /** `netns` undefined: in all of them. */
  onDrained(netns: NetnsRef | undefined, time: BootTime): readonly Attribution[];
  /** Before a message is applied: what is known by it to have happened earlier. */
  settleBefore(netns: NetnsRef, message: LaterMessage): readonly Attribution[];
  /** Of a namespace that is gone: what was over by then is told; of the rest the end of its routes says enough. */
  settleOf(netns: NetnsRef): readonly Attribution[];
  clear(): void;
  flush(): readonly Attribution[];
}

const inOrder = (a: Unsettled, b: Unsettled): number =>
  Number(a.isOfFlags) - Number(b.isOfFlags) || (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);

/** How long after it a root call counts as over although no return was seen. */
const RETURN_GRACE_NS = 1_000_000_000n;
const RETURNS_KEPT = 4096;

export function createSilence(): Silence {
  let waiting: Waiting[] = [];
  /** The last return on each thread: a message about an act may be received after the act was over. */
  const returns = new Map<number, Pick<ProbeObservation, 'fn' | 'time'>>();

  function settle(isDue: (wait: Waiting) => boolean): readonly Attribution[] {
    const due = waiting.filter(isDue);
    if (due.length === 0) return [];
    waiting = waiting.filter(wait => !due.includes(wait));
    return due.sort((a, b) => inOrder(a.one, b.one)).flatMap(wait => {
      const told = wait.one.settle();
      // Its route may still be on its way to us.
      if (told === undefined && (wait.returned === undefined || !wait.drained)) waiting.push(wait);
      return told ?? [];
    });
  }
  const isKnown = ({ returned, drained }: Waiting): boolean => returned !== undefined && drained;
  const isIn = (netns: NetnsRef) => ({ one }: Waiting): boolean => netnsKey(one.netns) === netnsKey(netns);

  return {
    add(one) {
      const last = one.tid === undefined ? undefined : returns.get(one.tid);
      waiting.push({ one, returned: one.isOver === true ? one.time : last !== undefined && last.time >= one.time && one.endsWith(last.fn) ? last.time : undefined, drained: false });
    },
    drop(fits) {
      const at = waiting.findLastIndex(({ one }) => fits(one));
      if (at >= 0) waiting.splice(at, 1);
    },
    onReturn(record) {
      const { time, fn } = record;
      const tid = threadOf(record);
      returns.delete(tid);
      returns.set(tid, { fn, time });
      if (returns.size > RETURNS_KEPT) returns.delete(returns.keys().next().value ?? 0);
      for (const wait of waiting) if (wait.one.tid === tid && wait.one.endsWith(fn)) wait.returned ??= time;
      return settle(isKnown);
    },
    onTick(now) {
      for (const wait of waiting) if (now - wait.one.time > RETURN_GRACE_NS) wait.returned ??= now;
      return settle(isKnown);
    },
    onDrained(netns, time) {
      for (const wait of waiting) {
        const { one, returned } = wait;
        if (time >= one.time && (returned !== undefined || !one.needsMessages) && (netns === undefined || isIn(netns)(wait))) wait.drained = true;
      }
      return settle(isKnown);
    },
    settleBefore: (netns, message) => waiting.length === 0 ? [] : settle(wait => isIn(netns)(wait) && wait.one.precedes(message, wait.returned)),
    settleOf(netns) {
      const told = settle(wait => isIn(netns)(wait) && wait.returned !== undefined && !wait.one.goesWithNetns);
      waiting = waiting.filter(wait => !isIn(netns)(wait));
      return told;
    },
    clear() { waiting = []; },
    flush() {
      for (const wait of waiting) { wait.returned ??= wait.one.time; wait.drained = true; }
      return settle(() => true);
    },
  };
}

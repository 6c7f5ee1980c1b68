import type { Call } from '../model/attribution.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { threadOf } from './thread.ts';
import { decodeMessage } from '../netlink/decode.ts';

interface OpenCall extends Call { readonly via: { readonly fn: string; readonly fields: ProbeObservation['fields'] }[] }

/** Root functions that tasks are in right now, by thread: entered, not yet left. */
export interface CallTracker {
  observe(record: ProbeObservation): void;
  /** Innermost call of the thread of `record` that is among `frames`; with no frames: the innermost one. */
  current(record: ProbeObservation, frames: readonly string[] | undefined): Call | undefined;
  /** Where `frames` show no root, because the stack was cut short: what the thread had entered before, innermost first. */
  around(record: ProbeObservation, frames: readonly string[]): readonly string[];
  /** Forgets everything: after a loss, an open call may have ended unseen. */
  clear(): void;
}

/** Roots only where there is no other: devices also go because somebody asked for it. */
const LAST_RESORT: ReadonlySet<string> = new Set(['unregister_netdevice_many_notify', 'unregister_netdevice_many', 'rollback_registered_many']);
/** Functions that a root jumps to at its end, so that its own frame is gone: the call is still open. */
const STANDS_FOR: Readonly<Record<string, readonly string[]>> = {
  ndisc_rcv: ['ndisc_router_discovery', 'ndisc_recv_na', 'ndisc_redirect_rcv'],
  linkwatch_do_dev: ['netdev_state_change', 'netif_state_change'],
};
/** Takes packets in on top of whatever runs: what lies outside was only interrupted. By the type of the message, the function that works on it. */
const SOFTIRQ = 'ndisc_rcv';
const BY_TYPE: Readonly<Record<number, string>> = { 134: 'ndisc_router_discovery', 136: 'ndisc_recv_na', 137: 'ndisc_redirect_rcv' };
/** Of what programs ask for and of what packets bring alike, by ways that have no root of their own. */
const EITHER: ReadonlySet<string> = new Set(['rt6_insert_exception', 'rt6_do_update_pmtu', 'update_or_create_fnhe']);
/** Tells what a call that deals with many is at: the last one counts, however many there were. */
const IS_AT: Readonly<Record<string, string>> = { netif_change_flags: 'netdev_work_proc' };
const MAX_DEPTH = 8;
const MAX_VIA = 256;

export function createCallTracker(): CallTracker {
  const open = new Map<number, OpenCall[]>();
  return {
    observe(record) {
      const { tid } = record;
      const thread = threadOf(record);
      const stack = open.get(thread) ?? [];
      if (record.type === 'call') {
        const { msg, msglen } = record.fields;
        const request = msg === undefined || msglen === undefined ? undefined : decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
        // A function that is entered again on the same thread without having been left: its return was missed.
        const again = stack.findIndex(call => call.fn === record.fn);
        if (again >= 0) stack.length = again;
        if (stack.length >= MAX_DEPTH) stack.shift();
        stack.push({ fn: record.fn, time: record.time, tid, pid: record.pid, fields: record.fields, ...(request === undefined ? {} : { request }), via: [] });
        open.set(thread, stack);
      } else if (record.type === 'via' || record.type === 'alter') {
        const whole = IS_AT[record.fn];
        const at = whole === undefined ? undefined : stack.findLast(call => call.fn === whole);
        const via = (at ?? stack.at(-1))?.via;
        const before = at?.via.findIndex(({ fn }) => fn === record.fn) ?? -1;
        if (before >= 0) via?.splice(before, 1);
        // Of too many the first ones of that function count least.
        if (via !== undefined && at === undefined && via.length >= MAX_VIA) via.splice(Math.max(0, via.findIndex(({ fn }) => fn === record.fn)), 1);
        via?.push({ fn: record.fn, fields: record.fields });
      } else if (record.type === 'return') {
        const at = stack.findLastIndex(call => call.fn === record.fn);
        if (at >= 0) stack.length = at;
        if (stack.length === 0) open.delete(thread);
      } else if (record.type === 'exit' && record.tid === record.pid) {
        // What a dying process takes with it happens after its exit record, so only what it was in before goes.
        open.delete(tid);
      }
    },
    current(record, frames) {
      const stack = open.get(threadOf(record));
      if (stack === undefined || frames === undefined) return stack?.at(-1);
      const isIn = isAmong(frames);
      return stack.findLast(call => isIn(call) && !LAST_RESORT.has(call.fn)) ?? stack.findLast(isIn);
    },
    around(record, frames) {
      const stack = open.get(threadOf(record)) ?? [];
      const isIn = isAmong(frames);
      if (stack.some(call => isIn(call) && !LAST_RESORT.has(call.fn)) || frames.some(frame => EITHER.has(frame))) return [];
      const shown = stack.findIndex(isIn);
      const outer = (shown < 0 ? stack : stack.slice(0, shown)).toReversed();
      const [inner] = outer;
      if (inner?.fn === SOFTIRQ) return [BY_TYPE[inner.fields.icmptype ?? 0] ?? [], SOFTIRQ].flat();
      // What runs on top of a softirq is none that a program asks for: something was missed.
      return outer.some(({ fn }) => fn === SOFTIRQ) ? [] : outer.map(({ fn }) => fn);
    },
    clear() { open.clear(); },
  };
}

const isAmong = (frames: readonly string[]) => ({ fn }: Call): boolean => frames.includes(fn) || STANDS_FOR[fn]?.some(inner => frames.includes(inner)) === true;

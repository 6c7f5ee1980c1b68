import { baseName } from '../causes/cause.ts';
import type { Call } from '../model/attribution.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { CallTracker } from './calls.ts';
import { fromProbed, isCut, readFrames, withoutTracer, type Context } from './frames.ts';
import { threadOf } from './thread.ts';

/** Stacks of records, as whole as they can be had. */
export interface Contexts {
  learnStack(cpu: number, id: bigint, frames: readonly string[]): void;
  /** A thread enters a function that has a return probe, perhaps: what is cut short there goes on like this stack. */
  enter(record: ProbeObservation): void;
  /** `isMended`: of what the thread had entered before, some stands for what the stack does not show. undefined: no stack could be read. */
  of(record: ProbeObservation): { readonly context: Context; readonly isMended: boolean } | undefined;
  /** After a loss: functions may have been left and entered again. */
  clear(): void;
}

const MAX_STACKS = 20_000;
const MAX_ENTRIES = 4096;
/** Functions with return probes within each other are a few. */
const MAX_CUTS = 8;

export function createContexts(calls: CallTracker): Contexts {
  const stacks = new Map<string, readonly string[]>();
  const entries = new Map<string, { readonly call: Call; readonly frames: readonly string[] }>();
  const keyOf = (record: ProbeObservation, fn: string): string => `${threadOf(record)} ${baseName(fn)}`;

  function framesOf(record: ProbeObservation): readonly string[] | undefined {
    const { stack, inner } = record.fields;
    const frames = [stack, inner].map(id => id === undefined ? undefined : stacks.get(`${record.cpu}/${id}`)).find(found => found !== undefined && found.length > 0);
    return frames === undefined ? undefined : fromProbed(frames, record.fn);
  }

  /** The stack on which the thread entered the function last. What interrupts enters the same ones, in a call of its own; without a call nothing tells when it was left. */
  function entered(record: ProbeObservation, fn: string): readonly string[] | undefined {
    const call = calls.current(record, undefined);
    const entry = entries.get(keyOf(record, fn));
    return call !== undefined && entry?.call === call ? entry.frames : undefined;
  }

  function wholeContext(record: ProbeObservation, frames: readonly string[]): Context {
    let context = readFrames(frames);
    for (let cuts = 0; cuts < MAX_CUTS && isCut(context); cuts++) {
      const rest = entered(record, context.frames.at(-2) ?? '');
      if (rest === undefined) break;
      context = readFrames([...context.frames.slice(0, -2), ...rest]);
    }
    return context;
  }

  return {
    learnStack(cpu, id, frames) {
      stacks.set(`${cpu}/${id}`, withoutTracer(frames));
      if (stacks.size > MAX_STACKS) stacks.delete(stacks.keys().next().value ?? '');
    },
    enter(record) {
      const [frames, call] = [framesOf(record), calls.current(record, undefined)];
      if (call === undefined || frames === undefined || baseName(frames[0] ?? '') !== record.fn) return;
      const key = keyOf(record, record.fn);
      entries.delete(key);
      entries.set(key, { call, frames });
      if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value ?? '');
    },
    of(record) {
      const frames = framesOf(record);
      if (frames === undefined) return undefined;
      const context = wholeContext(record, frames);
      const around = isCut(context) ? calls.around(record, context.frames) : [];
      return around.length === 0 ? { context, isMended: false } : { context: { ...context, frames: [...context.frames, ...around] }, isMended: true };
    },
    clear() { entries.clear(); },
  };
}

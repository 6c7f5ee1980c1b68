import type { Facts } from '../model/attribution.ts';
import type { Reference, Trigger } from '../model/output.ts';

/**
 * One reason why a route appears, changes or goes. `match` decides from the kernel's own path, never from how the
 * route looks; at most one cause of the table matches one change (two make each other rivals).
 */
export interface Cause {
  /** = file name = docs/causes/<id>.md = scenario names begin with it. */
  readonly id: string;
  readonly title: string;
  /** What a person should know about it, two or three sentences. */
  readonly summary: string;
  /** Probe files without which this cause cannot be proved. */
  readonly probes: readonly string[];
  /** Kernel path, outermost function first, for the documentation; the steps of an explanation tell the one that was taken. */
  readonly path: readonly string[];
  match(facts: Facts): Match | undefined;
  /** One sentence; `actor` is how to name who did it. */
  headline(facts: Facts, trigger: Trigger, actor: string): string;
  readonly references: readonly Reference[];
  advice(facts: Facts, trigger: Trigger): readonly string[];
}

export interface Match { readonly trigger: Trigger }

/** Any of these functions is on the stack of the change. */
export const passed = (facts: Facts, ...functions: readonly string[]): boolean =>
  facts.frames?.some(frame => functions.includes(frame) || functions.includes(frame.replace(/\.(isra|constprop|part)\.\d+$/, ''))) ?? false;

/** Any of these is on the stack on which the deferred work was queued. */
export const queuedIn = (facts: Facts, ...functions: readonly string[]): boolean =>
  facts.deferral?.queuedFrames.some(frame => functions.includes(frame)) ?? false;

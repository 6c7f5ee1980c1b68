import type { FactsOf, Happening, RouteChange } from '../model/attribution.ts';
import type { Reference, Trigger } from '../model/output.ts';
import type { Scene, Trace } from './sign.ts';

/**
 * One reason why a route (or a rule) appears, changes or goes. It is told by the kernel's own path, never by how the route looks.
 * Of the causes that match, those whose signature is innermost on the stack win; if that leaves two, they are rivals.
 */
export interface Cause<Change extends Happening = RouteChange> {
  /** = file name = docs/causes/<id>.md */
  readonly id: string;
  readonly title: string;
  /** What a person should know about it, two or three sentences. */
  readonly summary: string;
  /** Probe files without which this cause cannot be proved. */
  readonly probes: readonly string[];
  /** Kernel path, outermost function first, for the documentation; the steps of an explanation tell the one that was taken. */
  readonly path: readonly string[];
  /** Functions that must be on the stack, at least one; empty: told by the request itself, without a stack. */
  readonly signature: readonly string[];
  match(facts: FactsOf<Change>): Match | undefined;
  /** Where nothing is traced: what messages, in which order, go with it. Absent: they say nothing of this cause. */
  fingerprint?(scene: Scene<Change>): Trace | undefined;
  /** One sentence; `actor` is how to name who did it. */
  headline(facts: FactsOf<Change>, trigger: Trigger, actor: string): string;
  readonly references: readonly Reference[];
  advice(facts: FactsOf<Change>, trigger: Trigger): readonly string[];
}

/** Facts of whatever kind of change. */
export type AnyFacts = FactsOf<Happening>;

export interface Match { readonly trigger: Trigger }

/** A compiler's variants of a function count as the function: "addrconf_ifdown.isra.0". */
export const baseName = (frame: string): string => frame.replace(/\.(isra|constprop|part|cold)(\.\d+)?$/, '');

/** Any of these functions is on the stack of the change. */
export const passed = (facts: AnyFacts, ...functions: readonly string[]): boolean => depthOf(facts, functions) >= 0;

/** How far inside the stack the first of these functions is, 0 innermost; -1: none is there. */
export const depthOf = (facts: AnyFacts, functions: readonly string[]): number =>
  facts.frames?.findIndex(frame => functions.includes(baseName(frame))) ?? -1;

/** The causes that fit, with their triggers; more than one: they cannot be told apart. */
export function findCauses<Change extends Happening>(table: readonly Cause<Change>[], facts: FactsOf<Change>): readonly { readonly cause: Cause<Change>; readonly trigger: Trigger }[] {
  const found = table.flatMap(cause => {
    const depth = cause.signature.length === 0 ? 0 : depthOf(facts, cause.signature);
    const match = depth < 0 ? undefined : cause.match(facts);
    return match === undefined ? [] : [{ cause, trigger: match.trigger, depth }];
  });
  const innermost = Math.min(...found.map(({ depth }) => depth));
  return found.filter(({ depth }) => depth === innermost);
}

/** The causes whose fingerprint fits; weak ones only where no other does. More than one: they leave the same messages. */
export function findTraces<Change extends Happening>(table: readonly Cause<Change>[], scene: Scene<Change>): readonly { readonly cause: Cause<Change>; readonly trace: Trace }[] {
  const found = table.flatMap(cause => {
    const trace = cause.fingerprint?.(scene);
    return trace === undefined ? [] : [{ cause, trace }];
  });
  const strong = found.filter(({ trace }) => trace.weak !== true);
  return strong.length > 0 ? strong : found;
}

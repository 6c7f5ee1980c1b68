import type { NetnsOutput, Reference, RouteOutput, RuleOutput } from './output.ts';
import type { Family } from './route.ts';

/** Version of the answer of `routecause why --json`. */
export const WHY_SCHEMA = 1;

/**
 * One sentence, and what it rests on. `read`: the kernel or /proc says so now. `observed`: a recording saw it. `inferred`: it follows
 * from the reasons, but is not proved; `confirm` would settle it.
 */
export type Statement =
  | { readonly basis: 'read' | 'observed'; readonly text: string }
  | { readonly basis: 'inferred'; readonly text: string; readonly reasons: readonly string[]; readonly confirm: string };

export type RuleOutcomeKind =
  | 'no-match' | 'goto' | 'nop' | 'unresolved-goto' | 'fell-through' | 'answered' | 'throw' | 'suppressed' | 'rejected' | 'jumped-over' | 'not-asked';

/** A rule on the way, and what became of it. `table`: the one that was asked. */
export interface RuleStepOutput { readonly rule: RuleOutput; readonly outcome: RuleOutcomeKind; readonly table?: number; readonly text: string }

/** A route that leads to the destination, too, and is not taken. */
export interface LoserOutput { readonly route: RouteOutput; readonly because: string; readonly text: string }

/** A redirect or path MTU for this destination: packets do not go quite as the route says. */
export interface WhyExceptionOutput {
  readonly event: 'redirect' | 'path-mtu'; readonly dst: string; readonly gateway?: string; readonly mtu?: number; readonly dev?: string; readonly expires?: number;
}

/** How much speaks for an origin. */
export type Standing = 'observed' | 'likely' | 'possible' | 'unlikely';

/** One way in which the route may have come, with what speaks for and against it. */
export interface OriginOutput {
  readonly id: string; readonly standing: Standing;
  readonly said: Statement;
  readonly for: readonly Statement[]; readonly against: readonly Statement[];
  readonly cause?: { readonly id: string; readonly title: string };
}

/** What a word in the answer means; the same text as `routecause explain TOPIC KEY` has. */
export interface MeaningOutput { readonly topic: string; readonly key: string; readonly title: string; readonly text: readonly string[] }

export type WhyOutcome = 'delivered-here' | 'sent' | 'refused' | 'no-route';

/** The answer of `routecause why`: one object. */
export interface WhyAnswer {
  readonly kind: 'why'; readonly schema: typeof WHY_SCHEMA; readonly version: string;
  readonly query: {
    /** As it was given, and the address that the kernel was asked for. */
    readonly target: string; readonly address: string; readonly family: Family;
    readonly from?: string; readonly vrf?: string; readonly dev?: string; readonly mark?: number; readonly uid: number; readonly recording?: string;
  };
  readonly netns: NetnsOutput;
  readonly outcome: WhyOutcome;
  /** The short answer: what happens, by which route, and where that came from. */
  readonly answer: readonly Statement[];
  /** What the kernel said when it was asked, and whether rules and tables as they were read lead to the same route. */
  readonly kernel: { readonly used?: RouteOutput; readonly entry?: RouteOutput; readonly errno?: number; readonly error?: string; readonly message?: string; readonly agrees: boolean };
  readonly exception?: WhyExceptionOutput;
  /** The route that the answer is about: the one that is used, or of a prefix, that with this very prefix. */
  readonly route?: RouteOutput;
  readonly rules: readonly RuleStepOutput[];
  readonly losers: readonly LoserOutput[];
  /** Most likely first. */
  readonly origins: readonly OriginOutput[];
  /** What else the route itself says: flags, expiry, legs that cannot be used, what an application sees. */
  readonly details: readonly Statement[];
  readonly meanings: readonly MeaningOutput[];
  readonly advice: readonly string[];
  readonly caveats: readonly string[];
  readonly references: readonly Reference[];
}

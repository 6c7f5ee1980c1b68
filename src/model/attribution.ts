import type { ProbeFields } from './fields.ts';
import type { NetnsRef } from './netns.ts';
import type { Actor, Confidence, Evidence, Trigger, UnknownReason } from './output.ts';
import type { Nexthop, Route, RouteEffect } from './route.ts';
import type { RtMessage } from './rtnetlink.ts';
import type { BootTime } from './time.ts';

/** One change of a FIB, as the shadow FIB understood it. */
export interface RouteChange {
  readonly netns: NetnsRef;
  readonly time: BootTime;
  readonly change: RouteEffect;
  readonly position?: 'first' | 'last';
  readonly silent: boolean;
  /** After the change; of a delete: what was removed. */
  readonly route: Route;
  readonly replaced?: Route;
  /** Legs added or removed, where the route itself stayed. */
  readonly legs?: readonly Nexthop[];
  /** Of a delete: who had made the route, where it was one that can expire. */
  readonly madeBy?: Act;
}

/** A root function that a task is in, or was in: the record of its entry and what was seen inside so far. */
export interface Call {
  readonly fn: string;
  readonly time: BootTime;
  readonly tid: number;
  readonly pid: number;
  readonly fields: ProbeFields;
  /** The netlink request that entered, decoded. */
  readonly request?: RtMessage;
  /** Intermediate functions seen inside, in order. */
  readonly via: readonly { readonly fn: string; readonly fields: ProbeFields }[];
}

/** Where the code ran. In softirq the task is merely the one that was interrupted. */
export type Where = 'task' | 'kworker' | 'softirq' | 'unknown';

/** The root act: one system call, packet or timer from which everything else follows. */
export interface Act {
  /** The same for all that follows from it. */
  readonly id: string;
  readonly time: BootTime;
  readonly where: Where;
  readonly call?: Call;
  readonly actor: Actor;
}

/** Work that was queued by one context and ran in another. */
export interface Deferral { readonly fn: string; readonly object: bigint; readonly queuedFrames: readonly string[] }

/** All that is known about how a change came to be; what causes are matched against. */
export interface Facts {
  readonly change: RouteChange;
  /** Kernel stack, innermost first, cut where a softirq began; undefined: not read. */
  readonly frames?: readonly string[];
  readonly where: Where;
  readonly act: Act;
  /** The change ran in deferred work: what ran, and how it had been queued. */
  readonly deferral?: Deferral & { readonly call: Call };
  /** A route request answered under its own port id. */
  readonly request?: { readonly type: number; readonly flags: number; readonly exact: boolean };
  readonly names: NameLookup;
}

/** Names as they were at the time of the change, in the namespace of the route. */
export interface NameLookup {
  readonly device: (ifindex: number) => string | undefined;
  /** The VRF device that owns this table. */
  readonly vrf: (table: number) => string | undefined;
}

export type AttributionVerdict =
  | { readonly kind: 'caused'; readonly causeId: string; readonly confidence: Confidence; readonly trigger: Trigger; readonly facts: Facts; readonly rivals: readonly { readonly causeId: string; readonly actor: Actor; readonly tellApart: string }[] }
  | { readonly kind: 'predates-session' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly facts?: Facts };

/** Exactly one for every RouteChange, and for every route found at the start where asked for. */
export interface Attribution {
  readonly kind: 'attribution';
  readonly subject: 'change' | 'present';
  readonly change: RouteChange;
  readonly verdict: AttributionVerdict;
  readonly names: NameLookup;
  readonly evidence: readonly Evidence[];
  readonly caveats: readonly string[];
}

import type { ProbeFields } from './fields.ts';
import type { NetnsRef } from './netns.ts';
import type { Actor, Confidence, Evidence, Trigger, UnknownReason } from './output.ts';
import type { Family, Nexthop, Route, RouteEffect } from './route.ts';
import type { RtMessage, RuleMessage } from './rtnetlink.ts';
import type { BootTime } from './time.ts';

/** Something that happened in a network namespace, at the kernel's time of it where that is known, else of its receipt. */
export interface Happening { readonly netns: NetnsRef; readonly time: BootTime }

/** One change of a FIB, as the shadow FIB understood it. */
export interface RouteChange extends Happening {
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
  /** Of a delete: the route was there before the session began. */
  readonly predates?: true;
  /** Its whole namespace went. */
  readonly netnsGone?: true;
}

/** One change of the rules that say which table is asked. */
export interface RuleChange extends Happening { readonly change: 'add' | 'delete'; readonly rule: RuleMessage }

/** Packets to one destination no longer go as the routing tables say: a redirect was followed, or the path MTU became smaller. */
export interface RouteException extends Happening {
  readonly event: 'redirect' | 'path-mtu';
  readonly family: Family;
  /** One address, with its length. */
  readonly dst: string;
  /** Of a redirect: the new one; undefined: the destination is on the link. */
  readonly gateway?: string;
  readonly mtu?: number;
  readonly ifindex?: number;
  readonly expiresSec?: number;
  /** The ICMP message that it comes from, as far as it is known; undefined: from none that was seen. */
  readonly packet?: { readonly source?: string; readonly mtu?: number };
}

/** A request that the kernel refused: nothing changed, or not all that was asked for. */
export interface Attempt extends Happening {
  readonly asked: RtMessage | { readonly kind: 'ioctl'; readonly request: string };
  /** Positive. */
  readonly errno: number;
  /** The kernel's own words (extended ack). */
  readonly message?: string;
  /** Routes that hold the place which the one asked for was to have, as far as they are known. */
  readonly existing: readonly Route[];
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
  /** A stack on the way to it was cut short, and what the thread had entered before was taken for the rest. */
  readonly isMended?: true;
}

/** Work that was queued by one context and ran in another. */
export interface Deferral { readonly fn: string; readonly object: bigint; readonly queuedFrames: readonly string[] }

/** All that is known about how a change came to be; what causes are matched against. */
export interface FactsOf<Change extends Happening> {
  readonly change: Change;
  /** Kernel stack, innermost first, cut where a softirq began; undefined: not read. */
  readonly frames?: readonly string[];
  readonly where: Where;
  readonly act: Act;
  /** The change ran in deferred work: what ran, and how it had been queued. */
  readonly deferral?: Deferral & { readonly call: Call };
  /** A route request answered under its own port id; no flags: which of several requests it was is not known. */
  readonly request?: { readonly type: number; readonly flags?: number; readonly exact: boolean };
  readonly names: NameLookup;
}

export type Facts = FactsOf<RouteChange>;

/** Names as they were at the time of the change, in the namespace of the route. */
export interface NameLookup {
  readonly device: (ifindex: number) => string | undefined;
  /** IFLA_INFO_KIND of a device: "vrf", "bond"... */
  readonly kind: (ifindex: number) => string | undefined;
  /** The VRF device that owns this table. */
  readonly vrf: (table: number) => string | undefined;
}

/** A cause that cannot be told from the one named. */
export interface RivalCause { readonly causeId: string; readonly actor: Actor; readonly tellApart: string }

export type AttributionVerdict<Change extends Happening = RouteChange> =
  | { readonly kind: 'caused'; readonly causeId: string; readonly confidence: Confidence; readonly trigger: Trigger; readonly facts: FactsOf<Change>; readonly rivals: readonly RivalCause[] }
  | { readonly kind: 'predates-session' }
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly facts?: FactsOf<Change> };

/**
 * What an attribution can be about. `present`: a route found at the start, where asked for, or in a namespace that was found later. `flags`: legs of a route that
 * stays can no longer be used (`delete`), or can again (`add`); `replaced` is the route before.
 */
export interface Subjects { readonly change: RouteChange; readonly present: RouteChange; readonly rule: RuleChange; readonly flags: RouteChange; readonly exception: RouteException; readonly attempt: Attempt }
export type Subject = keyof Subjects;

/** Exactly one for every change, and for every route found at the start where asked for. */
export interface AttributionOf<S extends Subject> {
  readonly kind: 'attribution';
  readonly subject: S;
  readonly change: Subjects[S];
  readonly verdict: AttributionVerdict<Subjects[S]>;
  readonly names: NameLookup;
  readonly evidence: readonly Evidence[];
  readonly caveats: readonly string[];
}
export type Attribution = { [S in Subject]: AttributionOf<S> }[Subject];

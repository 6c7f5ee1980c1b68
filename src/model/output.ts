import type { Family, RouteEffect } from './route.ts';

/** What other programs read: one JSON object per line, `schema: 1`. See docs/json-output.md. */
export const OUTPUT_SCHEMA = 1;

export type Tier = 'bpftrace' | 'ftrace' | 'netlink';
export type Confidence = 'proved' | 'likely' | 'guessed';
export type Verdict = 'caused' | 'predates-session' | 'unknown';
export type UnknownReason = 'no-match' | 'blind' | 'events-lost';

export interface NetnsOutput { readonly inode: number; readonly name?: string }
export interface LegOutput { readonly gateway?: string; readonly dev?: string; readonly ifindex?: number; readonly weight: number; readonly flags?: readonly string[]; readonly encap?: string }

export interface RouteOutput {
  readonly family: Family; readonly dst: string; readonly src?: string; readonly type: string;
  readonly table: number; readonly tableName?: string; readonly protocol: number; readonly protocolName?: string;
  readonly scope: string; readonly tos?: number; readonly dev?: string; readonly ifindex?: number; readonly gateway?: string; readonly flags?: readonly string[];
  readonly nexthops?: readonly LegOutput[]; readonly legs?: readonly LegOutput[]; readonly nhid?: number; readonly metric: number;
  readonly prefsrc?: string; readonly expires?: number; readonly pref?: string; readonly metrics?: Readonly<Record<string, number>>;
  readonly netns: NetnsOutput;
}

export type Trigger =
  | { readonly kind: 'netlink-request'; readonly request: string; readonly flags: readonly string[] }
  | { readonly kind: 'ioctl'; readonly request: string }
  | { readonly kind: 'sysctl'; readonly name: string; readonly oldValue?: number | string; readonly value?: number | string }
  | { readonly kind: 'setsockopt'; readonly option: 'join' | 'leave' | 'close'; readonly address?: string }
  | { readonly kind: 'router-advertisement'; readonly source?: string; readonly lifetime?: number; readonly dev?: string }
  | { readonly kind: 'icmp-redirect'; readonly source?: string }
  | { readonly kind: 'icmp-too-big'; readonly source?: string; readonly mtu?: number }
  | { readonly kind: 'link-state'; readonly dev?: string; readonly ifindex?: number; readonly state?: string; readonly mtu?: number; readonly master?: string }
  | { readonly kind: 'device'; readonly dev?: string; readonly ifindex?: number; readonly event?: 'created' | 'removed' | 'owner-gone' }
  | { readonly kind: 'namespace'; readonly event: 'moved' | 'destroyed'; readonly dev?: string }
  | { readonly kind: 'address-change'; readonly event: 'added' | 'removed' | 'changed'; readonly address?: string; readonly dev?: string; readonly ifindex?: number }
  | { readonly kind: 'address-lifetime'; readonly address?: string; readonly dev?: string }
  | { readonly kind: 'route-lifetime' }
  | { readonly kind: 'nexthop-change'; readonly id?: number; readonly event: 'added' | 'replaced' | 'removed' | 'flushed' }
  | { readonly kind: 'unknown' };

export interface AncestorOutput { readonly pid: number; readonly comm?: string; readonly argv?: readonly string[] }

export interface Actor {
  readonly kind: 'process' | 'router' | 'kernel' | 'unknown';
  readonly pid?: number; readonly comm?: string; readonly argv?: readonly string[]; readonly argvTruncated?: boolean;
  readonly uid?: number;
  /** Parent first, towards init. */
  readonly ancestry?: readonly AncestorOutput[];
  readonly unit?: string;
  /** Of a router. */
  readonly address?: string;
}

/** One line of the causal tree; `depth` 0 is the root act, each deeper one follows from the line above it. */
export interface Step { readonly depth: number; readonly text: string; readonly function?: string; readonly context?: 'task' | 'kworker' | 'softirq' }
export interface Evidence { readonly kind: 'message' | 'stack' | 'call' | 'requester' | 'deferred' | 'state' | 'time'; readonly text: string }
export interface Reference { readonly id: string; readonly title: string; readonly section?: string; readonly url?: string }
export interface Rival { readonly cause: { readonly id: string; readonly title: string }; readonly actor?: Actor; readonly tellApart: string }

/** One of two who undo each other's doing: the nearest program that all its acts have in common. */
export interface WarSide {
  /** What it does each time. */
  readonly effect: string;
  readonly pid?: number; readonly comm?: string; readonly argv?: readonly string[]; readonly unit?: string;
  /** Of a router. */
  readonly address?: string;
}
export interface WarOutput {
  /** Whoever acted last comes first: what it set holds at the moment. */
  readonly sides: readonly [WarSide, WarSide];
  /** How often the two have taken turns, and since when. */
  readonly turns: number; readonly since: string;
  /** Between two acts of one side, on average. */
  readonly periodSeconds: number;
  /** What ends it. */
  readonly advice: readonly string[];
}

/** What is told of anything that happened: how sure, who, how, on which path, and what to do. */
export interface ExplainedOutput {
  readonly id: string; readonly origin: string;
  readonly time: string; readonly bootTimeNs: string;
  readonly verdict: Verdict; readonly confidence?: Confidence; readonly reason?: UnknownReason;
  readonly cause: { readonly id: string; readonly title: string };
  readonly trigger: Trigger; readonly actor: Actor;
  readonly headline: string;
  readonly steps: readonly Step[]; readonly evidence: readonly Evidence[];
  readonly stack?: readonly string[]; readonly rivals?: readonly Rival[];
  readonly references: readonly Reference[]; readonly advice?: readonly string[]; readonly caveats?: readonly string[];
  /** Two programs undo each other's doing here. */
  readonly war?: WarOutput;
}

export interface RouteChangeOutput extends ExplainedOutput {
  readonly kind: 'route-change' | 'route-present';
  readonly change: RouteEffect; readonly position?: 'first' | 'last';
  readonly silent: boolean;
  readonly replaced?: RouteOutput;
  readonly route: RouteOutput;
}

/** A rule of the routing policy database: `from`, `to`, `iif`... as iproute2 calls them. */
export interface RuleOutput {
  readonly family: Family; readonly priority: number; readonly action: string;
  readonly table: number; readonly tableName?: string; readonly protocol?: number; readonly protocolName?: string;
  readonly not?: true; readonly from?: string; readonly to?: string; readonly iif?: string; readonly oif?: string; readonly tos?: number;
  readonly fwmark?: number; readonly fwmask?: number; readonly l3mdev?: true; readonly uidrange?: readonly [number, number];
  readonly ipproto?: number; readonly sport?: readonly [number, number]; readonly dport?: readonly [number, number]; readonly tunId?: string;
  readonly goto?: number; readonly suppressPrefixLength?: number; readonly suppressIfGroup?: number;
  /** As one would type it after `ip rule add`. */
  readonly text: string;
  readonly netns: NetnsOutput;
}
/** A rule came or went: no route changes, but another table may answer. */
export interface RuleChangeOutput extends ExplainedOutput {
  readonly kind: 'rule-change'; readonly change: 'add' | 'delete'; readonly rule: RuleOutput;
}

/** Legs of a route that stays got or lost flags: it can be used less, or again. No message tells. */
export interface RouteFlagsOutput extends ExplainedOutput {
  readonly kind: 'route-flags'; readonly change: 'set' | 'cleared';
  /** Those that were set or cleared: `dead`, `linkdown`. */
  readonly flags: readonly string[];
  /** Afterwards; `legs`: those that the change is about. */
  readonly route: RouteOutput;
}

/** A request that the kernel refused: nothing changed, or not all that was asked for. */
export interface AttemptOutput extends ExplainedOutput {
  readonly kind: 'attempt';
  /** "route add", "ioctl SIOCADDRT": object and verb as iproute2 has them, or the ioctl. */
  readonly request: string;
  /** Of a request for a route or rule: as it was asked for. */
  readonly route?: RouteOutput; readonly rule?: RuleOutput;
  /** Of another: the address, nexthop object or device, where the request names it. */
  readonly target?: string;
  readonly errno: number;
  /** "EEXIST" */
  readonly error: string;
  /** The kernel's own words (extended ack). */
  readonly message?: string;
  readonly netns: NetnsOutput;
}

/** The tables did not change, but packets to one destination take another gateway, or have to be smaller. */
export interface ExceptionOutput extends ExplainedOutput {
  readonly kind: 'exception'; readonly event: 'redirect' | 'path-mtu';
  readonly family: Family; readonly dst: string; readonly gateway?: string; readonly mtu?: number;
  readonly dev?: string; readonly ifindex?: number; readonly netns: NetnsOutput; readonly expires?: number;
}

/** Any record that says what happened to routing and why. */
export type ChangeOutput = RouteChangeOutput | RuleChangeOutput | RouteFlagsOutput | ExceptionOutput | AttemptOutput;

export interface CoverageOutput {
  readonly armed: readonly string[];
  readonly replaced: readonly { readonly probe: string; readonly by: string }[];
  readonly blind: readonly { readonly cause: string; readonly missing: readonly string[] }[];
}

export interface SessionOutput {
  readonly kind: 'session'; readonly schema: typeof OUTPUT_SCHEMA; readonly version: string;
  readonly host: { readonly hostname: string; readonly kernel: string; readonly machine: string; readonly cpus: number; readonly bpftrace?: string };
  readonly tier: Tier; readonly tierReason: string; readonly coverage: CoverageOutput;
  /** CLOCK_REALTIME minus CLOCK_BOOTTIME at the start, ns. */
  readonly clockOffsetNs: string;
  readonly netns?: NetnsOutput; readonly replayed?: true;
}
export interface ReadyOutput { readonly kind: 'ready'; readonly time: string; readonly bootTimeNs: string }
export interface SummaryOutput {
  readonly kind: 'summary'; readonly changes: number; readonly caused: number; readonly unknown: number; readonly silent: number; readonly lost: number;
  /** Only in a replay: the recording ends before its writer closed it. */
  readonly truncated?: true;
}
export interface LossOutput {
  readonly kind: 'loss'; readonly source: string; readonly what: string; readonly count?: number;
  readonly time: string; readonly since: string; readonly bootTimeNs: string;
}

/** How one address is reached, as the kernel answers. */
export interface ReachOutput {
  /** Why it is not reached: "ENETUNREACH". */
  readonly error?: string;
  readonly type?: string; readonly dev?: string; readonly ifindex?: number; readonly gateway?: string;
  readonly table?: number; readonly tableName?: string;
  /** The source address that the kernel chose. */
  readonly source?: string;
  /** Destination of the route that decides. */
  readonly route?: string;
  /** Only where it is not: the address that the session comes from is no longer this host's. */
  readonly fromHere?: false;
}
export type ImpactWhat = 'tcp' | 'udp' | 'neighbour' | 'nexthop' | 'tunnel' | 'bgp-peer' | 'bfd-peer';
export type ImpactEffect = 'local-delivery' | 'other-device' | 'other-gateway' | 'other-source' | 'source-gone' | 'other-vrf' | 'unreachable';
export interface ImpactedOutput {
  readonly remote: string; readonly remotePort?: number; readonly local?: string; readonly localPort?: number;
  /** The device or VRF that it is bound to; of a neighbour or nexthop: where it is. */
  readonly dev?: string; readonly ifindex?: number;
  /** Of a tunnel: its type and device. */
  readonly name?: string;
  /** Of a nexthop: destinations of routes that use it. */
  readonly routes?: readonly string[];
  /** What it is in now, where that is known. */
  readonly state?: string;
  /** Sent again so often without an answer when it ended. */
  readonly retransmits?: number;
  readonly before: ReachOutput; readonly after: ReachOutput;
}
/** What depends on a route, and is reached differently since changes of one origin. */
export interface ImpactOutput {
  readonly kind: 'impact'; readonly id: string;
  /** Of the changes that touched it; its own id where no change that was told explains it. */
  readonly origin: string;
  /** Those of this origin that touched it; of `cleared`: those that put it right. */
  readonly changes: readonly string[];
  readonly status: 'expected' | 'observed' | 'cleared';
  /** Of `observed` and `cleared`: the record that expected it. */
  readonly of?: string;
  readonly time: string; readonly bootTimeNs: string; readonly netns: NetnsOutput;
  readonly what: ImpactWhat; readonly effect: ImpactEffect;
  readonly owner?: { readonly pid: number; readonly comm?: string; readonly argv?: readonly string[]; readonly unit?: string };
  readonly headline: string;
  /** Of `observed`: since the change. */
  readonly afterSeconds?: number;
  readonly count: number;
  /** The first hundred. */
  readonly endpoints: readonly ImpactedOutput[];
  readonly caveats?: readonly string[];
}
/** What impact covers in a namespace, and what could not be looked at. */
export interface ImpactScopeOutput {
  readonly kind: 'impact-scope'; readonly time: string; readonly bootTimeNs: string; readonly netns: NetnsOutput;
  readonly watched: Readonly<Partial<Record<ImpactWhat, number>>>; readonly unchecked: readonly string[];
}

export type OutputRecord = SessionOutput | ReadyOutput | ChangeOutput | ImpactOutput | ImpactScopeOutput | LossOutput | SummaryOutput;

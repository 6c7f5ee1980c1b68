import type { ProbeFields, ProbeRecordType } from './fields.ts';
import type { NetnsRef } from './netns.ts';
import type { Family } from './route.ts';
import type { BootTime } from './time.ts';

export type SourceName = 'bpftrace' | 'ftrace' | 'rtnetlink' | 'icmp' | 'host';

interface Seen { readonly time: BootTime; readonly source: SourceName }

/** One record of one kernel probe; `fields` holds what that probe could read, absent means unreadable. */
export interface ProbeObservation extends Seen {
  readonly kind: 'probe';
  readonly type: ProbeRecordType;
  /** Kernel function (or tracepoint) that the probe sits on. */
  readonly fn: string;
  readonly cpu: number;
  /** Thread that ran it: in interrupt context merely the one that was interrupted. */
  readonly tid: number;
  /** Process (thread group) of `tid`. */
  readonly pid: number;
  readonly fields: ProbeFields;
}

/**
 * Frames of a numbered kernel stack, innermost first, symbols only. An empty one could not be walked.
 * Numbers are handed out per CPU: `id` is unique together with `cpu`.
 */
export interface StackObservation extends Seen {
  readonly kind: 'stack'; readonly cpu: number; readonly id: bigint; readonly frames: readonly string[];
}

/** This CPU has printed everything older than `time`. */
export interface TickObservation extends Seen { readonly kind: 'tick'; readonly cpu: number }

/** One rtnetlink message as received. `dump`: part of the answer to a dump request, not a notification. */
export interface NetlinkObservation extends Seen {
  readonly kind: 'netlink'; readonly netns: NetnsRef; readonly dump: boolean; readonly bytes: Uint8Array;
}

/** The rtnetlink socket of `netns` was drained at `time`: nothing older waits in it. Without `netns`: the one socket that hears all. */
export interface DrainedObservation extends Seen { readonly kind: 'drained'; readonly netns?: NetnsRef }

/** A namespace is heard from now on; or it is gone, with its devices and tables, and nothing more comes from it. */
export interface NetnsObservation extends Seen { readonly kind: 'netns'; readonly netns: NetnsRef; readonly event: 'found' | 'gone' }

/** A dump of everything in `netns`, or, for the reason `cache`, of the exceptions to its routes; its messages lie between begin and end. `consistent` false: interrupted, asked again. */
export interface DumpObservation extends Seen {
  readonly kind: 'dump'; readonly netns: NetnsRef; readonly phase: 'begin' | 'end';
  readonly reason: 'start' | 'resync' | 'check' | 'cache' | 'end'; readonly consistent: boolean;
}

/** ICMP packets of `netns` are heard from now on, or no longer. */
export interface HearingObservation extends Seen { readonly kind: 'hearing'; readonly netns: NetnsRef; readonly isOn: boolean }

/** An ICMP message that came to this host, as a raw socket got it: the kernel turns to it next, or drops it. */
export interface PacketObservation extends Seen {
  readonly kind: 'packet'; readonly netns: NetnsRef; readonly family: Family; readonly ifindex: number;
  /** Address of the sender, 4 or 16 bytes. */
  readonly from: Uint8Array;
  /** Hop limit or TTL that was left. */
  readonly hops: number;
  /** From its type on; what is very long may be cut. */
  readonly bytes: Uint8Array;
}

/**
 * Between `since` and `time` this source lost `count` events (undefined: it cannot count them). `functions`: all of them were calls of
 * these, or returns from them (undefined: that is not known).
 */
export interface LostObservation extends Seen {
  readonly kind: 'lost'; readonly since: BootTime; readonly count?: number; readonly what: string; readonly functions?: readonly string[];
}

/** What is said of a tracer of which nothing more can come, and of one that nothing has been heard of for long: what it has seen may still come, too late. */
export const TRACER_ENDED = 'tracer ended';
export const TRACER_BEHIND = 'tracer behind';

/** What /proc told of a process; keyed by pid and start time, because pids are reused. */
export interface ProcessObservation extends Seen {
  readonly kind: 'process'; readonly pid: number; readonly startTicks: bigint; readonly ppid: number;
  readonly uid?: number; readonly comm: string; readonly argv: readonly string[]; readonly argvTruncated?: boolean;
  readonly cgroup?: string; readonly unit?: string;
  /** It lives in another pid namespace than this /proc is of, and there it has this pid. */
  readonly innerPid?: number;
}

/** What /proc told at `time` of the socket with this port id: it is gone, or there, and these had it open when one last searched. */
export interface PortObservation extends Seen {
  readonly kind: 'port'; readonly netns: NetnsRef; readonly portid: number;
  /** Inode number of the socket; absent: it is gone. */
  readonly inode?: number;
  /** Processes that have it open, each as `pid/startTicks`. */
  readonly holders: readonly string[];
  /** Every process was looked at; else another one may hold it, too. */
  readonly complete: boolean;
  /** When that search began; the first that was told of it came when it had ended. Absent: the search was this look, or one before that told the same. */
  readonly searched?: BootTime;
}

/** A process began, became another program, or ended; or some of that was lost (process events connector, drivers/connector/cn_proc.c). */
export interface LifeObservation extends Seen {
  readonly kind: 'life'; readonly event: 'fork' | 'exec' | 'exit' | 'lost'; readonly pid: number;
  /** Of a fork. */
  readonly parent?: number;
}

/** A name out of iproute2's rt_tables, rt_protos or rt_scopes, or of a network namespace. */
export interface NameObservation extends Seen {
  readonly kind: 'name'; readonly of: 'table' | 'protocol' | 'scope' | 'netns' | 'cgroup'; readonly id: string; readonly name: string;
}

/** Every probe is attached and the first dump is in: what happens from `time` on is seen. */
export interface ReadyObservation extends Seen { readonly kind: 'ready' }

/** A line or message that made no sense: counted and shown, never fatal. */
export interface UndecodableObservation extends Seen { readonly kind: 'undecodable'; readonly sample: string }

/** What depends on how an address is reached. */
export type EndpointKind = 'tcp' | 'udp' | 'neighbour' | 'nexthop' | 'tunnel' | 'bgp-peer' | 'bfd-peer';

/** Something that depends on how `remote` is reached was found, is different now, or is gone. */
export interface EndpointObservation extends Seen {
  readonly kind: 'endpoint'; readonly netns: NetnsRef; readonly event: 'found' | 'changed' | 'gone';
  /** Names it within its namespace as long as it is there. */
  readonly id: string;
  readonly what: EndpointKind;
  readonly remote: string; readonly local?: string; readonly remotePort?: number; readonly localPort?: number;
  /** The device or VRF that it is bound to; of a neighbour or nexthop: the device where it is. */
  readonly ifindex?: number;
  /** Who has it. */
  readonly pid?: number; readonly comm?: string; readonly argv?: readonly string[]; readonly unit?: string;
  /** Of a tunnel: its device; of a peer: the daemon. */
  readonly name?: string;
  /** "ESTABLISHED", "Established", "up"; of what is gone: nothing, or what it was last. */
  readonly state?: string;
  /** Of a socket: how often it had sent again without an answer. */
  readonly retransmits?: number;
  /** Of a nexthop: destinations of routes that use it, some of them. */
  readonly routes?: readonly string[];
  /** Of a TCP session that is gone: when it was established no longer, as the kernel was seen doing it. */
  readonly ended?: BootTime;
}

/** What the kernel answered when it was asked how the remote of an endpoint is reached; whole messages (RTM_NEWROUTE or NLMSG_ERROR). */
export interface AnswerObservation extends Seen {
  readonly kind: 'answer'; readonly netns: NetnsRef; readonly id: string;
  /** Found with the endpoint; after a change that may touch it; or now and then. */
  readonly reason: 'start' | 'change' | 'refresh';
  /** What packets take; the FIB's entry (RTM_F_FIB_MATCH); and how the local address is reached. */
  readonly taken: Uint8Array; readonly match?: Uint8Array; readonly from?: Uint8Array;
}

/** The endpoints of a namespace were looked for, and this could not be looked at. */
export interface ScopeObservation extends Seen { readonly kind: 'scope'; readonly netns: NetnsRef; readonly unchecked: readonly string[] }

/** All endpoints of a namespace that anything heard before may have touched were asked about by then. Told at the start, and after what was found to be reached differently. */
export interface AskedObservation extends Seen { readonly kind: 'asked'; readonly netns: NetnsRef }

/** What any source saw: the recorded form, and the only input of the pipeline. */
export type Observation =
  | ProbeObservation | StackObservation | TickObservation | NetlinkObservation | DrainedObservation
  | NetnsObservation | DumpObservation | HearingObservation | PacketObservation | LostObservation | ProcessObservation | PortObservation | LifeObservation | NameObservation | ReadyObservation | UndecodableObservation
  | EndpointObservation | AnswerObservation | AskedObservation | ScopeObservation;

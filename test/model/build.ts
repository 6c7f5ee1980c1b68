import type { ProbeFields, ProbeRecordType } from '../../src/model/fields.ts';
import type { NetnsRef } from '../../src/model/netns.ts';
import type {
  DrainedObservation, DumpObservation, LostObservation, NetlinkObservation, ProbeObservation, ProcessObservation, ReadyObservation,
  StackObservation, TickObservation,
} from '../../src/model/observation.ts';
import { bootTime, type BootTime } from '../../src/model/time.ts';

export const NETNS: NetnsRef = { inode: 4026531840, cookie: 1n };
export const OTHER_NETNS: NetnsRef = { inode: 4026532200, cookie: 7n };

/** Milliseconds since boot as the tests write them. */
export const at = (milliseconds: number): BootTime => bootTime(BigInt(Math.round(milliseconds * 1_000_000)));

/** A thread as the probes see it; the process is the one of `pid`. */
export interface Task { readonly pid: number; readonly tid: number; readonly startMs: number; readonly comm: string; readonly cpu: number }
export const task = (pid: number, comm: string, more: Partial<Task> = {}): Task => ({ pid, tid: pid, startMs: 500, comm, cpu: 0, ...more });

export const identity = (who: Task): ProbeFields => ({ start: at(who.startMs), comm: who.comm });
export const netnsFields = (netns: NetnsRef): ProbeFields => ({ netns: netns.inode, ...(netns.cookie === undefined ? {} : { cookie: netns.cookie }) });

export const probe = (who: Task, ms: number, type: ProbeRecordType, fn: string, fields: ProbeFields = {}): ProbeObservation =>
  ({ kind: 'probe', source: 'bpftrace', time: at(ms), type, fn, cpu: who.cpu, tid: who.tid, pid: who.pid, fields });
export const tick = (ms: number, cpu = 0): TickObservation => ({ kind: 'tick', source: 'bpftrace', time: at(ms), cpu });
export const stack = (ms: number, cpu: number, id: bigint, frames: readonly string[]): StackObservation =>
  ({ kind: 'stack', source: 'bpftrace', time: at(ms), cpu, id, frames });
export const netlink = (ms: number, bytes: Uint8Array, more: { netns?: NetnsRef; dump?: boolean } = {}): NetlinkObservation =>
  ({ kind: 'netlink', source: 'rtnetlink', time: at(ms), netns: more.netns ?? NETNS, dump: more.dump ?? false, bytes });
export const drained = (ms: number, netns = NETNS): DrainedObservation => ({ kind: 'drained', source: 'rtnetlink', time: at(ms), netns });
export const dumpMark = (ms: number, phase: 'begin' | 'end', more: Partial<DumpObservation> = {}): DumpObservation =>
  ({ kind: 'dump', source: 'rtnetlink', time: at(ms), netns: NETNS, phase, reason: 'start', consistent: true, ...more });
export const ready = (ms: number): ReadyObservation => ({ kind: 'ready', source: 'host', time: at(ms) });
export const lost = (sinceMs: number, ms: number, more: Partial<LostObservation> = {}): LostObservation =>
  ({ kind: 'lost', source: 'bpftrace', since: at(sinceMs), time: at(ms), count: 3, what: 'perf buffer full', ...more });
export const processSeen = (ms: number, pid: number, startMs: number, more: Partial<ProcessObservation> = {}): ProcessObservation =>
  ({ kind: 'process', source: 'host', time: at(ms), pid, startTicks: at(startMs) / 10_000_000n, ppid: 1, comm: 'program', argv: ['program'], ...more });

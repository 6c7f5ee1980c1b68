import type { Observation, ProbeObservation, ProcessObservation } from '../model/observation.ts';
import type { Actor, AncestorOutput } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import { stringsOf } from './argv.ts';

/** CLOCK_BOOTTIME start time of a process in clock ticks (USER_HZ), as /proc/PID/stat has it (field 22). */
const TICK_NS = 10_000_000n;
/** The dead stay for a while: what they held (sockets, tun devices) goes after their exit, and children ask for them. */
const REMEMBERED_DEAD = 20_000;
const MAX_ANCESTORS = 16;
const MAX_PAST = 4;

/** What a process is until it starts another program, or gets another user. */
interface Image { comm?: string; uid?: number; argv?: readonly string[]; argvTruncated?: boolean }
interface Process extends Image {
  readonly pid: number;
  readonly startTicks: bigint;
  ppid?: number; parentTicks?: bigint;
  cgroup?: bigint; unit?: string;
  /** What it was before, oldest first. */
  past?: (Image & { readonly until: BootTime })[];
  argBytes: Uint8Array; argLength: number;
}

/** Who is who: from exec, fork, user and exit records, seeded from /proc, keyed by pid and start time. */
export interface ProcessTable {
  observe(observation: Observation): void;
  /** The actor for process `pid` started at `startNs` (unknown start: the newest of that pid), as it was at a time; without one: as it is. */
  actor(pid: number, startNs: bigint | undefined, comm: string | undefined, at?: BootTime): Actor;
}

const imageOf = (process: Process, at: BootTime | undefined): Image => (at === undefined ? undefined : process.past?.find(({ until }) => at < until)) ?? process;

export function createProcessTable(): ProcessTable {
  const processes = new Map<string, Process>();
  const newest = new Map<number, Process>();
  const units = new Map<string, string>();
  const dead = new Set<string>();

  function get(pid: number, startTicks: bigint): Process {
    const key = `${pid}/${startTicks}`;
    let process = processes.get(key);
    if (process === undefined) {
      process = { pid, startTicks, argBytes: new Uint8Array(0), argLength: 0 };
      const previous = newest.get(pid);
      // Its exit was not seen, but its number is in use again.
      if (previous !== undefined && previous.startTicks < startTicks) bury(pid, previous.startTicks);
      processes.set(key, process);
      newest.set(pid, process);
    }
    return process;
  }

  function bury(pid: number, startTicks: bigint): void {
    dead.add(`${pid}/${startTicks}`);
    const oldest = dead.size > REMEMBERED_DEAD ? dead.keys().next().value : undefined;
    if (oldest === undefined) return;
    dead.delete(oldest);
    const gone = processes.get(oldest);
    processes.delete(oldest);
    if (gone !== undefined && newest.get(gone.pid) === gone) newest.delete(gone.pid);
  }

  function turn(process: Process, until: BootTime): void {
    const { comm, uid, argv, argvTruncated } = process;
    if (comm === undefined && argv === undefined) return;
    process.past = [...process.past ?? [], {
      until, ...(comm === undefined ? {} : { comm }), ...(uid === undefined ? {} : { uid }), ...(argv === undefined ? {} : { argv }), ...(argvTruncated === undefined ? {} : { argvTruncated }),
    }].slice(-MAX_PAST);
  }

  function fromRecord(record: ProbeObservation): void {
    const { fields, pid } = record;
    if (record.type === 'argv') {
      const process = newest.get(pid);
      if (process !== undefined && fields.argv !== undefined) appendArguments(process, fields.offset ?? 0, fields.argv);
      return;
    }
    if (fields.start === undefined) return;
    if (record.type === 'exit') { bury(pid, fields.start / TICK_NS); return; }
    const process = get(pid, fields.start / TICK_NS);
    newest.set(pid, process);
    if (record.type === 'exec' || (fields.uid !== undefined && process.uid !== undefined && fields.uid !== process.uid)) turn(process, record.time);
    if (fields.comm !== undefined && record.type !== 'fork') process.comm = fields.comm;
    if (fields.uid !== undefined) process.uid = fields.uid;
    if (record.type !== 'exec' && record.type !== 'fork') return;
    if (fields.parent !== undefined) process.ppid = fields.parent;
    if (fields.parentstart !== undefined) process.parentTicks = fields.parentstart / TICK_NS;
    if (fields.cgroup !== undefined) process.cgroup = fields.cgroup;
    if (record.type === 'exec') {
      Object.assign(process, { argBytes: new Uint8Array(0), argLength: fields.arglen ?? 0, argv: undefined, argvTruncated: false });
    } else if (process.argv === undefined) {
      const parent = process.ppid === undefined ? undefined : parentOf(process);
      if (parent !== undefined) {
        Object.assign(process, { argv: parent.argv, argvTruncated: parent.argvTruncated, comm: process.comm ?? parent.comm, argBytes: parent.argBytes, argLength: parent.argLength });
      }
    }
  }

  function fromProc(seen: ProcessObservation): void {
    const process = get(seen.pid, seen.startTicks);
    process.ppid ??= seen.ppid;
    process.comm = seen.comm;
    process.argv = seen.argv;
    process.argvTruncated = seen.argvTruncated ?? false;
    if (seen.uid !== undefined) process.uid = seen.uid;
    if (seen.unit !== undefined) process.unit = seen.unit;
  }

  function parentOf(process: Process): Process | undefined {
    // 0: nobody. Records may be of the idle task, which has that number: it is what an interrupt found running.
    if (process.ppid === undefined || process.ppid === 0) return undefined;
    const parent = process.parentTicks === undefined ? newest.get(process.ppid) : processes.get(`${process.ppid}/${process.parentTicks}`);
    // A parent is never younger than its child: that one only inherited the number.
    return parent !== undefined && parent.startTicks <= process.startTicks && parent !== process ? parent : undefined;
  }

  function ancestry(process: Process, at: BootTime | undefined): AncestorOutput[] {
    const line: AncestorOutput[] = [];
    const told = new Set([process]);
    for (let up = parentOf(process); up !== undefined && !told.has(up) && line.length < MAX_ANCESTORS; up = parentOf(up)) {
      told.add(up);
      const { comm, argv } = imageOf(up, at);
      line.push({ pid: up.pid, ...(comm === undefined ? {} : { comm }), ...(argv === undefined || argv.length === 0 ? {} : { argv }) });
    }
    return line;
  }

  return {
    observe(observation) {
      if (observation.kind === 'process') fromProc(observation);
      else if (observation.kind === 'probe') fromRecord(observation);
      else if (observation.kind === 'name' && observation.of === 'cgroup') units.set(observation.id, observation.name);
    },
    actor(pid, startNs, comm, at) {
      const process = startNs === undefined ? newest.get(pid) : processes.get(`${pid}/${startNs / TICK_NS}`);
      if (process === undefined) return { kind: 'process', pid, ...(comm === undefined ? {} : { comm }) };
      const unit = process.unit ?? (process.cgroup === undefined ? undefined : units.get(String(process.cgroup)));
      const line = ancestry(process, at);
      const image = imageOf(process, at);
      return {
        kind: 'process', pid,
        ...(image.comm === undefined ? comm === undefined ? {} : { comm } : { comm: image.comm }),
        ...(image.argv === undefined ? {} : { argv: image.argv }),
        ...(image.argvTruncated === true ? { argvTruncated: true } : {}),
        ...(image.uid === undefined ? {} : { uid: image.uid }),
        ...(line.length === 0 ? {} : { ancestry: line }),
        ...(unit === undefined ? {} : { unit }),
      };
    },
  };
}

function appendArguments(process: Process, offset: number, chunk: Uint8Array): void {
  if (offset !== process.argBytes.length || offset > 4096) return;
  const joined = new Uint8Array(offset + chunk.length);
  joined.set(process.argBytes);
  joined.set(chunk, offset);
  process.argBytes = joined;
  const whole = process.argLength <= joined.length;
  process.argv = stringsOf(joined.subarray(0, Math.min(joined.length, process.argLength)));
  process.argvTruncated = !whole;
}

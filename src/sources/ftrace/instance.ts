import { RoutecauseError } from '../../model/errors.ts';
import type { Program } from './compile/script.ts';
import { definition, groupName, groupsIn, instanceName, ownerOf, type Owner, type Returns } from './definitions.ts';
import { parseFormat, type EventFormat } from './event-format.ts';
import type { Pipe, Tracefs } from './tracefs.ts';

/** An event in the instance. */
export interface Placed {
  readonly format: EventFormat;
  enable(): void;
  /** Takes it off again, as far as the kernel lets us: what it keeps goes with the instance. */
  drop(): void;
}

/** An instance of ours, and the events that are in it. Nothing is recorded before record(). */
export interface Instance {
  /** Puts a program on its event, filter and stack included; it is not enabled yet. @throws what the kernel answered */
  add(program: Program): Placed;
  /** A tracepoint of the kernel. @throws Error where there is none of that name */
  addTracepoint(name: string): Placed;
  record(): void;
  format(path: string): EventFormat;
  pipes(): ReadonlyMap<number, Pipe>;
  read(path: string): string | undefined;
  /** How often probes of ours missed their function or its return, by function. */
  missed(): ReadonlyMap<string, number>;
  /** Takes everything off. What does not go is left to the next start. */
  remove(): void;
}

/** Of kprobes and of fprobes, from 5.0; kprobe_events are the former alone. */
const EVENTS = 'dynamic_events';

/** Memory for events of all CPUs together, and the least and most of one. */
const TOTAL_KB = 65_536;
const LEAST_KB = 1024;
const MOST_KB = 8192;

/** What kernels do differently. `countsMisses`: its counters of missed calls count those, and nothing else. */
export interface KernelHabits { readonly returns: Returns; readonly countsMisses: boolean }

/** @throws RoutecauseError where tracefs refuses */
export function createInstance(tracefs: Tracefs, owner: Owner, { returns, countsMisses }: KernelHabits = { returns: 'kretprobe', countsMisses: true }): Instance {
  const path = `instances/${instanceName(owner)}`;
  const group = groupName(owner);
  const events = new Map<string, string>();
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      throw new RoutecauseError(`tracefs refuses ${what}: ${error instanceof Error ? error.message : String(error)}`, 'run: routecause doctor');
    }
  };
  const formatOf = (file: string): EventFormat => {
    const format = parseFormat(tracefs.read(file) ?? '');
    if (format === undefined) throw new RoutecauseError(`tracefs has no ${file}`, 'run: routecause doctor');
    return format;
  };
  const placed = (files: string, drop: () => void): Placed => ({
    format: formatOf(`${files}/format`), drop, enable: () => { tracefs.write(`${files}/enable`, '1'); },
  });

  attempt('an instance', () => { tracefs.makeDirectory(path); });
  attempt('not to record yet', () => { tracefs.write(`${path}/tracing_on`, '0'); });
  attempt('the clock "boot"', () => { tracefs.write(`${path}/trace_clock`, 'boot'); });
  // What comes while it is full is lost, and counted; what was there before stays certain.
  attempt('to keep what is old', () => { tracefs.write(`${path}/options/overwrite`, '0'); });
  const cpus = tracefs.list(`${path}/per_cpu`).flatMap(name => /^cpu(\d+)$/.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  const sizeKb = Math.max(LEAST_KB, Math.min(MOST_KB, Math.floor(TOTAL_KB / Math.max(1, cpus.length))));
  attempt('buffers', () => { tracefs.write(`${path}/buffer_size_kb`, String(sizeKb)); });
  let made = 0;

  return {
    add(program) {
      // The kernel's counters of missed calls name events without their group.
      const event = `e${owner.pid}_${made++}`;
      const files = `${path}/events/${group}/${event}`;
      const drop = (): void => {
        events.delete(event);
        // A trigger keeps it enabled, and what is enabled cannot go.
        quietly(() => { tracefs.write(`${files}/enable`, '0'); });
        if (program.wantsStack) quietly(() => { tracefs.write(`${files}/trigger`, '!stacktrace'); });
        quietly(() => { tracefs.append(EVENTS, `-:${group}/${event}`); });
      };
      try {
        tracefs.append(EVENTS, definition(group, event, program, returns));
      } catch (error) {
        if (program.probe !== 'kretprobe' || returns === 'kretprobe') throw error;
        tracefs.append(EVENTS, definition(group, event, program, 'kretprobe'));
      }
      events.set(event, program.target);
      try {
        if (program.filter !== '') tracefs.write(`${files}/filter`, program.filter);
        // With a condition it is called for what passed, and after the event; without one for every call, and before it.
        if (program.wantsStack) tracefs.write(`${files}/trigger`, `stacktrace if ${program.filter === '' ? 'common_pid >= 0' : program.filter}`);
        return placed(files, drop);
      } catch (error) {
        drop();
        throw error;
      }
    },
    addTracepoint(name) {
      const files = `${path}/events/${name.replace(':', '/')}`;
      return placed(files, () => { quietly(() => { tracefs.write(`${files}/enable`, '0'); }); });
    },
    record: () => { attempt('to record', () => { tracefs.write(`${path}/tracing_on`, '1'); }); },
    format: formatOf,
    pipes: () => new Map(cpus.map(cpu => [cpu, tracefs.open(`${path}/per_cpu/cpu${cpu}/trace_pipe_raw`)])),
    read: file => tracefs.read(`${path}/${file}`),
    missed() {
      const counts = new Map<string, number>();
      if (!countsMisses) return counts;
      for (const [, event = '', count] of (tracefs.read('kprobe_profile') ?? '').matchAll(/^\s*(\S+)\s+\d+\s+(\d+)\s*$/gm)) {
        const fn = events.get(event);
        if (fn !== undefined) counts.set(fn, (counts.get(fn) ?? 0) + Number(count));
      }
      return counts;
    },
    remove: () => { removeOf(tracefs, owner); },
  };
}

/**
 * An instance in which these functions, and no others, are traced with their stacks, as soon as it records.
 * @throws RoutecauseError where tracefs refuses
 */
export function createFunctionInstance(tracefs: Tracefs, owner: Owner, functions: readonly string[]): Instance {
  const instance = createInstance(tracefs, owner);
  const path = `instances/${instanceName(owner)}`;
  try {
    // Before the tracer, which would begin with every function of the kernel.
    tracefs.write(`${path}/set_ftrace_filter`, functions.join(' '));
    tracefs.write(`${path}/current_tracer`, 'function');
    tracefs.write(`${path}/options/func_stack_trace`, '1');
    return instance;
  } catch (error) {
    instance.remove();
    throw new RoutecauseError(`tracefs refuses the function tracer: ${error instanceof Error ? error.message : String(error)}`, 'run: routecause doctor');
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It goes with the instance.
  }
}

/**
 * The instance first: the kernel keeps one that somebody has open, and then nothing else is touched. With it go its enabled
 * events, and probes that nobody has enabled can be removed. Returns whether all is gone.
 */
function removeOf(tracefs: Tracefs, owner: Owner): boolean {
  const path = `instances/${instanceName(owner)}`;
  try {
    if (tracefs.exists(path)) tracefs.removeDirectory(path);
    const group = groupName(owner);
    for (const event of groupsIn(tracefs.read(EVENTS) ?? '').get(group) ?? []) tracefs.append(EVENTS, `-:${group}/${event}`);
    return true;
  } catch {
    return false;
  }
}

/** Owners whose instances or probes are there. */
function ownersIn(tracefs: Tracefs): readonly Owner[] {
  const names = [...tracefs.list('instances'), ...groupsIn(tracefs.read(EVENTS) ?? '').keys()];
  const owners = new Map(names.flatMap(name => { const owner = ownerOf(name); return owner === undefined ? [] : [[instanceName(owner), owner] as const]; }));
  return [...owners.values()];
}

/** Owners that were killed: what they put there is of no use to anybody. */
export const leftoversIn = (tracefs: Tracefs, isAlive: (owner: Owner) => boolean): readonly Owner[] => ownersIn(tracefs).filter(owner => !isAlive(owner));

/** Removes what the dead left; another's is never touched. */
export function removeLeftovers(tracefs: Tracefs, isAlive: (owner: Owner) => boolean): void {
  for (const owner of leftoversIn(tracefs, isAlive)) removeOf(tracefs, owner);
}

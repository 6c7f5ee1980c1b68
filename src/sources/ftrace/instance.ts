import { RoutecauseError } from '../../model/errors.ts';
import type { Program } from './compile/script.ts';
import { definition, groupName, groupsIn, instanceName, ownerOf, type Owner } from './definitions.ts';
import { parseFormat, type EventFormat } from './event-format.ts';
import type { Pipe, Tracefs } from './tracefs.ts';

/** An instance of ours, and the events that are in it. */
export interface Instance {
  /** Puts a program on its event, filter and stack included; it is not enabled yet. */
  add(program: Program): EventFormat;
  /** Adds a tracepoint of the kernel. */
  addTracepoint(name: string): EventFormat;
  /** One event after the other, so that whoever waits between two of them can let others go on. */
  enable(): Iterable<void>;
  format(path: string): EventFormat;
  pipes(): ReadonlyMap<number, Pipe>;
  read(path: string): string | undefined;
  /** How often probes of ours missed their function. */
  missed(): number;
  /** Takes everything off. What does not go is left to the next start. */
  remove(): void;
}

/** Memory for events of all CPUs together, and the least and most of one. */
const TOTAL_KB = 65_536;
const LEAST_KB = 1024;
const MOST_KB = 8192;

type Attempt = (what: string, act: () => void) => void;

/** An empty instance with our clock and buffers; returns the CPUs that it has. */
function openInstance(tracefs: Tracefs, path: string, attempt: Attempt): readonly number[] {
  attempt('an instance', () => { tracefs.makeDirectory(path); });
  attempt('the clock "boot"', () => { tracefs.write(`${path}/trace_clock`, 'boot'); });
  // What comes while it is full is lost, and counted; what was there before stays certain.
  attempt('to keep what is old', () => { tracefs.write(`${path}/options/overwrite`, '0'); });
  const cpus = tracefs.list(`${path}/per_cpu`).flatMap(name => /^cpu(\d+)$/.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b);
  const sizeKb = Math.max(LEAST_KB, Math.min(MOST_KB, Math.floor(TOTAL_KB / Math.max(1, cpus.length))));
  attempt('buffers', () => { tracefs.write(`${path}/buffer_size_kb`, String(sizeKb)); });
  return cpus;
}

/**
 * An instance in which these functions, and no others, are traced with their stacks. @throws RoutecauseError where tracefs refuses
 */
export function createFunctionInstance(tracefs: Tracefs, owner: Owner, functions: readonly string[]): Instance {
  const instance = createInstance(tracefs, owner);
  const path = `instances/${instanceName(owner)}`;
  try {
    // Before the tracer, which would begin with every function of the kernel.
    tracefs.write(`${path}/set_ftrace_filter`, functions.join(' '));
    tracefs.write(`${path}/tracing_on`, '0');
    tracefs.write(`${path}/current_tracer`, 'function');
    tracefs.write(`${path}/options/func_stack_trace`, '1');
    tracefs.write(`${path}/tracing_on`, '1');
    return instance;
  } catch (error) {
    instance.remove();
    throw new RoutecauseError(`tracefs refuses the function tracer: ${error instanceof Error ? error.message : String(error)}`, 'run: routecause doctor');
  }
}

/** @throws RoutecauseError where tracefs refuses */
export function createInstance(tracefs: Tracefs, owner: Owner): Instance {
  const path = `instances/${instanceName(owner)}`;
  const group = groupName(owner);
  const tracepoints: string[] = [];
  const events: string[] = [];
  const refused = (what: string, error: unknown): RoutecauseError =>
    new RoutecauseError(`tracefs refuses ${what}: ${error instanceof Error ? error.message : String(error)}`, 'run: routecause doctor');
  const attempt = (what: string, act: () => void): void => {
    try {
      act();
    } catch (error) {
      throw refused(what, error);
    }
  };
  const formatOf = (file: string): EventFormat => {
    const format = parseFormat(tracefs.read(file) ?? '');
    if (format === undefined) throw refused(file, 'there is no such event');
    return format;
  };

  const cpus = openInstance(tracefs, path, attempt);

  return {
    add(program) {
      // The kernel's counters of missed calls name events without their group.
      const event = `e${owner.pid}_${events.length}`;
      attempt(`a probe on ${program.target}`, () => { tracefs.append('kprobe_events', definition(group, event, program)); });
      events.push(event);
      const files = `${path}/events/${group}/${event}`;
      if (program.filter !== '') attempt(`the filter of ${program.target}`, () => { tracefs.write(`${files}/filter`, program.filter); });
      // With a condition it is called for what passed, and after the event; without one for every call, and before it.
      if (program.wantsStack) attempt(`stacks of ${program.target}`, () => { tracefs.write(`${files}/trigger`, `stacktrace if ${program.filter === '' ? 'common_pid >= 0' : program.filter}`); });
      return formatOf(`${files}/format`);
    },
    addTracepoint(name) {
      const files = `${path}/events/${name.replace(':', '/')}`;
      tracepoints.push(files);
      return formatOf(`${files}/format`);
    },
    *enable() {
      for (const files of [...events.map(event => `${path}/events/${group}/${event}`), ...tracepoints]) {
        attempt(`to enable ${files}`, () => { tracefs.write(`${files}/enable`, '1'); });
        yield;
      }
    },
    format: formatOf,
    pipes: () => new Map(cpus.map(cpu => [cpu, tracefs.open(`${path}/per_cpu/cpu${cpu}/trace_pipe_raw`)])),
    read: file => tracefs.read(`${path}/${file}`),
    missed() {
      const ours = new Set(events);
      return [...(tracefs.read('kprobe_profile') ?? '').matchAll(/^\s*(\S+)\s+\d+\s+(\d+)\s*$/gm)].reduce((sum, [, name = '', count]) => ours.has(name) ? sum + Number(count) : sum, 0);
    },
    remove: () => { removeOf(tracefs, owner); },
  };
}

/**
 * The instance first: the kernel keeps one that somebody has open, and then nothing else is touched. With it go its enabled
 * events, and probes that nobody has enabled can be removed. Returns whether all is gone.
 */
export function removeOf(tracefs: Tracefs, owner: Owner): boolean {
  const path = `instances/${instanceName(owner)}`;
  try {
    if (tracefs.exists(path)) tracefs.removeDirectory(path);
    const group = groupName(owner);
    for (const event of groupsIn(tracefs.read('kprobe_events') ?? '').get(group) ?? []) tracefs.append('kprobe_events', `-:${group}/${event}`);
    return true;
  } catch {
    return false;
  }
}

/** Owners whose instances or probes are there. */
function ownersIn(tracefs: Tracefs): readonly Owner[] {
  const names = [...tracefs.list('instances'), ...groupsIn(tracefs.read('kprobe_events') ?? '').keys()];
  const owners = new Map(names.flatMap(name => { const owner = ownerOf(name); return owner === undefined ? [] : [[instanceName(owner), owner] as const]; }));
  return [...owners.values()];
}

/** Owners that were killed: what they put there is of no use to anybody. */
export const leftoversIn = (tracefs: Tracefs, isAlive: (owner: Owner) => boolean): readonly Owner[] => ownersIn(tracefs).filter(owner => !isAlive(owner));

/** Removes what the dead left; another's is never touched. */
export function removeLeftovers(tracefs: Tracefs, isAlive: (owner: Owner) => boolean): void {
  for (const owner of leftoversIn(tracefs, isAlive)) removeOf(tracefs, owner);
}

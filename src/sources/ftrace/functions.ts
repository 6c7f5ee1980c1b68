import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { RoutecauseError } from '../../model/errors.ts';
import type { ProbeRecordType } from '../../model/fields.ts';
import type { Observation } from '../../model/observation.ts';
import { bootTime } from '../../model/time.ts';
import { SENTINELS } from '../bpftrace/compose.ts';
import type { Owner } from './definitions.ts';
import { createBuffers, type Buffers, type Event } from './buffers.ts';
import { readField, type EventFormat } from './event-format.ts';
import { createFunctionInstance, type Instance } from './instance.ts';
import { createLosses, type Losses } from './losses.ts';
import type { FtraceOptions, FtraceSource } from './run.ts';
import { createReading } from './reading.ts';
import { parseScript } from './script/parse.ts';
import { createTasks, startAtFork } from './tasks.ts';
import { tracefsAt } from './tracefs.ts';

/** A function that is worth telling without its arguments, and as what. */
export interface Traced { readonly fn: string; readonly type: ProbeRecordType }

/** Called for every packet or request: without their arguments they tell nothing that a stack does not. */
const TOO_MANY: readonly string[] = ['rtnetlink_rcv_msg', 'ndisc_rcv'];
const NOTIFIES = 'rtnl_notify';

/** The functions that scripts tell the entry of, and the one that every notification passes. */
export function tracedFunctions(scripts: readonly { readonly name: string; readonly body: string }[]): readonly Traced[] {
  const told = scripts.flatMap(({ body }) => parseScript(body).filter(({ probe, target }) => probe === 'kprobe' && !TOO_MANY.includes(target)).flatMap(({ target }): Traced[] => {
    const type = (['call', 'via', 'sentinel'] as const).find(word => body.includes(`printf("${word} ${target} `));
    return type === undefined ? [] : [{ fn: target, type }];
  }));
  return [...new Map([...told, { fn: NOTIFIES, type: 'notify' as const }].map(traced => [traced.fn, traced])).values()];
}

export interface FunctionOptions extends Omit<FtraceOptions, 'programs' | 'instance' | 'formats'> {
  /** This process. */
  readonly owner: Owner;
  readonly functions: readonly Traced[];
  /** What /proc knows of a process that became another program, while it lives. */
  readonly onExec: (pid: number) => void;
  /** When the process began that had this pid when /proc was asked last, CLOCK_BOOTTIME ns. */
  readonly startOf: (pid: number) => bigint | undefined;
}

interface Kind { readonly wantsStack: boolean; readonly name: string; readonly format: EventFormat }

const POLL_MS = 20;
const PROVOKE_MS = 100;
const TICK_NS = 200_000_000n;

/** The function tracer in an instance of our own: which functions ran, on whose stack, and nothing of their arguments. */
export function createFunctionSource(options: FunctionOptions): FtraceSource {
  const tracefs = tracefsAt(options.tracefs);
  const tasks = createTasks(options.threadOf);
  const typeOf = new Map(options.functions.map(({ fn, type }) => [fn, type]));
  const numbers = new Map<string, bigint>();
  const reading = createReading(readOnce, POLL_MS);
  const ended = Promise.withResolvers<void>();
  let instance: Instance | undefined;
  let buffers: Buffers<Kind> | undefined;
  let losses: Losses | undefined;
  let deliver: (observation: Observation) => void = () => undefined;
  let isOurs: (fn: string) => void = () => undefined;
  let tickedAt = 0n;
  let cpus: readonly number[] = [];

  async function start(to: (observation: Observation) => void): Promise<void> {
    const seen = new Set<string>();
    deliver = to;
    isOurs = fn => { seen.add(fn); };
    process.once('exit', remove);
    try {
      const made = instance = createFunctionInstance(tracefs, options.owner, options.functions.map(({ fn }) => fn));
      const points = ['sched:sched_process_fork', 'sched:sched_process_exec', 'sched:sched_process_exit', 'task:task_rename'].map(name => [name, made.addTracepoint(name)] as const);
      const traced = made.format('events/ftrace/function/format');
      const kinds = new Map<number, Kind>([...points.map(([name, { format }]) => [format.id, { name, format, wantsStack: false }] as const), [traced.id, { name: 'function', format: traced, wantsStack: true }]]);
      const pipes = made.pipes();
      cpus = [...pipes.keys()];
      buffers = createBuffers(pipes, { pageBytes: 4096, kinds, stack: made.format('events/ftrace/kernel_stack/format') });
      losses = createLosses(made);
      for (const [, point] of points) point.enable();
      made.record();
      await nextTurn();
      for (const [tid, thread] of options.threads()) tasks.seed(tid, thread);
      reading.start();
      await untilSeen(seen);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Without its number, a request is ours by the process that made it. */
  async function untilSeen(seen: ReadonlySet<string>): Promise<void> {
    const limit = performance.now() + options.readyTimeoutMs;
    while (!seen.has(SENTINELS.first) || !seen.has(SENTINELS.last)) {
      if (performance.now() > limit) throw new RoutecauseError(`the function tracer did not begin within ${Math.round(options.readyTimeoutMs / 1000)} s`, 'look for a loaded machine, or try again with --attach-timeout SECONDS');
      options.provoke(1);
      await delay(PROVOKE_MS);
    }
  }

  function readOnce(): boolean {
    if (buffers === undefined) return false;
    const now = options.now();
    const { events, until, more } = buffers.read(now);
    for (const event of events) tell(event);
    if (events.length > 0 || now - tickedAt >= TICK_NS) {
      const full = losses?.take(cpus).full ?? 0;
      if (full > 0) deliver({ kind: 'lost', source: 'ftrace', time: now, since: bootTime(tickedAt), count: full, what: 'trace buffer full' });
      tickedAt = now;
      for (const cpu of cpus) deliver({ kind: 'tick', source: 'ftrace', time: bootTime(until), cpu });
    }
    return more;
  }

  function tell(event: Event<Kind>): void {
    const { name, format } = event.of;
    const value = (field: string) => { const found = format.fields.find(other => other.name === field); return found && readField(found, event.data); };
    const number = (field: string): number => Number(value(field) ?? 0n);
    switch (name) {
      case 'function': { const ip = value('ip'); if (typeof ip === 'bigint') ran(event, ip); return; }
      case 'sched:sched_process_fork': {
        const parent = number('parent_pid');
        const child = number('child_pid');
        const comm = value('child_comm');
        const living = options.threadOf(child);
        const since = startAtFork(event.time, [living?.start, options.startOf(child)]);
        // Threads are told by fork, too.
        tasks.born(child, { pid: living?.pid ?? child, start: living === undefined || living.pid === child ? since : living.start, comm: typeof comm === 'string' ? comm : '' });
        deliver({ kind: 'probe', source: 'ftrace', type: 'fork', fn: 'sched_process_fork', time: bootTime(event.time), cpu: event.cpu, tid: child, pid: child,
          fields: { start: since, parent: Number(tasks.fact(parent, '.tgid')) } });
        return;
      }
      case 'task:task_rename': { const comm = value('newcomm'); if (typeof comm === 'string') tasks.renamed(number('pid'), comm); return; }
      case 'sched:sched_process_exec': becameOther(event, value('filename')); return;
      default: tasks.died(event.tid);
    }
  }

  /** Its arguments are those of another program from now on, whether /proc can still tell them or not. */
  function becameOther({ time, cpu, tid }: Event<Kind>, filename: unknown): void {
    const since = tasks.fact(tid, '.group_leader.start_boottime');
    if (typeof since === 'bigint') {
      const comm = typeof filename === 'string' ? filename.slice(filename.lastIndexOf('/') + 1).slice(0, 15) : '';
      deliver({ kind: 'probe', source: 'ftrace', type: 'exec', fn: 'sched_process_exec', time: bootTime(time), cpu, tid, pid: tid, fields: { start: since, comm } });
    }
    options.onExec(tid);
  }

  function ran({ time, cpu, tid, stack = '' }: Event<Kind>, ip: bigint): void {
    const fn = options.symbolAt(ip) ?? '';
    const type = typeOf.get(fn);
    if (type === undefined) return;
    const pid = Number(tasks.fact(tid, '.tgid'));
    if (type === 'sentinel') { if (pid === options.owner.pid) isOurs(fn); return; }
    const key = `${cpu} ${stack}`;
    let id = numbers.get(key);
    if (id === undefined && stack !== '') {
      id = time;
      numbers.set(key, id);
      const frames = stack.split(' ').map(address => options.symbolAt(BigInt(`0x${address}`)) ?? `0x${address}`);
      deliver({ kind: 'stack', source: 'ftrace', time: bootTime(time), cpu, id, frames: frames.slice(Math.max(0, frames.indexOf(fn))) });
    }
    const [since, comm] = [tasks.fact(tid, '.group_leader.start_boottime'), tasks.fact(tid, '.group_leader.comm')];
    deliver({ kind: 'probe', source: 'ftrace', type, fn, time: bootTime(time), cpu, tid, pid,
      fields: { ...(id === undefined ? {} : { stack: id }), ...(typeof since === 'bigint' ? { start: since } : {}), ...(typeof comm === 'string' ? { comm } : {}) } });
  }

  async function stop(): Promise<void> {
    await reading.finish();
    void nextTurn().then(() => { remove(); ended.resolve(); });
  }

  function remove(): void {
    process.off('exit', remove);
    reading.cancel();
    buffers?.close();
    buffers = undefined;
    instance?.remove();
    instance = undefined;
  }
  return { start, stop, get ended() { return instance === undefined ? Promise.resolve() : ended.promise; } };
}

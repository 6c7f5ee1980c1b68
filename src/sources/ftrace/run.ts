import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Observation } from '../../model/observation.ts';
import type { Source } from '../../model/ports.ts';
import { bootTime, type BootTime } from '../../model/time.ts';
import { waitForSentinels, type SentinelOptions } from '../bpftrace/sentinels.ts';
import type { SymbolAt } from '../bpftrace/decode.ts';
import { createBuffers, type Buffers } from './buffers.ts';
import type { Program } from './compile/script.ts';
import { createInterpreter, type Armed } from './interpret.ts';
import type { EventFormat } from './event-format.ts';
import type { Instance } from './instance.ts';
import { createLosses, type Losses } from './losses.ts';
import { createReading } from './reading.ts';
import { tracefsAt } from './tracefs.ts';
import type { Thread } from './tasks.ts';

export interface FtraceOptions extends SentinelOptions {
  /** Scripts, compiled for this kernel; BIRTHS among them. */
  readonly programs: readonly Program[];
  /** What armPrograms() enabled of them, and where. */
  readonly formats: ReadonlyMap<Program, EventFormat>;
  readonly instance: Instance;
  /** Where tracefs is mounted. */
  readonly tracefs: string;
  readonly now: () => BootTime;
  /** Names every function, of the kernel and of modules. */
  readonly symbolAt: SymbolAt;
  /** What /proc knows of a thread; of all threads. */
  readonly threadOf: (tid: number) => Thread | undefined;
  readonly threads: () => Iterable<readonly [number, Thread]>;
}

/** The buffers are looked at this often: a change is to be told within a second, and a page of 4 KiB fills in a few milliseconds of a burst. */
const POLL_MS = 40;
/** Ticks of idle CPUs are told this often. */
const TICK_NS = 200_000_000n;
/** Counters of losses are read this often. */
const LOSS_NS = 500_000_000n;

/** Tells which process a thread belongs to. */
const BIRTH = 'wake_up_new_task';

/** `ended`: nothing of ours is in the kernel any more. */
export interface FtraceSource extends Source { readonly ended: Promise<void> }

/** Kprobe events that are enabled in a tracefs instance of our own, which is removed in the end. @throws RoutecauseError from start() where tracefs refuses */
export function createFtraceSource(options: FtraceOptions): FtraceSource {
  const tracefs = tracefsAt(options.tracefs);
  const { instance } = options;
  let buffers: Buffers<Armed> | undefined;
  let losses: Losses | undefined;
  let tell: (observation: Observation) => void = () => undefined;
  let cpus: readonly number[] = [];
  let tickedAt = 0n;
  let countedAt: BootTime = options.now();
  const interpreter = createInterpreter({ symbolAt: options.symbolAt, threadOf: options.threadOf, programs: options.programs });
  const reading = createReading(readOnce, POLL_MS);
  const ended = Promise.withResolvers<void>();

  async function start(deliver: (observation: Observation) => void): Promise<void> {
    const ready = waitForSentinels('ftrace', options);
    tell = observation => { if (!ready.sees(observation)) deliver(observation); };
    try {
      begin();
      reading.start();
      await ready.promise;
    } catch (error) {
      ready.fail(error as Error);
      await ready.promise.catch(() => undefined);
      await stop();
      throw error;
    }
  }

  function begin(): void {
    const kinds = new Map<number, Armed>();
    for (const armed of interpreter.wanted) {
      let format = options.formats.get(armed.program);
      if (format === undefined && armed.tracepoint !== undefined) {
        const placed = instance.addTracepoint(armed.tracepoint);
        placed.enable();
        ({ format } = placed);
      }
      if (format !== undefined) kinds.set(format.id, armed.withFormat(format));
    }
    const pipes = instance.pipes();
    cpus = [...pipes.keys()];
    const page = /field: char data;\s*offset:(\d+);\s*size:(\d+);/.exec(tracefs.read('events/header_page') ?? '');
    buffers = createBuffers(pipes, { pageBytes: page === null ? 4096 : Number(page[1]) + Number(page[2]), kinds, stack: instance.format('events/ftrace/kernel_stack/format') });
    losses = createLosses(instance);
    // What was missed so far is none of this session.
    losses.take(cpus);
    instance.record();
    interpreter.seed(options.threads());
  }

  function readOnce(): boolean {
    if (buffers === undefined) return false;
    const now = options.now();
    const { events, until, more } = buffers.read(now);
    countLosses(now, more);
    for (const event of events) interpreter.run(event, tell);
    if (events.length > 0 || now - tickedAt >= TICK_NS) {
      tickedAt = now;
      for (const cpu of cpus) tell({ kind: 'tick', source: 'ftrace', time: bootTime(until), cpu });
    }
    return more;
  }

  function countLosses(now: BootTime, isBusy: boolean): void {
    if (losses === undefined || (!isBusy && now - countedAt < LOSS_NS)) return;
    const { full, missed, functions } = losses.take(cpus);
    const since = countedAt;
    countedAt = now;
    if (full > 0) tell({ kind: 'lost', source: 'ftrace', time: now, since, count: full, what: 'trace buffer full' });
    if (missed > 0) tell({ kind: 'lost', source: 'ftrace', time: now, since, count: missed, what: `probe missed its function: ${functions.join(', ')}`, functions });
    if (full > 0 || functions.includes(BIRTH)) interpreter.reseed(options.threads());
  }

  async function stop(): Promise<void> {
    if (await reading.finish()) countLosses(options.now(), true);
    // All that counts is told; taking probes off takes the kernel some seconds, and nobody has to wait for that.
    void nextTurn().then(() => { remove(); ended.resolve(); });
  }

  function remove(): void {
    reading.cancel();
    buffers?.close();
    buffers = undefined;
    instance.remove();
  }
  return { start, stop, ended: ended.promise };
}

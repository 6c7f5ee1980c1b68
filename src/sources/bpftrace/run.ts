import { execa } from 'execa';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { RoutecauseError } from '../../model/errors.ts';
import type { Fentry } from '../../model/host.ts';
import { TRACER_ENDED, type Observation } from '../../model/observation.ts';
import type { Source } from '../../model/ports.ts';
import { bootTime, type BootTime } from '../../model/time.ts';
import { composeProgram } from './compose.ts';
import { decodeLine, withoutCookie, type SymbolAt } from './decode.ts';
import { createLineSplitter } from './lines.ts';
import type { ProbeFile } from './probe-file.ts';
import { waitForSentinels } from './sentinels.ts';

export interface BpftraceOptions {
  readonly files: readonly ProbeFile[];
  /** Inode of the namespace whose routes matter; 0: all. */
  readonly netnsInode: number;
  /** The kernel tells cookies of namespaces; else inodes have to do. */
  readonly cookies: boolean;
  /** Attach by it, and not by kprobes. */
  readonly fentry?: Fentry;
  /** Where struct net has its cookie, in bytes. */
  readonly cookieAt?: number;
  /** Where the kernel's BTF is, for bpftrace that would not find it: before Linux 5.11 it is in no list of the kernel's. */
  readonly btf?: string;
  readonly now: () => BootTime;
  /** Names functions of modules, which bpftrace knows only as of its start. */
  readonly symbolAt: SymbolAt;
  /** Makes the kernel run both sentinel functions with this sequence number. */
  readonly provoke: (seq: number) => void;
  /** CPUs online: each must have ticked once, or order between CPUs would not be known yet. */
  readonly cpus: number;
  /** How long attaching may take, milliseconds. */
  readonly readyTimeoutMs: number;
  /** Prefix of the command: `setpriv --pdeathsig TERM --`, so that the tracer never outlives us. */
  readonly wrapper: readonly string[];
}

/** A burst can lose events hundreds of times a second; it is told this often. */
const LOSS_INTERVAL_NS = 1_000_000_000n;
/** How long the end of a session waits for what the tracer has not printed yet. */
const CATCH_UP_NS = 1_500_000_000n;
/** Perf buffer pages per CPU, and map entries: bursts of thousands of events must fit. Both names, old and new. */
const ENVIRONMENT = { BPFTRACE_PERF_RB_PAGES: '1024', BPFTRACE_MAP_KEYS_MAX: '16384', BPFTRACE_MAX_MAP_KEYS: '16384', BPFTRACE_LOG_SIZE: '4194304' };

/** `ended`: the tracer is gone, with all its probes; it is so soon after stop(). */
export interface BpftraceSource extends Source { readonly ended: Promise<void> }

/** One bpftrace process that runs the composed program. @throws RoutecauseError from start() when it cannot attach. */
export function createBpftraceSource(options: BpftraceOptions): BpftraceSource {
  let child: ReturnType<typeof spawnTracer> | undefined;
  const ticks = new Map<number, BootTime>();
  let stopping = false;
  let hasEnded = false;
  let tellLoss: (now: BootTime, isLast?: boolean) => void = () => undefined;
  let stderr = '';
  const ended = Promise.withResolvers<void>();

  async function start(deliver: (observation: Observation) => void): Promise<void> {
    // As an argument, not a file: whatever ends us, nothing stays behind. The kernel takes 128 KiB, four times what is needed.
    child = spawnTracer([...options.wrapper, 'bpftrace', '-q', '-f', 'json', '-B', 'line', '-e', composeProgram(options.files, options), String(options.netnsInode)], options.btf);
    const ready = waitForSentinels('bpftrace', options);
    const splitter = createLineSplitter();
    let quiet: BootTime = options.now();
    let lost = 0;
    let lossToldAt = bootTime(0n);
    /** The first of a burst at once, for nothing near it is certain any more; the rest summed up. */
    tellLoss = (now, isLast = false) => {
      if (lost === 0 || (!isLast && now - lossToldAt < LOSS_INTERVAL_NS)) return;
      deliver({ kind: 'lost', source: 'bpftrace', time: now, since: quiet, count: lost, what: 'perf buffer full' });
      lost = 0;
      lossToldAt = now;
    };
    const take = (line: string): void => {
      const now = options.now();
      const decoded = decodeLine(line, now, options.symbolAt);
      if (decoded?.kind === 'lost') {
        lost += decoded.count;
        tellLoss(now);
      } else if (decoded?.kind === 'observation') {
        if (decoded.observation.kind === 'tick') {
          ticks.set(decoded.observation.cpu, decoded.observation.time);
          if (now - lossToldAt > LOSS_INTERVAL_NS) tellLoss(now);
          quiet = bootTime(decoded.observation.time - 1_000_000_000n);
        }
        if (!ready.sees(decoded.observation)) deliver(options.cookies ? decoded.observation : withoutCookie(decoded.observation));
      }
    };
    child.stdout.setEncoding('latin1').on('data', (chunk: string) => { for (const line of splitter.push(chunk)) take(line); });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => { stderr = (stderr + chunk).slice(-4000); });
    void child.then(result => {
      hasEnded = true;
      take(splitter.rest());
      if (!stopping) tellLoss(options.now(), true);
      if (!stopping) {
        deliver({ kind: 'lost', source: 'bpftrace', time: options.now(), since: quiet, what: TRACER_ENDED });
        ready.fail(attachError(stderr, result.exitCode));
      }
      ended.resolve();
    });
    try {
      await ready.promise;
    } catch (error) {
      await stop();
      throw error;
    }
  }

  async function stop(): Promise<void> {
    if (child === undefined || stopping) return;
    await caughtUp(options.now());
    tellLoss(options.now(), true);
    stopping = true;
    // It has told all that counts; taking its probes off may take seconds on a busy machine, and nobody has to wait for that.
    child.stdout.removeAllListeners('data').resume();
    child.kill('SIGINT');
  }

  /** What happened before `time` has been printed once every CPU has ticked after it; a tracer that hangs is not waited for. */
  async function caughtUp(time: BootTime): Promise<void> {
    const limit = options.now() + CATCH_UP_NS;
    const isBehind = (): boolean => !hasEnded && options.now() < limit && [...ticks.values()].some(tick => tick < time);
    while (isBehind()) await setTimeoutPromise(20);
  }
  return { start, stop, get ended() { return child === undefined ? Promise.resolve() : ended.promise; } };
}

function spawnTracer([file = 'bpftrace', ...args]: readonly string[], btf: string | undefined) {
  return execa(file, args, { buffer: false, reject: false, stdin: 'ignore', env: { ...ENVIRONMENT, ...(btf === undefined ? {} : { BPFTRACE_BTF: btf }) }, forceKillAfterDelay: 2500 });
}

function attachError(stderr: string, exitCode: number | undefined): RoutecauseError {
  const line = stderr.split('\n').find(text => /ERROR|FATAL/.test(text) && !/RLIMIT_MEMLOCK/.test(text)) ?? stderr.trim().split('\n').at(-1) ?? '';
  return new RoutecauseError(`bpftrace ended before it was listening (exit code ${exitCode ?? 'none'}): ${line.slice(0, 300)}`,
    'run: routecause doctor');
}

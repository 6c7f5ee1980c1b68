import type { Observation } from '../../model/observation.ts';
import { decodeRecord, type SymbolAt } from '../bpftrace/decode.ts';
import type { Event } from './buffers.ts';
import { fieldName, type Program } from './compile/script.ts';
import type { Entry, Frame, Value } from './compile/value.ts';
import { readField, type EventFormat, type Field } from './event-format.ts';
import { createTasks, type Thread } from './tasks.ts';

/** An event that is armed, and what it is for. */
export interface Armed {
  readonly program: Program;
  readonly tracepoint: string | undefined;
  readonly wantsStack: boolean;
  /** Fields of its fetch arguments, in their order. */
  readonly fields: readonly Field[];
  readonly format: EventFormat;
  withFormat(format: EventFormat): Armed;
}

export interface Interpreter {
  readonly wanted: readonly Armed[];
  run(event: Event<Armed>, tell: (observation: Observation) => void): void;
  /** Threads that were there before. */
  seed(threads: Iterable<readonly [number, Thread]>): void;
  /** After a loss: births may have been missed. */
  reseed(threads: Iterable<readonly [number, Thread]>): void;
}

export interface InterpreterOptions { readonly programs: readonly Program[]; readonly symbolAt: SymbolAt; readonly threadOf: (tid: number) => Thread | undefined }

/** Start times in /proc have 10 ms: the same for all, however they were learned. */
const START_NS = 10_000_000n;
/** Name of the script that tells of births. */
export const BIRTHS_NAME = 'births';
const RENAME = 'task:task_rename';
const EXIT = 'sched:sched_process_exit';

/** Runs the scripts in user space, over what their events fetched. Events have to come in order of time. */
export function createInterpreter({ programs, symbolAt, threadOf }: InterpreterOptions): Interpreter {
  const tasks = createTasks(tid => { const thread = threadOf(tid); return thread && rounded(thread); });
  const maps = new Map<string, Map<string, Entry>>();
  const intervals = programs.filter(({ probe }) => probe === 'interval').map(program => ({ program, everyNs: secondsOf(program.target), last: 0n }));
  const ours: Program = { script: '', probe: 'tracepoint', target: RENAME, fetches: [], filter: '', wantsStack: false, locals: 0, run: () => undefined };
  const hasExit = programs.some(({ probe, target }) => probe === 'tracepoint' && target === EXIT);
  const wanted = [...programs.filter(({ probe }) => probe !== 'interval'), ours, ...hasExit ? [] : [{ ...ours, target: EXIT }]].map(armedOf);

  function frameOf({ time, cpu, tid, of, data, stack }: Event<Armed>, print: (text: string) => void): Frame {
    const { fields } = of;
    const values = fields.map((field): Value => readField(field, data));
    return { fields: values, time, cpu, tid, stack: stack ?? '', locals: [], entries: [], maps, print, task: path => tasks.fact(tid, path) };
  }

  return {
    wanted,
    run(event, tell) {
      for (const interval of intervals) {
        if (event.time - interval.last < interval.everyNs) continue;
        interval.last = event.time;
        interval.program.run(frameOf({ ...event, of: armedOf(interval.program), stack: '' }, () => undefined));
      }
      const { program, format } = event.of;
      if (program.target === RENAME) { renamed(event); return; }
      program.run(frameOf(event, text => {
        const born = program.script === BIRTHS_NAME ? BORN.exec(text) : null;
        if (born !== null) {
          tasks.born(Number(born[1]), rounded({ pid: Number(born[2]), start: BigInt(born[3] ?? 0), comm: born[4] ?? '' }));
          return;
        }
        const observation = decodeRecord(text, symbolAt, 'ftrace');
        tell(observation ?? { kind: 'undecodable', source: 'ftrace', time: event.time as Observation['time'], sample: text.slice(0, 200) });
      }));
      if (program.target === EXIT && format.id !== 0) tasks.died(event.tid);
    },
    seed(threads) {
      for (const [tid, thread] of threads) tasks.seed(tid, rounded(thread));
    },
    reseed(threads) {
      tasks.forget();
      this.seed(threads);
    },
  };

  function renamed({ of, data }: Event<Armed>): void {
    const value = (name: string): Value => { const field = of.format.fields.find(other => other.name === name); return field && readField(field, data); };
    const [pid, comm] = [value('pid'), value('newcomm')];
    if (typeof pid === 'bigint' && typeof comm === 'string') tasks.renamed(Number(pid), comm);
  }
}

const BORN = /^born (\d+) (\d+) (\d+) (.*)\n$/s;
const rounded = (thread: Thread): Thread => ({ ...thread, start: thread.start / START_NS * START_NS });
const secondsOf = (target: string): bigint => BigInt(/^s:(\d+)$/.exec(target)?.[1] ?? '1') * 1_000_000_000n;

function armedOf(program: Program): Armed {
  const base = { program, wantsStack: program.wantsStack, tracepoint: program.probe === 'tracepoint' ? program.target : undefined };
  const withFormat = (format: EventFormat): Armed => ({
    ...base, format, withFormat, fields: program.fetches.map((_, index): Field => format.fields.find(({ name }) => name === fieldName(index)) ?? ABSENT),
  });
  return withFormat({ id: 0, fields: [] });
}

/** A field that no event has. */
const ABSENT: Field = { name: '', offset: Number.MAX_SAFE_INTEGER, size: 0, signed: false, text: false, count: 1 };

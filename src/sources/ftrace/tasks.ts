import type { Value } from './compile/value.ts';

/** A thread as it was last heard of. Start: of its process, CLOCK_BOOTTIME ns (from /proc: rounded down to 10 ms). */
export interface Thread { readonly pid: number; readonly start: bigint; readonly comm: string }

/** Which process a thread belongs to: kprobe events cannot ask the running thread, so its birth is remembered. */
export interface Tasks {
  born(tid: number, thread: Thread): void;
  /** One that was there before, unless something newer is known of it. */
  seed(tid: number, thread: Thread): void;
  renamed(tid: number, comm: string): void;
  died(tid: number): void;
  /** `.pid`, `.tgid`, `.group_leader.start_boottime` or `.group_leader.comm` of a thread. */
  fact(tid: number, path: string): Value;
  /** After a loss, births may have been missed: the living are asked for again. */
  forget(): void;
}

/** What the dying take with them goes after their end, so that they stay for a while. */
const REMEMBERED_DEAD = 20_000;

/** Start times in /proc have 10 ms. */
const START_NS = 10_000_000n;

/**
 * When a process began, as /proc has it: a little before its fork was traced, so that the two may fall into different steps of 10 ms.
 * `told`: what /proc said of that pid, perhaps of another process that had it before.
 */
export function startAtFork(forked: bigint, told: readonly (bigint | undefined)[]): bigint {
  const step = forked / START_NS * START_NS;
  return told.find(start => start === step || start === step - START_NS) ?? step;
}

/** `ask`: what /proc knows of a thread now. */
export function createTasks(ask: (tid: number) => Thread | undefined): Tasks {
  const threads = new Map<number, Thread | undefined>();
  const dead = new Set<number>();

  function find(tid: number): Thread | undefined {
    if (!threads.has(tid)) threads.set(tid, ask(tid));
    return threads.get(tid);
  }

  return {
    born(tid, thread) {
      dead.delete(tid);
      threads.set(tid, thread);
    },
    seed(tid, thread) {
      if (threads.get(tid) === undefined) threads.set(tid, thread);
    },
    renamed(tid, comm) {
      const thread = threads.get(tid);
      if (thread !== undefined) threads.set(tid, { ...thread, comm });
    },
    died(tid) {
      dead.add(tid);
      const oldest = dead.size > REMEMBERED_DEAD ? dead.values().next().value : undefined;
      if (oldest === undefined) return;
      dead.delete(oldest);
      threads.delete(oldest);
    },
    fact(tid, path) {
      if (path === '.pid') return BigInt(tid);
      // The idle threads are in no list.
      if (tid === 0) return path === '.group_leader.comm' ? 'swapper' : 0n;
      const thread = find(tid);
      if (path === '.tgid') return BigInt(thread?.pid ?? tid);
      if (thread === undefined) return undefined;
      return path === '.group_leader.comm' ? (thread.pid === tid ? thread : find(thread.pid) ?? thread).comm : thread.start;
    },
    forget() {
      threads.clear();
      dead.clear();
    },
  };
}

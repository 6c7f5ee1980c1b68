import { listFolder, readText } from './files.ts';

const TICK_NS = 10_000_000n;

/** A thread as /proc shows it: the process it belongs to, when that began (CLOCK_BOOTTIME ns, in steps of 10 ms), and its own name. */
export interface ThreadFacts { readonly pid: number; readonly start: bigint; readonly comm: string }

/** One thread; undefined: it is gone. Threads that are no processes have a folder too, though none is listed. */
export function readThread(tid: number): ThreadFacts | undefined {
  const pid = Number(/^Tgid:\s*(\d+)$/m.exec(readText(`/proc/${tid}/status`) ?? '')?.[1] ?? 0);
  const start = startTicks(pid);
  const stat = readText(`/proc/${tid}/stat`, 'latin1');
  if (pid === 0 || start === undefined || stat === undefined) return undefined;
  return { pid, start: start * TICK_NS, comm: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')) };
}

/** All threads of all processes. */
export function* readThreads(): Iterable<readonly [number, ThreadFacts]> {
  for (const name of listFolder('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    for (const tid of listFolder(`/proc/${name}/task`)) {
      const thread = readThread(Number(tid));
      if (thread !== undefined) yield [Number(tid), thread];
    }
  }
}

/** Field 22 of /proc/PID/stat: with the pid it names a process for good. */
export function startTicks(pid: number): bigint | undefined {
  const stat = readText(`/proc/${pid}/stat`, 'latin1');
  return stat === undefined ? undefined : BigInt(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0');
}

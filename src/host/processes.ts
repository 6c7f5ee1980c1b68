import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { stringsOf } from '../processes/argv.ts';
import { readBytes, readText } from './files.ts';

/** Longer argument lists are cut, and said to be. */
const MAX_ARGUMENT_BYTES = 16_384;

/** Every process that /proc shows. Those that end meanwhile are left out. */
export function readProcesses(time: BootTime): ProcessObservation[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).flatMap(name => readProcess(Number(name), time) ?? []);
}

/** One process, as /proc/PID shows it now; undefined: it is gone. Source: proc(5), /proc/PID/stat fields 2, 4 and 22. */
export function readProcess(pid: number, time: BootTime): ProcessObservation | undefined {
  try {
    // What is gone first is read first: the arguments of a process that ends.
    const cmdline = readFileSync(`/proc/${pid}/cmdline`);
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in parentheses and may hold some itself.
    const open = stat.indexOf('(');
    const close = stat.lastIndexOf(')');
    const rest = stat.slice(close + 2).split(' ');
    const status = readText(`/proc/${pid}/status`, 'latin1') ?? '';
    const uid = /^Uid:\s*(\d+)/m.exec(status)?.[1];
    // Some programs cut their arguments at a slash for a moment, to read what is before it (iproute2, lib/utils.c get_prefix_1()).
    const args = leastCut(cmdline, readBytes(`/proc/${pid}/cmdline`) ?? Buffer.alloc(0));
    const cgroup = /^0::(.*)$/m.exec(readText(`/proc/${pid}/cgroup`) ?? '')?.[1];
    const inner = /^NSpid:\s*\d+(?:\s+\d+)*\s+(\d+)$/m.exec(status)?.[1];
    const unit = cgroup === undefined ? undefined : unitOf(cgroup);
    return {
      kind: 'process', source: 'host', time, pid, ppid: Number(rest[1] ?? 0), startTicks: BigInt(rest[19] ?? '0'),
      comm: Buffer.from(stat.slice(open + 1, close), 'latin1').toString('utf8'),
      argv: stringsOf(new Uint8Array(args.subarray(0, MAX_ARGUMENT_BYTES))),
      // A process that has ended, and was not waited for yet, has no arguments any more.
      ...(cmdline.length > MAX_ARGUMENT_BYTES || (cmdline.length === 0 && rest[0] === 'Z') ? { argvTruncated: true } : {}),
      ...(uid === undefined ? {} : { uid: Number(uid) }),
      ...(cgroup === undefined ? {} : { cgroup }), ...(unit === undefined ? {} : { unit }),
      ...(inner === undefined ? {} : { innerPid: Number(inner) }),
    };
  } catch {
    // Gone between two reads: there is nothing to tell of it.
    return undefined;
  }
}

/** The innermost systemd unit of a cgroup path. */
export function unitOf(cgroup: string): string | undefined {
  return cgroup.split('/').findLast(part => /\.(service|scope|socket|timer)$/.test(part));
}

/** Of two looks at the same arguments the one with fewer ends in it. */
function leastCut(first: Buffer, second: Buffer): Buffer {
  const ends = (bytes: Buffer): number => bytes.reduce((count, byte) => byte === 0 ? count + 1 : count, 0);
  return first.length === second.length && ends(second) < ends(first) ? second : first;
}

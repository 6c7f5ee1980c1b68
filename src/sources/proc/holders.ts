import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createSlices } from '../slices.ts';

export interface Holders {
  /** Of each of the sockets that anybody has open: who, as `pid/startTicks`. */
  readonly byInode: ReadonlyMap<number, readonly string[]>;
  /** Every process could be looked into. */
  readonly complete: boolean;
  /** Milliseconds that it took. */
  readonly workedMs: number;
}

/** Whoever begins while one looks is looked into, too; as long as that comes to an end. */
const ROUNDS = 10;

/** The processes that have these sockets open. Looks a few milliseconds at a time: hosts have many processes. */
export async function findHolders(wanted: ReadonlySet<number>): Promise<Holders> {
  const byInode = new Map<number, string[]>();
  const seen = new Set<string>();
  const slices = createSlices();
  let complete = true;
  for (let round = 1; ; round++) {
    const names = readdirSync('/proc').filter(name => /^\d+$/.test(name) && !seen.has(name));
    if (names.length === 0) break;
    if (round > ROUNDS) complete = false;
    if (!complete && round > 1) break;
    for (const name of names) {
      seen.add(name);
      const open = socketsOf(Number(name));
      if (open === undefined) complete = false;
      for (const inode of new Set(open)) if (wanted.has(inode)) add(byInode, inode, name);
      await slices.breathe();
    }
  }
  // Where others are hidden (hidepid), so is the first one.
  return { byInode, complete: complete && seen.has('1'), workedMs: slices.worked() };
}

function add(byInode: Map<number, string[]>, inode: number, pid: string): void {
  const start = startOf(Number(pid));
  if (start !== undefined) byInode.set(inode, [...byInode.get(inode) ?? [], `${pid}/${start}`]);
}

export interface OpenSockets {
  /** Inode numbers of the wanted ones that each process has open. */
  readonly byPid: ReadonlyMap<number, readonly number[]>;
  readonly complete: boolean;
}

/** Who has any of these sockets open: one look at every process. */
export function findOpenSockets(wanted: ReadonlySet<number>): OpenSockets {
  const byPid = new Map<number, readonly number[]>();
  let complete = true;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const open = socketsOf(Number(name));
    if (open === undefined) complete = false;
    const held = (open ?? []).filter(inode => wanted.has(inode));
    if (held.length > 0) byPid.set(Number(name), held);
  }
  return { byPid, complete };
}

/** Inode numbers; undefined: not allowed. */
export function socketsOf(pid: number): readonly number[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(fd => Number(/^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? 0) || []);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : [];
  }
}

/** Empty: there is no such link any more. */
export function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Of the process, in ticks since the machine started. */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

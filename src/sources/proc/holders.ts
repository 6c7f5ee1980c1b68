import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createSlices } from '../slices.ts';

export interface Holders {
  /** As `pid/startTicks`. */
  readonly holders: readonly string[];
  /** Every process could be looked into. */
  readonly complete: boolean;
}

/** The processes that have this socket open. Looks a few milliseconds at a time: hosts have many processes. */
export async function findHolders(inode: number): Promise<Holders> {
  const holders: string[] = [];
  let complete = true;
  const slices = createSlices();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const has = holds(Number(name), inode);
    if (has === undefined) complete = false;
    const start = has === true ? startOf(Number(name)) : undefined;
    if (start !== undefined) holders.push(`${name}/${start}`);
    await slices.breathe();
  }
  return { holders, complete };
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

/** undefined: it may not be looked into. */
export function holds(pid: number, inode: number): boolean | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).some(fd => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : false;
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

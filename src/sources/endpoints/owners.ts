import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SLICE_MS } from './talk.ts';

export interface Owners {
  /** The process that has a socket, by inode number; of several the one that began first: the others have it from there. */
  readonly byInode: ReadonlyMap<number, number>;
  /** Some processes may not be looked into. */
  readonly isPartial: boolean;
}

/** Looks through the open files of all processes, a few milliseconds at a time. */
export async function findOwners(inodes: ReadonlySet<number>): Promise<Owners> {
  const found = new Map<number, { readonly pid: number; readonly start: bigint }>();
  let isPartial = false;
  let end = performance.now() + SLICE_MS;
  for (const name of inodes.size === 0 ? [] : readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const held = socketsOf(name);
    if (held === undefined) isPartial = true;
    for (const inode of held ?? []) {
      if (!inodes.has(inode)) continue;
      const start = startOf(name);
      const before = found.get(inode);
      if (start !== undefined && (before === undefined || start < before.start)) found.set(inode, { pid: Number(name), start });
    }
    if (performance.now() < end) continue;
    await nextTurn();
    end = performance.now() + SLICE_MS;
  }
  return { byInode: new Map([...found].map(([inode, { pid }]) => [inode, pid])), isPartial };
}

/** undefined: not allowed. */
function socketsOf(pid: string): readonly number[] | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(fd => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode === undefined ? [] : [Number(inode)];
    });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? undefined : [];
  }
}

export function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

function startOf(pid: string): bigint | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return BigInt(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0');
  } catch {
    // Gone meanwhile.
    return undefined;
  }
}

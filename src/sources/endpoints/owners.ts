import { readdirSync } from 'node:fs';
import { socketsOf, startOf } from '../proc/holders.ts';
import type { Slices } from '../slices.ts';

export interface Owners {
  /** The process that has a socket, by inode number; of several the one that began first: the others have it from there. */
  readonly byInode: ReadonlyMap<number, number>;
  /** Some processes may not be looked into. */
  readonly isPartial: boolean;
}

/** Looks through the open files of all processes, a few milliseconds at a time. */
export async function findOwners(inodes: ReadonlySet<number>, slices: Slices): Promise<Owners> {
  const found = new Map<number, { readonly pid: number; readonly start: number }>();
  let isPartial = false;
  for (const name of inodes.size === 0 ? [] : readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const pid = Number(name);
    const held = socketsOf(pid);
    if (held === undefined) isPartial = true;
    for (const inode of held ?? []) {
      if (!inodes.has(inode)) continue;
      const start = startOf(pid);
      const before = found.get(inode);
      if (start !== undefined && (before === undefined || Number(start) < before.start)) found.set(inode, { pid, start: Number(start) });
    }
    await slices.breathe();
  }
  return { byInode: new Map([...found].map(([inode, { pid }]) => [inode, pid])), isPartial };
}

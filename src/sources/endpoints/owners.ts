import { readdirSync } from 'node:fs';
import { socketsOf, startOf } from '../proc/holders.ts';
import type { Slices } from '../slices.ts';
import type { Endpoint } from './endpoint.ts';

interface Found {
  /** The process that has a socket, by inode number; of several the one that began first: the others have it from there. */
  readonly byInode: ReadonlyMap<number, number>;
  /** Some processes may not be looked into. */
  readonly isPartial: boolean;
}

/** Whose sockets they are. */
export interface Owners {
  of(socket: Endpoint['socket']): number | undefined;
  /** Looks for those of `fresh`, and forgets sockets that are neither theirs nor `watched`. What could not be looked at. */
  learn(slices: Slices, fresh: readonly Endpoint[], watched: readonly Endpoint[]): Promise<readonly string[]>;
}

export function createOwners(): Owners {
  const owners = new Map<number, number>();
  return {
    of: socket => owners.get(socket?.inode ?? 0),
    async learn(slices, fresh, watched) {
      const inodes = new Set(fresh.flatMap(({ socket }) => socket === undefined || socket.inode === 0 || owners.has(socket.inode) ? [] : [socket.inode]));
      const { byInode, isPartial } = await findOwners(inodes, slices);
      const used = new Set(watched.map(({ socket }) => socket?.inode));
      for (const inode of owners.keys()) if (!used.has(inode)) owners.delete(inode);
      for (const [inode, pid] of byInode) owners.set(inode, pid);
      return isPartial && byInode.size < inodes.size ? ['owners of sockets: not allowed to look into the processes of others'] : [];
    },
  };
}

/** Looks through the open files of all processes, a few milliseconds at a time. */
async function findOwners(inodes: ReadonlySet<number>, slices: Slices): Promise<Found> {
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

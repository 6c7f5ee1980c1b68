import type { NetnsRef } from '../../model/netns.ts';
import type { Observation, ProcessObservation } from '../../model/observation.ts';
import { libc } from '../rtnetlink/libc.ts';
import { findHolders, holds, type Holders } from './holders.ts';
import { inodeOfPort } from '../rtnetlink/socket-table.ts';

export interface PortWatchOptions {
  readonly netns: NetnsRef;
  readonly deliver: (observation: Observation) => void;
  /** /proc/net/netlink of the namespace. */
  readonly readTable: () => string | undefined;
  readonly readProcess: (pid: number) => ProcessObservation | undefined;
}

/** Finds out who a port id belongs to while its messages come. */
export interface PortWatch {
  /** A message with this port id was received just now. */
  seen(portid: number): void;
}

interface Known extends Holders { readonly inode: number | undefined; readonly atMs: number }

/** While in use a port id is looked at again this often. */
const AGAIN_MS = 900;
/** Looks at the table of sockets per second, and searches for holders. */
const LOOKS = 100;
const SEARCHES = 5;
const KEPT = 4096;

export function createPortWatch({ netns, deliver, readTable, readProcess }: PortWatchOptions): PortWatch {
  const known = new Map<number, Known>();
  const told = new Set<string>();
  const mayLook = limitPerSecond(LOOKS);
  const maySearch = limitPerSecond(SEARCHES);

  function tell(portid: number, { inode, holders, complete }: Omit<Known, 'atMs'>): void {
    known.delete(portid);
    known.set(portid, { inode, holders, complete, atMs: performance.now() });
    if (known.size > KEPT) known.delete(known.keys().next().value ?? 0);
    for (const holder of holders) introduce(holder);
    deliver({ kind: 'port', source: 'host', time: libc().now(), netns, portid, ...(inode === undefined ? {} : { inode }), holders, complete });
  }

  /** Who began after the session did is not known yet. */
  function introduce(holder: string): void {
    if (told.has(holder)) return;
    told.add(holder);
    const process = readProcess(Number(holder.split('/')[0]));
    if (process !== undefined) deliver(process);
  }

  async function search(portid: number, inode: number): Promise<void> {
    tell(portid, { inode, ...await findHolders(inode) });
  }

  return {
    seen(portid) {
      const before = known.get(portid);
      if (before !== undefined && performance.now() - before.atMs < AGAIN_MS) return;
      if (!mayLook()) return;
      const table = readTable();
      const inode = table === undefined ? undefined : inodeOfPort(table, portid);
      if (inode === undefined) { tell(portid, { inode, holders: [], complete: table !== undefined }); return; }
      const isSame = before?.inode === inode && before.holders.length > 0 && before.holders.every(holder => holds(Number(holder.split('/')[0]), inode) === true);
      if (isSame) { tell(portid, before); return; }
      if (!maySearch()) return;
      known.set(portid, { inode, holders: [], complete: false, atMs: performance.now() });
      void search(portid, inode);
    },
  };
}

function limitPerSecond(limit: number): () => boolean {
  let [second, count] = [0, 0];
  return () => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) [second, count] = [now, 0];
    return ++count <= limit;
  };
}

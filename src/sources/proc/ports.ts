import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NetnsRef } from '../../model/netns.ts';
import type { Observation, PortObservation, ProcessObservation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import { libc } from '../rtnetlink/libc.ts';
import { routingSockets } from '../rtnetlink/socket-table.ts';
import { findHolders } from './holders.ts';
import { takeTurns } from './turns.ts';

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

type Found = Required<Pick<PortObservation, 'holders' | 'complete' | 'searched'>>;

/** Looks at the table of sockets are so far apart. */
const LOOK_MS = 10;
/** Searching takes at most this part of the time: where a socket was not looked for before its message; where it was; and without messages. */
const SHARES = { new: 8, used: 20, idle: 200 } as const;
/** Without messages one searches no more often than this. */
const REFRESH_MS = 10_000;
const KEPT = 4096;
/** A socket that nobody has any more, so soon after a message, goes in a moment: it is told when it is gone. */
const ENDING_NS = 50_000_000n;
/** After so many turns of the event loop, what other sockets had to tell has been read: one polls them, the next one reads. */
const TURNS = 3;

/**
 * A look at the table of sockets tells which of them is there; who has it is searched for anew now and then. Sockets that were
 * not seen before are looked for without a message, too: what is known before it is sent says most.
 */
export function createPortWatch({ netns, deliver, readTable, readProcess }: PortWatchOptions): PortWatch {
  /** By inode number. */
  let found = new Map<number, Found>();
  /** Port ids, and when the last message of each came. */
  const used = new Map<number, BootTime>();
  const introduced = new Set<string>();
  const due = new Set<number>();
  let looking: NodeJS.Timeout | undefined;
  let planned: { readonly timer: NodeJS.Timeout; readonly share: number } | undefined;
  let isSearching = false;
  let wanted: number | undefined;
  let [lookedAtMs, searchedAtMs, tookMs, refreshAtMs] = [-LOOK_MS, 0, 0, 0];

  /** Inode numbers by port id. */
  function readSockets(): ReadonlyMap<number, number> | undefined {
    const table = readTable();
    return table === undefined ? undefined : new Map(routingSockets(table).map(({ portid, inode }) => [portid, inode]));
  }

  function planLook(portid: number): void {
    due.add(portid);
    if (looking !== undefined) return;
    const waitMs = lookedAtMs + LOOK_MS - performance.now();
    if (waitMs <= 0) look(); else looking = setTimeout(look, waitMs).unref();
  }

  function look(): void {
    [looking, lookedAtMs] = [undefined, performance.now()];
    const time = libc().now();
    const sockets = readSockets();
    for (const portid of due) {
      const inode = sockets?.get(portid);
      const known = inode === undefined ? { holders: [], complete: sockets !== undefined } : found.get(inode);
      if (known !== undefined) void tell(portid, time, inode, known);
      if (inode !== undefined) planSearch(known === undefined ? SHARES.new : SHARES.used);
    }
    due.clear();
  }

  async function tell(portid: number, time: BootTime, inode: number | undefined, known: Omit<Found, 'searched'> & Partial<Found>): Promise<void> {
    if (used.has(portid)) for (const holder of known.holders) introduce(holder);
    // Whoever reads it knows by then who began, and who ended, before it.
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
    deliver({ kind: 'port', source: 'host', time, netns, portid, ...(inode === undefined ? {} : { inode }), ...known });
  }

  /** Who began after the session did is not known yet. */
  function introduce(holder: string): void {
    if (introduced.has(holder)) return;
    introduced.add(holder);
    const process = readProcess(Number(holder.split('/')[0]));
    if (process !== undefined) deliver(process);
  }

  function planSearch(share: number): void {
    if (isSearching) wanted = Math.min(share, wanted ?? share);
    if (isSearching || (planned !== undefined && planned.share <= share)) return;
    clearTimeout(planned?.timer);
    planned = { share, timer: setTimeout(() => void search(), Math.max(0, searchedAtMs + tookMs * share - performance.now())).unref() };
  }

  async function search(): Promise<void> {
    [planned, isSearching, wanted] = [undefined, true, undefined];
    const [searched, sockets] = [libc().now(), readSockets() ?? new Map<number, number>()];
    const isRefresh = performance.now() >= refreshAtMs;
    const { byInode, complete, workedMs } = await findHolders(new Set(sockets.values()));
    const [time, left] = [libc().now(), readSockets()];
    const [before, ending] = [found, new Set<number>()];
    found = new Map();
    for (const [portid, inode] of sockets) {
      const one = { holders: byInode.get(inode) ?? [], complete, searched };
      const lastUse = used.get(portid);
      const isThere = left?.get(portid) === inode;
      if (complete && one.holders.length === 0 && lastUse !== undefined && time - lastUse < ENDING_NS) ending.add(portid);
      else if (isThere) {
        found.set(inode, one);
        if (isRefresh || lastUse !== undefined || !before.has(inode)) void tell(portid, time, inode, one);
      // It has gone since, but was there when its last message had come.
      } else if (lastUse !== undefined && lastUse <= searched && one.holders.length > 0) void tell(portid, time, inode, one);
    }
    for (const portid of ending) planLook(portid);
    [searchedAtMs, tookMs, isSearching] = [performance.now(), workedMs, false];
    if (isRefresh) refreshAtMs = searchedAtMs + Math.max(REFRESH_MS, workedMs * SHARES.idle);
    if (wanted !== undefined) planSearch(wanted);
  }

  takeTurns(() => {
    const sockets = readSockets();
    if (sockets !== undefined && (performance.now() >= refreshAtMs || [...sockets.values()].some(inode => !found.has(inode)))) planSearch(SHARES.used);
    return sockets !== undefined;
  });

  return {
    seen(portid) {
      used.delete(portid);
      used.set(portid, libc().now());
      if (used.size > KEPT) used.delete(used.keys().next().value ?? 0);
      planLook(portid);
    },
  };
}

import { fstatSync, readFileSync } from 'node:fs';
import type { NetnsHandle } from './netns.ts';

const TABLE = '/proc/thread-self/net/netlink';

/**
 * Messages that the kernel could not queue on this socket since it was opened (net/netlink/af_netlink.c
 * netlink_overrun() counts each one); undefined where /proc does not tell.
 */
export function readDrops(netns: NetnsHandle, socketFd: number): number | undefined {
  const table = readSocketTable(netns);
  return table === undefined ? undefined : dropsOf(table, fstatSync(socketFd).ino);
}

/** The netlink sockets of a namespace. undefined: no /proc, or one that hides this file; a loss is then told without a number. */
export function readSocketTable(netns: NetnsHandle): string | undefined {
  try {
    return netns.inside(() => readFileSync(TABLE, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Columns of /proc/net/netlink: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode (netlink_native_seq_show(), 5.10 to 7.2). */
export function dropsOf(table: string, inode: number): number | undefined {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[9] !== String(inode)) continue;
    const drops = Number(columns[8]);
    return Number.isSafeInteger(drops) ? drops : undefined;
  }
  return undefined;
}

import { fstatSync } from 'node:fs';
import type { NetnsHandle } from './netns.ts';
import { readProcNet } from './proc-net.ts';
import { dropsOf } from './socket-table.ts';

/** The kernel's count of what it could not queue (net/netlink/af_netlink.c netlink_overrun()). undefined: /proc does not tell, and a loss is then told without a number. */
export function readDrops(netns: NetnsHandle, socketFd: number): number | undefined {
  const table = readProcNet(netns, 'netlink');
  return table === undefined ? undefined : dropsOf(table, fstatSync(socketFd).ino);
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/model/observation.ts';
import { openConnector } from '../../../src/sources/proc/connector.ts';
import { findHolders } from '../../../src/sources/proc/holders.ts';
import { decodeEvent, listenRequest } from '../../../src/sources/proc/process-event.ts';
import { inodeOfPort } from '../../../src/sources/rtnetlink/socket-table.ts';
import { libc } from '../../../src/sources/rtnetlink/libc.ts';
import { openRouteSocket } from '../../../src/sources/rtnetlink/socket.ts';

/** A process event as the kernel sends it: netlink header, `struct cn_msg`, `struct proc_event`. */
function event(what: number, ...words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16 + 20 + 16 + 24);
  const view = new DataView(bytes.buffer);
  view.setUint32(36, what, true);
  view.setBigUint64(44, 123n, true);
  words.forEach((word, index) => { view.setUint32(52 + index * 4, word, true); });
  return bytes;
}

describe('decodeEvent', () => {
  test.each([
    ['a fork', event(1, 10, 10, 20, 20), { event: 'fork', timeNs: 123n, pid: 20, parent: 10 }],
    ['the parent of a fork by a thread', event(1, 11, 10, 20, 20), { event: 'fork', timeNs: 123n, pid: 20, parent: 10 }],
    ['an exec', event(2, 20, 20), { event: 'exec', timeNs: 123n, pid: 20 }],
    ['an exit', event(0x8000_0000, 20, 20, 0, 17), { event: 'exit', timeNs: 123n, pid: 20 }],
  ])('tells of %s', (_name, bytes, told) => { expect(decodeEvent(bytes)).toStrictEqual(told); });

  test.each([
    ['a thread that begins', event(1, 10, 10, 21, 20)], ['a thread that ends', event(0x8000_0000, 21, 20, 0, 0)], ['a change of name', event(0x200, 20, 20)],
    ['a change of user', event(4, 20, 20)], ['a cut message', event(2, 20, 20).subarray(0, 60)], ['nothing', new Uint8Array(0)],
  ])('passes over %s', (_name, bytes) => { expect(decodeEvent(bytes)).toBeUndefined(); });

  test('asks for all of them in one message', () => { expect(listenRequest()).toHaveLength(40); });
});

describe('inodeOfPort', () => {
  const table = [
    'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode',
    '00000000c1eb0000 0   4242       00000000 0        0        0     2        0        77777',
    '00000000c1eb0001 16  4243       00000000 0        0        0     2        0        88888',
    '00000000c1eb0002 0   4294963200 000405d1 0        0        0     2        0        99999', '',
  ].join('\n');
  test.each([[4242, 77777], [4_294_963_200, 99999], [4243, undefined], [4, undefined], [0, undefined]])('of %d is %s', (portid, inode) => { expect(inodeOfPort(table, portid)).toBe(inode); });
});

describe('on this very host', () => {
  test('a routing socket of ours is found in the table, and held by this process alone', async () => {
    const fd = openRouteSocket();
    try {
      const inode = Number(/\[(\d+)\]/.exec(await import('node:fs').then(fs => fs.readlinkSync(`/proc/self/fd/${fd}`)))?.[1]);
      const table = readFileSync('/proc/thread-self/net/netlink', 'utf8');
      const portid = Number(table.split('\n').map(line => line.trim().split(/\s+/)).find(columns => columns[9] === String(inode))?.[2]);
      expect(inodeOfPort(table, portid)).toBe(inode);
      expect([...(await findHolders(new Set([inode, 4_294_967_295]))).byInode].map(([one, holders]) => [one, holders.map(holder => holder.split('/')[0])])).toEqual([[inode, [String(process.pid)]]]);
    } finally {
      libc().close(fd);
    }
  });

  test('nobody holds a socket that is not there', async () => { expect((await findHolders(new Set([4_294_967_295]))).byInode.size).toBe(0); });

  test('a short-lived command is told from its beginning to its end, where the kernel tells of processes', async ({ skip }) => {
    const told: Observation[] = [];
    const connector = openConnector({ deliver: observation => { told.push(observation); }, read: () => undefined, reread: () => undefined });
    if (connector === undefined) skip('the process events connector is not to be had here');
    try {
      const child = spawn('true');
      const pid = child.pid ?? 0;
      await once(child, 'exit');
      const of = (): string[] => told.flatMap(one => one.kind === 'life' && one.pid === pid ? [one.event] : []);
      await expect.poll(of).toEqual(['fork', 'exec', 'exit']);
      expect(told.every((one, index) => index === 0 || one.time >= (told[index - 1]?.time ?? 0n) || one.kind !== 'life')).toBe(true);
    } finally {
      connector?.close();
    }
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Observation, PortObservation } from '../../../src/model/observation.ts';
import { openConnector } from '../../../src/sources/proc/connector.ts';
import { createPortWatch } from '../../../src/sources/proc/ports.ts';
import { libc } from '../../../src/sources/rtnetlink/libc.ts';
import { routingSockets } from '../../../src/sources/rtnetlink/socket-table.ts';
import { openRouteSocket } from '../../../src/sources/rtnetlink/socket.ts';

const netns = { inode: 1 };
const soon = <Value>(value: () => Value) => expect.poll(value, { timeout: 10_000 });
const readTable = (): string => readFileSync('/proc/thread-self/net/netlink', 'utf8');
const ofFile = (fd: number) => routingSockets(readTable()).find(({ inode }) => readlinkSync(`/proc/self/fd/${fd}`) === `socket:[${inode}]`) ?? { inode: 0, portid: 0 };

describe('a port watch', () => {
  let told: Observation[] = [];
  let fd = -1;
  let [inode, portid] = [0, 0];
  let isGone = false;

  beforeEach(() => {
    [told, isGone] = [[], false];
    fd = openRouteSocket();
    ({ inode, portid } = ofFile(fd));
  });
  afterEach(() => {
    isGone = true;
    if (fd >= 0) libc().close(fd);
  });

  const watch = (table = readTable) => createPortWatch({ netns, deliver: observation => { told.push(observation); }, readTable: () => isGone ? undefined : table(), readProcess: () => undefined });
  const ofOurs = (): readonly PortObservation[] => told.flatMap(one => one.kind === 'port' && one.portid === portid ? [one] : []);
  const holders = (): readonly string[] | undefined => ofOurs().at(-1)?.holders.map(holder => holder.split('/')[0] ?? '');

  test('tells who has a socket before there is a message', async () => {
    const begun = libc().now();
    watch();
    await soon(holders).toEqual([String(process.pid)]);
    const [first] = ofOurs();
    expect(first).toMatchObject({ inode, portid });
    expect(first?.searched).toBeGreaterThan(begun);
    expect(first?.time).toBeGreaterThan(first?.searched ?? 0n);
  });

  test('tells so of a socket that was opened since', async () => {
    libc().close(fd);
    fd = -1;
    let looks = 0;
    watch(() => { looks++; return readTable(); });
    await soon(() => looks).toBeGreaterThan(0);
    fd = openRouteSocket();
    ({ portid } = ofFile(fd));
    await soon(holders).toEqual([String(process.pid)]);
  });

  test('looks whether it is still there when a message has come, and searches again', async () => {
    const ports = watch();
    await soon(holders).toEqual([String(process.pid)]);
    const heard = libc().now();
    ports.seen(portid);
    await soon(() => ofOurs().at(-1)?.time).toBeGreaterThan(heard);
    await soon(() => ofOurs().at(-1)?.searched).toBeGreaterThan(heard);
    libc().close(fd);
    fd = -1;
    ports.seen(portid);
    await soon(() => ofOurs().at(-1)).toMatchObject({ holders: [], complete: true });
    expect(ofOurs().at(-1)).not.toHaveProperty('inode');
  });

  test('tells of a child that has it, too, and when it has it no more', async () => {
    const ports = watch();
    await soon(holders).toEqual([String(process.pid)]);
    const child = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
    ports.seen(portid);
    await soon(holders).toEqual([process.pid, child.pid].map(String).sort());
    child.kill();
    await once(child, 'exit');
    ports.seen(portid);
    await soon(holders).toEqual([String(process.pid)]);
  });

  test('says nothing before it was told which processes have ended', async ({ skip }) => {
    const connector = openConnector({ deliver: observation => { told.push(observation); }, read: () => undefined, reread: () => undefined });
    if (connector === undefined) skip('the process events connector is not to be had here');
    try {
      const ports = watch();
      await soon(holders).toEqual([String(process.pid)]);
      for (let turn = 0; turn < 5; turn++) {
        const { pid } = spawnSync('true');
        const before = ofOurs().length;
        ports.seen(portid);
        await soon(() => ofOurs().length).toBeGreaterThan(before);
        const answer = told.findIndex(one => one === ofOurs()[before]);
        const end = told.findIndex(one => one.kind === 'life' && one.event === 'exit' && one.pid === pid);
        expect(end).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThan(answer);
        await new Promise(resolve => { setTimeout(resolve, 40); });
      }
    } finally {
      connector?.close();
    }
  });

  test('looks no more once the namespace is gone', async () => {
    let looks = 0;
    watch(() => { looks++; return readTable(); });
    await soon(() => looks).toBeGreaterThan(3);
    isGone = true;
    const then = looks;
    await new Promise(resolve => { setTimeout(resolve, 700); });
    expect(looks).toBe(then);
  });
});

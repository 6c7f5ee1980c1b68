import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findDaemons, listenersIn, type Control } from '../../src/sources/endpoints/control.ts';
import { SKIP_REASON } from './rtnetlink/live.ts';

test('sockets that listen under a path', () => {
  const text = [
    'Num       RefCount Protocol Flags    Type St Inode Path',
    '0000000000000000: 00000002 00000000 00010000 0001 01 4149646 /run/frr/rc frr/bgpd.vty', '0000000000000000: 00000003 00000000 00000000 0001 03 4149647 /run/frr/bgpd.vty',
    '0000000000000000: 00000002 00000000 00010000 0001 01    71 bird.ctl', '0000000000000000: 00000002 00000000 00010000 0001 01 72 @/run/abstract', '0000000000000000: 00000003 00000000 00000000 0001 03 73', '',
  ].join('\n');
  expect(listenersIn(text)).toEqual([{ inode: '4149646', path: '/run/frr/rc frr/bgpd.vty' }, { inode: '71', path: 'bird.ctl' }]);
  expect(listenersIn('')).toEqual([]);
});

describe.skipIf(SKIP_REASON)(`the control socket of a daemon ${SKIP_REASON ?? ''}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'routecause-control-'));
  afterAll(() => { rmSync(folder, { recursive: true }); });
  const own = statSync('/proc/self/ns/net').ino;

  /** What is found of a process that calls itself so, after shell commands of its mount namespace. */
  async function controlOf(name: string, socket: string | undefined, before?: string): Promise<Control | undefined> {
    const listen = socket === undefined ? 'setInterval(() => {}, 1e6); console.log(process.pid)' : `require('node:net').createServer().listen(${JSON.stringify(socket)}, () => console.log(process.pid))`;
    const node = [process.execPath, '-e', `process.title = '${name}'; ${listen}`];
    const [program = '', ...args] = before === undefined ? node : ['unshare', '--mount', 'sh', '-c', `${before}; cd . && exec "$@"`, 'sh', ...node];
    const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [printed] = await once(child.stdout, 'data') as [Buffer];
      return findDaemons(own).find(({ pid }) => pid === Number(printed.toString()))?.control;
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
      rmSync(join(folder, socket ?? 'none'), { force: true });
    }
  }

  test('is where it listens, also by a path from its own folder', async () => {
    expect(await controlOf('bird', 'bird.ctl')).toEqual({ path: join(folder, 'bird.ctl'), folder });
    expect(await controlOf('bgpd', 'bgpd.vty')).toEqual({ path: join(folder, 'bgpd.vty'), folder });
  });

  test('is as good in a mount namespace that has the same files', async () => {
    expect(await controlOf('bird', 'bird.ctl', ':')).toEqual({ path: join(folder, 'bird.ctl'), folder });
  });

  test('is not taken from us where its files are others', async () => {
    expect(await controlOf('bird', join(folder, 'bird.ctl'), `mount -t tmpfs none '${folder}'`)).toEqual({ without: 'its control socket is in another mount namespace' });
  });

  test('is none of those that are for something else', async () => {
    expect(await controlOf('bgpd', 'other.vty')).toEqual({ without: 'it listens for no commands' });
    expect(await controlOf('bfdd', undefined)).toEqual({ without: 'it listens for no commands' });
    expect(await controlOf('ospfd', 'ospfd.vty')).toBeUndefined();
  });
});

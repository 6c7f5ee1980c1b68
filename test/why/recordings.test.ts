import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { incidentRecording } from '../../src/cli/places.ts';
import { readHistory } from '../../src/cli/why-history.ts';
import type { RouteChangeOutput } from '../../src/model/output.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { ROOT } from '../source-tree.ts';
import { shortAnswer, unsaid } from './said.ts';
import { openStage, settled, type Stage } from './stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'routecause-why-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** What happens in the namespace while `script` runs, until `last` was told. */
async function record(stage: Stage, name: string, script: string, last: RegExp): Promise<string> {
  const file = join(folder, `${name}.rcr`);
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), 'record', '--tier', 'netlink', '--netns', stage.name, '--output', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let told = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => { told += text; for (const look of waiting) look(); });
  const until = (sign: RegExp): Promise<void> => new Promise(resolve => {
    const look = (): void => { if (sign.test(told)) { waiting.delete(look); resolve(); } };
    waiting.add(look);
    look();
  });
  try {
    await until(/ready: /);
    stage.run(script);
    await until(last);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  return file;
}

async function changesOf(file: string, fits: (change: RouteChangeOutput) => boolean): Promise<[RouteChangeOutput, ...RouteChangeOutput[]]> {
  const { changes } = await readHistory(file, { inode: 0 });
  const [first, ...more] = changes.filter((change): change is RouteChangeOutput => change.kind === 'route-change' && fits(change));
  if (first === undefined) throw new Error(`${file} has no such change`);
  return [first, ...more];
}

// Each starts a program that has to be ready, which takes its time on a busy machine.
describe.skipIf(SKIP_REASON !== undefined)(`why with a recording${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, { timeout: 180_000 }, () => {
  test('IPv4 anycast: who added it; and after it was removed, who did that', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0');
    const recording = await record(stage, 'anycast4', 'ip route add anycast 192.0.2.4 dev d0 table local', /\+ anycast 192\.0\.2\.4\/32/);
    const answer = await stage.ask('192.0.2.4', { recording });
    expect(shortAnswer(answer)[1]).toMatch(/^observed: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(likely\): .* added route 192\.0\.2\.4\/32\.$/);
    expect(answer.origins.map(({ id }) => id)).toEqual(['recording', 'program']);
    expect(unsaid(answer, [/observed: The recording ends at .*: what has happened since is not in it\./])).toEqual([]);

    const removal = await record(stage, 'anycast4-removed', 'ip route del anycast 192.0.2.4 dev d0 table local', /- anycast 192\.0\.2\.4\/32/);
    const after = await stage.ask('192.0.2.4', { recording: removal });
    expect(shortAnswer(after)[0]).toBe('read: 192.0.2.4 goes out by d0: route 192.0.2.0/24, table main.');
    expect(unsaid(after, [/^observed: Until .* there was anycast 192\.0\.2\.4\/32 in table local \(likely\): .* deleted route 192\.0\.2\.4\/32\.$/])).toEqual([]);

    // It is back, and the recording knows only of its end.
    stage.run('ip route add anycast 192.0.2.4 dev d0 table local');
    const back = await stage.ask('192.0.2.4', { recording: removal });
    expect(back.origins[0]?.id).toBe('program');
    expect(unsaid(back, [/^observed: The recording saw it go at .*; how it came back is not in it\.$/])).toEqual([]);
  });

  test('IPv6 subnet-router anycast, and forwarding since switched off', async () => {
    using stage = openStage(`ip addr add 2001:db8:1::1/64 dev d0 nodad\n${settled('2001:db8:1::1')}`);
    const recording = await record(stage, 'anycast6', 'sysctl -qw net.ipv6.conf.all.forwarding=1', /\+ anycast 2001:db8:1::\/128/);
    const answer = await stage.ask('2001:db8:1::', { recording });
    expect(shortAnswer(answer)[1]).toMatch(/^observed: .* \(likely\): .*net\.ipv6\.conf\.all\.forwarding.*: subnet-router anycast 2001:db8:1:: became an address of this host on d0\.$/);
    expect(answer.origins.map(({ id, standing }) => `${id} ${standing}`).slice(0, 2)).toEqual(['recording observed', 'subnet-router-anycast likely']);
    expect(answer.origins[0]?.cause?.id).toBe('subnet-router-anycast');

    const off = await record(stage, 'anycast6-off', 'sysctl -qw net.ipv6.conf.all.forwarding=0', /- anycast 2001:db8:1::\/128/);
    const after = await stage.ask('2001:db8:1::', { recording: off });
    expect(shortAnswer(after)[0]).toBe('read: 2001:db8:1:: goes out by d0: route 2001:db8:1::/64, table main.');
    expect(unsaid(after, [/^observed: Until .* there was anycast 2001:db8:1::\/128 in table local \(likely\): .*subnet-router anycast 2001:db8:1:: is no longer an address of this host on d0\.$/])).toEqual([]);
  });

  test('what was there when the recording began was not seen to come', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0; ip route add 10.0.0.0/8 via 192.0.2.9');
    const recording = await record(stage, 'before', 'ip route add 172.16.0.0/12 via 192.0.2.9', /\+ 172\.16\.0\.0\/12/);
    const answer = await stage.ask('10.1.1.1', { recording });
    expect(answer.origins[0]?.id).toBe('program');
    expect(unsaid(answer, [/^observed: It was there when the recording began, at /])).toEqual([]);
  });

  test('a session that runs counts as a recording', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0; ip route add anycast 192.0.2.4 dev d0 table local');
    const { netns, route: { ifindex } = {} } = await stage.ask('192.0.2.4');
    if (ifindex === undefined) throw new Error('no device');
    const [change] = await changesOf(incidentRecording(), ({ kind, route: { type } }) => kind === 'route-change' && type === 'anycast');
    const session = [{ ...change, change: 'add' as const, route: { ...change.route, family: 'ipv4' as const, dst: '192.0.2.4/32', type: 'anycast', table: 255, metric: 0, ifindex, netns } }];
    const answer = await stage.ask('192.0.2.4', {}, { session });
    expect(answer.answer[1]).toEqual({ basis: 'observed', text: expect.stringContaining(`(proved): ${change.headline}.`) });
  });

  test('of another namespace with the same routes: it is said, and not used', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0');
    using other = openStage('ip addr add 192.0.2.1/24 dev d0; ip route add 10.0.0.0/8 via 192.0.2.9');
    const recording = await record(stage, 'elsewhere', 'ip route add 10.0.0.0/8 via 192.0.2.9', /\+ 10\.0\.0\.0\/8/);
    const answer = await other.ask('10.1.1.1', { recording });
    expect(unsaid(answer, [/^but: .*elsewhere\.rcr has nothing of this network namespace\.$/])).toEqual([]);
    expect(answer.origins[0]?.id).toBe('program');
  });

  test('of another host: it is said, and not used', async () => {
    using stage = openStage('ip addr add 192.0.2.1/24 dev d0');
    const answer = await stage.ask('192.0.2.1', { recording: incidentRecording() });
    expect(unsaid(answer, [/^but: .*forwarding\.rcr was recorded on another host or before the last boot/])).toEqual([]);
    expect(answer.origins.some(({ standing }) => standing === 'observed')).toBe(false);
  });
});

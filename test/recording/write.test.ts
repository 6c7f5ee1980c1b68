import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import { bootTime } from '../../src/model/time.ts';
import { createFileQueue } from '../../src/recording/file-queue.ts';
import { openRecording } from '../../src/recording/write.ts';
import { sampleObservations } from './arbitraries.ts';
import { readAll, temporaryDirectory } from './files.ts';
import { HEADER } from './header.ts';

const tick = (index: number): Observation => ({ kind: 'tick', time: bootTime(BigInt(index)), source: 'host', cpu: index });
const fixture = (name: string): string => join(import.meta.dirname, name);

describe('openRecording', () => {
  test('what is observed can be read again', async () => {
    const path = join(temporaryDirectory(), 'r');
    const observations = sampleObservations(3000, 5);
    const recording = await openRecording(path, HEADER);
    for (const observation of observations) recording.observe(observation);
    await recording.close();
    await recording.close();
    const result = await readAll(path);
    expect(result.observations).toEqual(observations);
    expect(result.end).toEqual({ kind: 'complete' });
    expect(recording.bytesWritten).toBe(statSync(path).size);
    expect(recording.failure).toBeUndefined();
  });

  test('only its owner can read the file', async () => {
    const path = join(temporaryDirectory(), 'r');
    await (await openRecording(path, HEADER)).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('does not replace a file unless told to, and then leaves no old permissions', async () => {
    const path = join(temporaryDirectory(), 'r');
    writeFileSync(path, 'evidence', { mode: 0o644 });
    await expect(openRecording(path, HEADER)).rejects.toMatchObject({ name: 'RoutecauseError', exitCode: 2, remedy: expect.stringContaining('--force') });
    expect(readFileSync(path, 'utf8')).toBe('evidence');
    await (await openRecording(path, HEADER, { force: true })).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('does not follow a link or replace what is no regular file', async () => {
    const directory = temporaryDirectory();
    const target = join(directory, 'target');
    writeFileSync(target, 'evidence');
    symlinkSync(target, join(directory, 'link'));
    mkdirSync(join(directory, 'd'));
    await expect(openRecording(join(directory, 'link'), HEADER, { force: true })).rejects.toMatchObject({ exitCode: 2 });
    await expect(openRecording(join(directory, 'd'), HEADER, { force: true })).rejects.toMatchObject({ exitCode: 2 });
    await expect(openRecording('/dev/null', HEADER, { force: true })).rejects.toMatchObject({ exitCode: 2 });
    expect(readFileSync(target, 'utf8')).toBe('evidence');
    expect(existsSync('/dev/null')).toBe(true);
  });

  test.each([['standard output', '-', 2], ['a directory that is not there', '/nonexistent/r', 1]])('refuses %s', async (_name, path, exitCode) => {
    await expect(openRecording(path, HEADER)).rejects.toMatchObject({ name: 'RoutecauseError', exitCode });
  });

  test('writes within a second, without being asked', async () => {
    const path = join(temporaryDirectory(), 'r');
    const recording = await openRecording(path, HEADER);
    recording.observe(tick(1));
    await sleep(1000);
    const { observations, end } = await readAll(path);
    expect(observations).toEqual([tick(1)]);
    expect(end.kind).toBe('truncated');
    await recording.close();
  });

  test('flush resolves once all is in the file', async () => {
    const path = join(temporaryDirectory(), 'r');
    const recording = await openRecording(path, HEADER);
    recording.observe(tick(1));
    await recording.flush();
    expect((await readAll(path)).observations).toEqual([tick(1)]);
    await recording.close();
  });

  test('whoever reads while it is written sees a clean prefix', async () => {
    const path = join(temporaryDirectory(), 'r');
    const recording = await openRecording(path, HEADER);
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 5000; index += 1) recording.observe(tick(round * 5000 + index));
      const { observations, end } = await readAll(path);
      expect(end.kind).toBe('truncated');
      observations.forEach((observation, index) => { if (observation.time !== BigInt(index)) throw new Error(`gap at ${index}`); });
    }
    await recording.close();
    expect((await readAll(path)).observations).toHaveLength(100_000);
  });

  test('says so when it falls behind instead of filling the memory', async () => {
    const path = join(temporaryDirectory(), 'r');
    const recording = await openRecording(path, HEADER, { maxQueuedBytes: 1000 });
    for (let index = 0; index < 20_000; index += 1) recording.observe(tick(index));
    await recording.flush();
    recording.observe(tick(20_000));
    await recording.close();
    const { observations, end } = await readAll(path);
    const lost = observations.filter((observation) => observation.kind === 'lost');
    expect(lost).toHaveLength(1);
    expect(observations.length - 1 + (lost[0]?.count ?? 0)).toBe(20_001);
    expect(observations.at(-1)).toEqual(tick(20_000));
    expect(end).toEqual({ kind: 'complete' });
  });

  test('records that an observation was too long to be recorded', async () => {
    const path = join(temporaryDirectory(), 'r');
    const recording = await openRecording(path, HEADER);
    recording.observe({ kind: 'netlink', time: bootTime(1n), source: 'rtnetlink', netns: { inode: 1 }, dump: false, bytes: new Uint8Array(1 << 20) });
    await recording.close();
    expect((await readAll(path)).observations).toMatchObject([{ kind: 'undecodable', sample: expect.stringContaining('netlink') }]);
  });

  test('loses at most the last second when killed', async () => {
    const path = join(temporaryDirectory(), 'r');
    const child = spawn(process.execPath, [fixture('killed-writer.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
    const [, signal] = await once(child, 'close') as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    const { observations, end } = await readAll(path);
    const last = observations.at(-1)?.time ?? 0n;
    expect(end).toMatchObject({ kind: 'truncated', atTime: last });
    expect(BigInt(output.trim()) - last).toBeLessThan(1_000_000_000n);
    expect(observations.length).toBeGreaterThan(100);
  }, 20_000);

  test('a file that may not grow stops the recording and nothing else', async () => {
    const path = join(temporaryDirectory(), 'r');
    const child = spawn('prlimit', ['--fsize=3000000', process.execPath, fixture('limited-writer.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => { output += chunk; });
    const [code] = await once(child, 'close') as [number | null];
    expect(code).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ same: true, message: expect.stringContaining('no space') });
    const { observations, end } = await readAll(path);
    expect(end.kind).toBe('truncated');
    expect(observations.length).toBeGreaterThan(0);
  }, 20_000);
});

describe('createFileQueue', () => {
  test('fails once, and writes nothing more', async () => {
    await using handle = await open('/dev/full', 'w');
    const errors: unknown[] = [];
    const queue = createFileQueue(handle, (error) => errors.push(error));
    queue.append(Buffer.alloc(10));
    queue.append(Buffer.alloc(10));
    await queue.drained();
    expect(errors).toMatchObject([{ code: 'ENOSPC' }]);
    expect(queue.writtenBytes()).toBe(0);
    expect(queue.queuedBytes()).toBe(0);
  });
});

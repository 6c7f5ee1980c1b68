import { spawn } from 'node:child_process';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createJsonLines } from '../../src/report/json-lines.ts';
import { createLineWriter } from '../../src/report/line-writer.ts';
import { hostile, story } from './records.ts';

/** Takes one chunk at a time, and only when told to. */
function slowStream() {
  const chunks: string[] = [];
  let next: (() => void) | undefined;
  const stream = new Writable({ highWaterMark: 1, write: (chunk, _, done) => { chunks.push(String(chunk)); next = done; } });
  return { stream, chunks, step: () => { const done = next; next = undefined; done?.(); } };
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

describe('createJsonLines', () => {
  test('prints each record as one line that parses to it', async () => {
    const stream = new PassThrough();
    const sink = createJsonLines(stream);
    for (const record of [...story, hostile]) sink.show(record);
    await sink.close();
    const lines = String(stream.read()).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([...story, hostile]);
  });
});

describe('createLineWriter', () => {
  test('collects lines while the stream is full and writes them at once', async () => {
    const { stream, chunks, step } = slowStream();
    const writer = createLineWriter(stream);
    for (const line of ['a', 'b', 'c']) writer.write(line);
    expect(chunks).toEqual(['a\n']);
    const closed = writer.close();
    step();
    await settled();
    expect(chunks).toEqual(['a\n', 'b\nc\n']);
    step();
    await settled();
    step();
    await closed;
  });

  test('ends quietly, once, when the reader is gone', async () => {
    let ends = 0;
    const stream = new Writable({ write: (_, __, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })) });
    const writer = createLineWriter(stream, () => { ends += 1; });
    writer.write('a');
    await settled();
    writer.write('b');
    await writer.close();
    expect(ends).toBe(1);
  });

  test('says what went wrong when the disk is full', async () => {
    const stream = new Writable({ write: (_, __, done) => done(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })) });
    const writer = createLineWriter(stream);
    writer.write('a');
    await expect(writer.close()).rejects.toThrow('the output could not be written: ENOSPC');
  });

  test('survives a real pipe that is closed early', async () => {
    const head = spawn('head', ['-n', '1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const printed = text(head.stdout);
    const gone = Promise.withResolvers<void>();
    const writer = createLineWriter(head.stdin, gone.resolve);
    const exited = new Promise((resolve) => { head.on('exit', resolve); });
    writer.write('first');
    await exited;
    writer.write('second');
    await gone.promise;
    await writer.close();
    expect(await printed).toBe('first\n');
  });
});

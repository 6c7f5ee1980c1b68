import { chmodSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, crc32, zstdCompressSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RoutecauseError } from '../../src/model/errors.ts';
import type { Observation } from '../../src/model/observation.ts';
import { bootTime } from '../../src/model/time.ts';
import { encodeObservation } from '../../src/recording/codec.ts';
import { decodeHeader, encodeHead, MAGIC } from '../../src/recording/format.ts';
import { encodeEnd, encodeFrame, FRAME_HEADER_BYTES } from '../../src/recording/frame.ts';
import { readRecording } from '../../src/recording/read.ts';
import { sampleObservations } from './arbitraries.ts';
import { buildRecording, readAll, readBytes, temporaryDirectory } from './files.ts';
import { HEADER } from './header.ts';

const ticks = (count: number): readonly Observation[] =>
  Array.from({ length: count }, (_, index) => ({ kind: 'tick', time: bootTime(BigInt(index + 1)), source: 'host', cpu: 0 }));
const TICK = ticks(1).map(encodeObservation).join();
const flip = (bytes: Uint8Array, offset: number, mask = 1): void => { bytes[offset] = (bytes[offset] ?? 0) ^ mask; };
const head = encodeHead(HEADER);
const interval = { oldest: bootTime(1n), newest: bootTime(9n) };
const frameOf = (text: string, records: number): Buffer => encodeFrame(Buffer.from(text), records, interval);
const recordingOf = (...frames: readonly Buffer[]): Buffer => Buffer.concat([head, ...frames, encodeEnd(frames.length)]);

describe('readRecording', () => {
  test('reads what was written and says complete', async () => {
    const observations = sampleObservations(500, 1);
    const result = await readBytes(join(temporaryDirectory(), 'r'), buildRecording(observations, 50).bytes);
    expect(result.observations).toEqual(observations);
    expect(result.end).toEqual({ kind: 'complete' });
    expect(result.header).toEqual(HEADER);
  });

  test('reads exactly a prefix of a file cut anywhere, and says truncated', async () => {
    const observations = sampleObservations(5000, 2);
    const { bytes, frameEnds } = buildRecording(observations, 40);
    const lines = observations.map(encodeObservation);
    const path = join(temporaryDirectory(), 'r');
    const offsets = fc.sample(fc.integer({ min: head.length, max: bytes.length - 1 }), { numRuns: 100, seed: 3 });
    for (const offset of [...offsets, ...frameEnds.slice(0, 3), head.length, bytes.length - 1]) {
      const result = await readBytes(path, bytes.subarray(0, offset));
      const whole = frameEnds.filter((end) => end <= offset);
      expect(result.observations.map(encodeObservation)).toEqual(lines.slice(0, whole.length * 40));
      expect(result.end).toMatchObject({ kind: 'truncated', atByte: whole.at(-1) ?? head.length });
    }
  }, 60_000);

  test('never yields what was not written without saying damaged', async () => {
    const observations = sampleObservations(600, 4);
    const { bytes } = buildRecording(observations, 30);
    const written = new Set(observations.map(encodeObservation));
    const path = join(temporaryDirectory(), 'r');
    const flips = fc.array(fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(flips, async (changes) => {
      const flipped = Buffer.from(bytes);
      for (const [offset, mask] of changes) flip(flipped, offset, mask);
      if (flipped.equals(bytes)) return;
      const result = await readBytes(path, flipped).catch((error: unknown) => error);
      if (result instanceof RoutecauseError) return;
      const { observations: read, end } = result as Awaited<ReturnType<typeof readBytes>>;
      expect(end.kind).toBe('damaged');
      const strangers = read.filter((observation) => !written.has(encodeObservation(observation)));
      expect(strangers.every((observation) => observation.kind === 'lost' && observation.what === 'recording damaged')).toBe(true);
      expect(strangers.length).toBeGreaterThan(0);
    }), { numRuns: 300 });
  }, 60_000);

  test('skips a damaged frame and tells its interval as lost', async () => {
    const { bytes, frameEnds } = buildRecording(ticks(30), 10);
    flip(bytes, (frameEnds[0] ?? 0) + FRAME_HEADER_BYTES + 5);
    const { observations, end } = await readBytes(join(temporaryDirectory(), 'r'), bytes);
    expect(observations.map(({ time }) => Number(time))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(observations[10]).toEqual({ kind: 'lost', source: 'host', since: 11n, time: 20n, count: 10, what: 'recording damaged' });
    expect(end).toMatchObject({ kind: 'damaged', atByte: frameEnds[0], atTime: 10n, skippedFrames: 1, skippedRecords: 10, rest: 'complete' });
  });

  test('stops at a damaged frame header and says so', async () => {
    const { bytes, frameEnds } = buildRecording(ticks(30), 10);
    flip(bytes, (frameEnds[0] ?? 0) + 4);
    const { observations, end } = await readBytes(join(temporaryDirectory(), 'r'), bytes);
    expect(observations).toHaveLength(11);
    expect(observations[10]).toEqual({ kind: 'lost', source: 'host', since: 10n, time: 10n, what: 'recording damaged' });
    expect(end).toMatchObject({ kind: 'damaged', rest: 'unreadable' });
  });

  test('notices a frame that was taken out, and bytes behind the end', async () => {
    const path = join(temporaryDirectory(), 'r');
    const { bytes, frameEnds } = buildRecording(ticks(30), 10);
    const without = Buffer.concat([bytes.subarray(0, frameEnds[0]), bytes.subarray(frameEnds[1])]);
    expect((await readBytes(path, without)).end).toMatchObject({ kind: 'damaged' });
    expect((await readBytes(path, Buffer.concat([bytes, bytes]))).end).toMatchObject({ kind: 'damaged' });
  });

  test('is not shaken by random bytes behind a good start', async () => {
    const path = join(temporaryDirectory(), 'r');
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (garbage) => {
      const { end } = await readBytes(path, Buffer.concat([head, garbage]));
      expect(['truncated', 'damaged']).toContain(end.kind);
    }), { numRuns: 100 });
  });

  test('gives undecodable for records that are none', async () => {
    const lines = ['{"kind":"tick","time":"5"}', '{"__proto__":{"kind":"tick"}}', 'x'.repeat(1000), '['.repeat(3_000_000), TICK];
    const { observations, end } = await readBytes(join(temporaryDirectory(), 'r'), recordingOf(frameOf(`${lines.join('\n')}\n`, 5)));
    expect(observations.map(({ kind }) => kind)).toEqual(['undecodable', 'undecodable', 'undecodable', 'undecodable', 'tick']);
    expect(observations[0]?.time).toBe(5n);
    expect(observations[2]).toMatchObject({ time: 1n, sample: 'x'.repeat(200) });
    expect(end.kind).toBe('complete');
  });

  test('reports a frame with another number of records than it says', async () => {
    const { observations, end } = await readBytes(join(temporaryDirectory(), 'r'), recordingOf(frameOf('{}\n', 7)));
    expect(observations.map(({ kind }) => kind)).toEqual(['undecodable', 'lost']);
    expect(end).toMatchObject({ kind: 'damaged', rest: 'complete' });
  });

  test('refuses to inflate bombs', async () => {
    const bomb = zstdCompressSync(Buffer.alloc(512 << 20), { params: { [constants.ZSTD_c_windowLog]: 27 } });
    const frame = Buffer.concat([frameOf('', 1).subarray(0, FRAME_HEADER_BYTES), bomb]);
    frame.writeUInt32LE(bomb.length, 4);
    frame.writeUInt32LE(16 << 20, 8);
    frame.writeUInt32LE(crc32(bomb), 16);
    frame.writeUInt32LE(crc32(frame.subarray(0, 36)), 36);
    const before = process.memoryUsage().rss;
    const { observations, end } = await readBytes(join(temporaryDirectory(), 'r'), recordingOf(frame, frameOf(`${TICK}\n`, 1)));
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
    expect(observations.map(({ kind }) => kind)).toEqual(['lost', 'tick']);
    expect(end).toMatchObject({ kind: 'damaged', skippedFrames: 1 });
  });

  test('closes the file when left early', async () => {
    const path = join(temporaryDirectory(), 'r');
    writeFileSync(path, buildRecording(ticks(30), 10).bytes);
    const reader = await readRecording(path);
    for await (const observation of reader.observations) if (observation.time === 3n) break;
    expect(reader.ended()).toEqual({ kind: 'reading' });
    await reader.close();
  });
});

describe('readRecording refuses, in one sentence with a remedy,', () => {
  const path = (name: string): string => join(temporaryDirectory(), name);
  async function refusal(file: string, bytes?: Uint8Array): Promise<RoutecauseError> {
    const error: unknown = await (bytes === undefined ? readAll(file) : readBytes(file, bytes)).catch((thrown: unknown) => thrown);
    if (!(error instanceof RoutecauseError)) throw new Error(`no refusal but ${String(error)}`);
    expect(error.exitCode).toBe(1);
    expect(error.remedy).not.toBe('');
    return error;
  }
  const newer = Buffer.from(head);
  newer.writeUInt16LE(2, 8);

  test.each([
    ['an empty file', Buffer.alloc(0), 'empty'],
    ['another kind of file', Buffer.from('{"kind":"session"}\n'.repeat(10)), 'not a routecause recording'],
    ['a newer major version', newer, 'format 2'],
    ['a file cut in the magic', MAGIC.subarray(0, 5), 'damaged or cut off'],
    ['a file cut in the header', head.subarray(0, head.length - 1), 'damaged or cut off'],
    ['a changed header', Buffer.from(head).fill(0x20, 30, 31), 'damaged or cut off'],
  ])('%s', async (_name, bytes, words) => {
    expect((await refusal(path('r'), bytes)).message).toContain(words);
  });

  test('a file that is not there', async () => {
    expect((await refusal(path('r'))).message).toContain('there is no file');
  });

  test('a directory', async () => {
    const file = path('r');
    mkdirSync(file);
    expect((await refusal(file)).message).toContain('directory');
  });

  test('a FIFO that nobody writes to', async () => {
    const file = path('r');
    execFileSync('mkfifo', [file]);
    expect((await refusal(file)).message).toContain('special file');
  });

  test.skipIf(process.getuid?.() === 0)('a file of somebody else', async () => {
    const file = path('r');
    writeFileSync(file, head);
    chmodSync(file, 0);
    expect((await refusal(file)).message).toContain('permission denied');
  });

  test('random garbage, with and without the magic', async () => {
    const file = path('r');
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.boolean(), async (garbage, magic) => {
      await refusal(file, magic ? Buffer.concat([MAGIC, garbage]) : garbage);
    }), { numRuns: 200 });
  });

  test('a sparse file of many gigabytes, at once', async () => {
    const file = path('r');
    writeFileSync(file, '');
    truncateSync(file, 2 ** 33);
    expect((await refusal(file)).message).toContain('not a routecause recording');
  });
});

describe('decodeHeader', () => {
  test('keeps unknown keys', () => {
    const header = { ...HEADER, more: 1, session: { ...HEADER.session, host: { ...HEADER.session.host, boot: 'x' } } };
    expect(decodeHeader(JSON.stringify(header))).toEqual(header);
  });

  test.each([
    ['wrong types', JSON.stringify({ session: { ...HEADER.session, tier: 'magic' } })],
    ['no session', '{}'], ['no JSON', '{'],
    ['deep nesting', JSON.stringify(HEADER).replace('{', `{"x":${'['.repeat(1000)}${']'.repeat(1000)},`)],
    ['very deep nesting', '['.repeat(400_000) + ']'.repeat(400_000)],
  ])('refuses %s', (_name, json) => {
    expect(decodeHeader(json)).toBeUndefined();
  });

  test('keeps the prototype out of reach', () => {
    const header = decodeHeader(JSON.stringify(HEADER).replace('{', '{"__proto__":{"polluted":1},'));
    expect(header).toBeDefined();
    expect('polluted' in {}).toBe(false);
    expect(Reflect.get(header ?? {}, 'polluted')).toBeUndefined();
  });
});

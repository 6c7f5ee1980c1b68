import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFormat, readField } from '../../../src/sources/ftrace/event-format.ts';
import { readPage } from '../../../src/sources/ftrace/ring.ts';

/** A page as the kernel lays it out: start time, bytes used, events. */
function page(start: bigint, words: readonly number[], { flags = 0 } = {}): Uint8Array {
  const bytes = Buffer.alloc(4096);
  bytes.writeBigUInt64LE(start, 0);
  bytes.writeUInt32LE((words.length * 4 | flags) >>> 0, 8);
  words.forEach((word, index) => bytes.writeUInt32LE(word >>> 0, 16 + index * 4));
  return bytes;
}
const small = (delta: number, ...payload: readonly number[]): number[] => [(delta << 5 | payload.length) >>> 0, ...payload];
const large = (delta: number, ...payload: readonly number[]): number[] => [delta << 5, payload.length * 4 + 4, ...payload];
const extend = (delta: number, high: number): number[] => [(delta << 5 | 30) >>> 0, high];
const padding = (delta: number, ...payload: readonly number[]): number[] => [(delta << 5 | 29) >>> 0, payload.length * 4 + 4, ...payload];
const told = (bytes: Uint8Array): [bigint, number[]][] => readPage(bytes).events.map(({ time, data }) => [time, [...new Uint32Array(Uint8Array.from(data).buffer)]]);

describe('readPage', () => {
  test.each<[string, Uint8Array, [bigint, number[]][]]>([
    ['nothing', page(5n, []), []],
    ['two small events', page(1000n, [...small(10, 1, 2), ...small(5, 3)]), [[1010n, [1, 2]], [1015n, [3]]]],
    ['a large event', page(1000n, large(1, 1, 2, 3)), [[1001n, [1, 2, 3]]]],
    ['a long pause', page(1000n, [...extend(3, 1), ...small(2, 9)]), [[1000n + (1n << 27n) + 5n, [9]]]],
    ['an absolute time', page(1n << 60n, [(7 << 5 | 31) >>> 0, 2, ...small(1, 9)]), [[(1n << 60n) + (2n << 27n) + 8n, [9]]]],
    ['an event that was taken back', page(1000n, [...small(1, 1), ...padding(4, 8, 8), ...small(2, 2)]), [[1001n, [1]], [1007n, [2]]]],
    ['the rest of a page', page(1000n, [...small(1, 1), 29, 0, ...small(1, 2)]), [[1001n, [1]]]],
    ['an event that is cut', page(1000n, [...small(1, 1), (1 << 5 | 20) >>> 0, 4]), [[1001n, [1]]]],
  ])('%s', (_, bytes, expected) => {
    expect(told(bytes)).toEqual(expected);
  });

  test('says when events were overwritten', () => {
    expect(readPage(page(1n, [], { flags: 0x8000_0000 })).missed).toBe(true);
    expect(readPage(page(1n, [])).missed).toBe(false);
  });

  test('reads any bytes without throwing, and no event runs past the page', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      for (const { data } of readPage(bytes).events) expect(data.byteOffset + data.length).toBeLessThanOrEqual(bytes.byteOffset + bytes.length);
    }));
  });
});

const FORMAT = `name: e0
ID: 1723
format:
\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;

\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;
\tfield:u32 a0;\toffset:16;\tsize:4;\tsigned:0;
\tfield:s32 a1;\toffset:20;\tsize:4;\tsigned:1;
\tfield:u64 a2[];\toffset:24;\tsize:16;\tsigned:0;
\tfield:__data_loc char[] a3;\toffset:40;\tsize:4;\tsigned:1;
\tfield:char newcomm[4];\toffset:44;\tsize:4;\tsigned:0;

print fmt: "(%lx)", REC->__probe_ip
`;

describe('fields of an event', () => {
  const format = parseFormat(FORMAT);
  const data = Buffer.alloc(56);
  data.writeUInt32LE(7, 16);
  data.writeInt32LE(-7, 20);
  data.writeBigUInt64LE(1n, 24);
  data.writeBigUInt64LE(2n, 32);
  data.writeUInt32LE(48 | 6 << 16, 40);
  data.write('ab\0d', 44, 'latin1');
  data.write('hallo\0', 48, 'latin1');
  const value = (name: string, bytes: Uint8Array = data): unknown => {
    const field = format?.fields.find(other => other.name === name);
    return field && readField(field, bytes);
  };

  test.each([['a0', 7n], ['a1', -7n], ['a2', [1n, 2n]], ['a3', 'hallo'], ['newcomm', 'ab']])('%s', (name, expected) => {
    expect(value(name)).toEqual(expected);
  });
  test('the number of the event', () => { expect(format?.id).toBe(1723); });
  test('what is no format', () => { expect(parseFormat('hallo')).toBeUndefined(); });
  test('a field that the event does not reach is not there', () => {
    expect(value('a2', data.subarray(0, 30))).toBeUndefined();
  });
  test('text that newer kernels could not read is not there', () => {
    const fault = Buffer.concat([data, Buffer.from('(fault)\0')]);
    fault.writeUInt32LE(56 | 8 << 16, 40);
    expect(value('a3', fault)).toBeUndefined();
  });
  test('any bytes are read without throwing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), bytes => { for (const field of format?.fields ?? []) readField(field, bytes); }));
  });
});

import { describe, expect, test } from 'vitest';
import { createBuffers, type Event } from '../../../src/sources/ftrace/buffers.ts';
import type { Pipe } from '../../../src/sources/ftrace/tracefs.ts';

const KIND = { wantsStack: false };
const STACK = { id: 2, fields: [] };

/** A page with one event at this time: its type is 9, its thread 33. */
function page(time: bigint): Uint8Array {
  const bytes = Buffer.alloc(4096);
  bytes.writeBigUInt64LE(time, 0);
  bytes.writeUInt32LE(12, 8);
  bytes.writeUInt32LE(2, 16);
  bytes.writeUInt16LE(9, 20);
  bytes.writeInt32LE(33, 24);
  return bytes;
}

/** A CPU whose buffer holds an event at each of these times. */
function pipe(times: readonly bigint[]): Pipe {
  const left = [...times];
  return { read(bytes) { const time = left.shift(); if (time === undefined) return 0; bytes.set(page(time)); return 4096; }, close: () => undefined };
}
const range = (from: number, to: number, step: number): bigint[] => Array.from({ length: Math.ceil((to - from) / step) }, (_, at) => BigInt(from + at * step));
const timesOf = (events: readonly Event<typeof KIND>[]): number[] => events.map(({ time }) => Number(time));

describe('what waits in the buffers of all CPUs', () => {
  const open = (...cpus: readonly (readonly bigint[])[]) => createBuffers(new Map(cpus.map((times, cpu) => [cpu, pipe(times)])), { pageBytes: 4096, kinds: new Map([[9, KIND]]), stack: STACK });

  test('comes in turns that others need not wait long for, each in order, and none is left behind', () => {
    const buffers = open(range(0, 1000, 2), range(1, 1000, 10));
    const turns: number[][] = [];
    let last = -1n;
    for (let more = true; more;) {
      const read = buffers.read(5000n);
      turns.push(timesOf(read.events));
      expect(read.until).toBeGreaterThan(last);
      last = read.until;
      ({ more } = read);
    }
    expect(turns.flat()).toEqual([...range(0, 1000, 2), ...range(1, 1000, 10)].map(Number).sort((a, b) => a - b));
    expect(Math.max(...turns.map(turn => turn.length))).toBeLessThan(100);
    expect(last).toBe(5000n);
  });

  test('is told up to where the CPU that lags is known', () => {
    const { events, until, more } = open(range(0, 400, 1), [350n]).read(5000n);
    expect(more).toBe(true);
    expect(timesOf(events)).not.toContain(350);
    expect(until).toBe(BigInt(Math.max(...timesOf(events))));
  });

  test('is all there at once if it is little', () => {
    expect(open([1n, 3n], [2n]).read(10n)).toMatchObject({ until: 10n, more: false, events: [{ time: 1n, cpu: 0, tid: 33 }, { time: 2n, cpu: 1 }, { time: 3n }] });
  });
});

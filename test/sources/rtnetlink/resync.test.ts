import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createResync, type Resync } from '../../../src/sources/rtnetlink/resync.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

/** Readings that take `tookMs` each: when they began. `fails`: each is given up in the end. */
function reader(tookMs: number, fails = false): { readonly resync: Resync; readonly begins: number[]; most: () => number } {
  const begins: number[] = [];
  const zero = Date.now();
  let [open, most] = [0, 0];
  const dump = async (): Promise<void> => {
    begins.push(Date.now() - zero);
    most = Math.max(most, ++open);
    await new Promise(resolve => { setTimeout(resolve, tookMs); });
    open--;
    if (fails) throw new Error('no answer');
  };
  return { resync: createResync(dump, () => Date.now()), begins, most: () => most };
}

/** A loss every `everyMs`. */
async function losses(resync: Resync, count: number, everyMs: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    resync.ask();
    await vi.advanceTimersByTimeAsync(everyMs);
  }
}

describe('tables are read again', () => {
  test('after the first loss at once, and not without a loss', async () => {
    const { resync, begins } = reader(10);
    await vi.advanceTimersByTimeAsync(5000);
    expect(begins).toEqual([]);
    await losses(resync, 1, 20_000);
    expect(begins).toEqual([5000]);
  });

  test('once for losses that come together', async () => {
    const { resync, begins } = reader(10);
    for (let at = 0; at < 50; at++) resync.ask();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(begins).toEqual([0]);
  });

  test.each([
    ['a second apart where it takes no time', 10, [0, 1010, 2020, 3030, 4040, 5050, 6060, 7070, 8080, 9090]],
    ['in a third of the time where it takes long', 1000, [0, 3000, 6000, 9000]],
  ])('in a burst of losses: %s, one at a time', async (_, tookMs, expected) => {
    const { resync, begins, most } = reader(tookMs);
    await losses(resync, 1000, 10);
    expect(begins).toEqual(expected);
    expect(most()).toBe(1);
  });

  test('once more for what is lost while they are read', async () => {
    const { resync, begins } = reader(600);
    await losses(resync, 3, 200);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(begins).toEqual([0, 600 + 1200]);
  });

  test('after one that failed', async () => {
    const { resync, begins } = reader(10, true);
    await losses(resync, 2, 500);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(begins).toEqual([0, 1010]);
  });

  test.each([['before the first', 0, 0], ['while one is under way', 100, 1], ['between two', 700, 1]])('never after the end: %s', async (_, afterMs, count) => {
    const { resync, begins } = reader(600);
    resync.ask();
    if (afterMs > 0) await losses(resync, 2, afterMs / 2);
    resync.stop();
    resync.ask();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(begins).toHaveLength(count);
  });
});

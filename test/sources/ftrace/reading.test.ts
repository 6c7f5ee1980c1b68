import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createReading } from '../../../src/sources/ftrace/reading.ts';

beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
afterEach(() => { vi.useRealTimers(); });

/** The answers of read() in turn, then that there is no more. */
function reader(...answers: boolean[]): { readonly count: () => number; readonly read: () => boolean } {
  let count = 0;
  return { count: () => count, read: () => answers[count++] === true };
}

test('reads at once where there is more, else after the pause', () => {
  const { count, read } = reader(true, true);
  const reading = createReading(read, 40);
  reading.start();
  vi.advanceTimersByTime(5);
  expect(count()).toBe(3);
  vi.advanceTimersByTime(30);
  expect(count()).toBe(3);
  vi.advanceTimersByTime(20);
  expect(count()).toBe(4);
  reading.cancel();
  vi.advanceTimersByTime(100);
  expect(count()).toBe(4);
});

test('reads all that is there in the end, and once more', async () => {
  const { count, read } = reader(false, true, true);
  const reading = createReading(read, 40);
  reading.start();
  expect(await reading.finish()).toBe(true);
  expect(count()).toBe(5);
  vi.advanceTimersByTime(100);
  expect(count()).toBe(5);
});

test('reads nothing in the end where it had not begun', async () => {
  const { count, read } = reader(true);
  expect(await createReading(read, 40).finish()).toBe(false);
  expect(count()).toBe(0);
});

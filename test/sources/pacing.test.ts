import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDaemonRounds } from '../../src/sources/endpoints/daemon-rounds.ts';
import { createMovedLooks } from '../../src/sources/endpoints/moved-looks.ts';
import { createAllowance, createPause } from '../../src/sources/endpoints/pacing.ts';
import { createTask } from '../../src/sources/endpoints/task.ts';

describe('a pause', () => {
  const pace = { soonMs: 10, growth: 2, latestMs: 50 };
  test('is the longest one at first', () => { expect(createPause(pace).next(true)).toBe(50); });
  test('is short once it is called for, and grows up to the longest one', () => {
    const pause = createPause(pace);
    expect([pause.soon(), pause.next(true), pause.next(true), pause.next(true), pause.next(true)]).toEqual([10, 20, 40, 50, 50]);
  });
  test('is the longest one where nobody wants it any more', () => {
    const pause = createPause(pace);
    expect([pause.soon(), pause.next(false)]).toEqual([10, 50]);
  });
});

describe('an allowance', () => {
  const rule = { share: 10, savedMs: 30, intervalMs: 5 };
  test('lets work go on after the interval while something is saved up', () => { expect(createAllowance(rule, 0).spend({ begun: 100, ended: 130, worked: 30 })).toBe(135); });
  test('asks for as much time as the work is to be a part of, once nothing is left', () => { expect(createAllowance(rule, 0).spend({ begun: 100, ended: 132, worked: 32 })).toBe(137); });
  test('makes what is overdrawn wait for its share', () => { expect(createAllowance(rule, 0).spend({ begun: 100, ended: 140, worked: 40 })).toBe(200); });
  test('saves up with time, and no more than that', () => {
    const allowance = createAllowance(rule, 0);
    allowance.spend({ begun: 100, ended: 130, worked: 30 });
    expect(allowance.spend({ begun: 200, ended: 220, worked: 20 })).toBe(300);
    expect(allowance.spend({ begun: 100_000, ended: 100_040, worked: 40 })).toBe(100_100);
  });
});

describe('in time', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }); });
  afterEach(() => { vi.useRealTimers(); });
  const clock = (): { readonly at: number[]; readonly mark: () => Promise<void> } => {
    const [at, begun] = [[] as number[], performance.now()];
    return { at, mark: () => { at.push(Math.round(performance.now() - begun)); return Promise.resolve(); } };
  };
  const after = (ms: number): Promise<void> => new Promise(resolve => { setTimeout(resolve, ms); });

  test('daemons are asked twice a minute, and in ever longer pauses once what they say matters', async () => {
    const { at, mark } = clock();
    let isWanted = false;
    const rounds = createDaemonRounds(mark, () => isWanted);
    await rounds.start();
    await vi.advanceTimersByTimeAsync(31_000);
    isWanted = true;
    rounds.soon();
    await vi.advanceTimersByTimeAsync(4000);
    isWanted = false;
    await vi.advanceTimersByTimeAsync(40_000);
    rounds.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at).toEqual([0, 30_000, 31_500, 32_500, 34_500, 38_500, 68_500]);
  });

  test('slow daemons are asked for a twentieth of the time, and are not asked twice at once', async () => {
    const { at, mark } = clock();
    const rounds = createDaemonRounds(() => mark().then(() => after(2000)), () => true);
    const first = rounds.start();
    rounds.soon();
    await vi.advanceTimersByTimeAsync(2000);
    await first;
    await vi.advanceTimersByTimeAsync(41_000);
    rounds.stop();
    expect(at).toEqual([0, 42_000]);
  });

  test('moved sockets are looked at in ever longer pauses, until there are none', async () => {
    const { at, mark } = clock();
    let isAny = true;
    const looks = createMovedLooks(mark, () => isAny);
    looks.soon();
    await vi.advanceTimersByTimeAsync(3000);
    looks.soon();
    await vi.advanceTimersByTimeAsync(600);
    isAny = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at).toEqual([500, 1250, 2375, 3500, 4250]);
  });

  test('a look that is called for during another one goes on by itself', async () => {
    const { at, mark } = clock();
    const looks = createMovedLooks(() => mark().then(() => after(400)), () => true);
    looks.soon();
    await vi.advanceTimersByTimeAsync(600);
    looks.soon();
    await vi.advanceTimersByTimeAsync(2000);
    looks.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at).toEqual([500, 1100, 2250]);
  });

  test('a task is done once at a time, fails for itself, and not after its end', async () => {
    const { at, mark } = clock();
    const task = createTask(() => mark().then(() => after(100)).then(() => { throw new Error('gone'); }));
    task.runIn(10);
    task.runIn(20);
    expect(task.isWaiting()).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(task.isWaiting()).toBe(false);
    task.runIn(10);
    await vi.advanceTimersByTimeAsync(200);
    expect(at).toEqual([20, 120]);
    task.runIn(10);
    await task.stop();
    task.runIn(10);
    await vi.advanceTimersByTimeAsync(1000);
    expect(at).toEqual([20, 120]);
  });
});

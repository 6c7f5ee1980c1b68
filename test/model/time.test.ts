import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertNever, EXIT, RoutecauseError } from '../../src/model/errors.ts';
import { netnsKey } from '../../src/model/netns.ts';
import { bootTime, formatRealTime } from '../../src/model/time.ts';

describe('formatRealTime', () => {
  test.each([
    [0n, 0n, '1970-01-01T00:00:00.000000Z'], [1_000n, 0n, '1970-01-01T00:00:00.000001Z'], [999n, 0n, '1970-01-01T00:00:00.000000Z'],
    [80_123_456_789n, 1_796_126_400_000_000_000n, '2026-12-01T12:01:20.123456Z'], [1_000_000n, 999_000n, '1970-01-01T00:00:00.001999Z'],
  ])('%d ns after boot, clock %d: %s', (ns, offset, expected) => { expect(formatRealTime(bootTime(ns), offset)).toBe(expected); });

  test.each([['far beyond any date', 1n << 70n], ['far before any date', -(1n << 70n)]])('does not throw %s', (_case, ns) => {
    expect(formatRealTime(bootTime(ns), 0n)).toMatch(/^\d{4}-/);
  });

  test('grows with the time, as text too', () => {
    const ns = fc.bigInt({ min: 0n, max: 4_000_000_000_000_000_000n });
    fc.assert(fc.property(ns, ns, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(formatRealTime(bootTime(low), 0n) <= formatRealTime(bootTime(high), 0n)).toBe(true);
    }));
  });
});

describe('netnsKey', () => {
  test.each([
    ['the same cookie under another inode is the same', { inode: 1, cookie: 5n }, { inode: 2, cookie: 5n }, true], ['the same inode with another cookie is another', { inode: 1, cookie: 5n }, { inode: 1, cookie: 6n }, false],
    ['inodes decide where there is no cookie', { inode: 1 }, { inode: 1 }, true], ['an inode is never taken for a cookie', { inode: 5 }, { inode: 9, cookie: 5n }, false],
  ])('%s', (_case, a, b, same) => { expect(netnsKey(a) === netnsKey(b)).toBe(same); });
});

describe('errors', () => {
  test('carry a remedy and an exit code', () => {
    const cause = new Error('x');
    expect(new RoutecauseError('m', 'do this', { exitCode: EXIT.usage, cause })).toMatchObject({ name: 'RoutecauseError', message: 'm', remedy: 'do this', exitCode: 2, cause });
    expect(new RoutecauseError('m', 'r').exitCode).toBe(1);
  });
  test('of a case that was forgotten say which', () => { expect(() => assertNever('what' as never)).toThrow('unexpected value: "what"'); });
});

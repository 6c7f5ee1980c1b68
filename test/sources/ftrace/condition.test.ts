import { describe, expect, test } from 'vitest';
import { ALWAYS, and, filterText, necessary, NEVER, not, or, UNKNOWN, type Condition } from '../../../src/sources/ftrace/compile/condition.ts';
import { fetchText, type Fetch } from '../../../src/sources/ftrace/compile/fetch.ts';

const argument = (index: number): Fetch => ({ origin: { kind: 'argument', index }, form: { size: 4, signed: false } });
const is = (index: number, value: bigint): Condition => ({ kind: 'compare', fetch: argument(index), relation: '==', value });
const flag: Condition = { kind: 'mask', fetch: argument(0), mask: 4n, set: true };
const text = (condition: Condition): string => filterText(necessary(condition), fetch => fetchText(fetch) ?? '');

describe('what a filter may drop', () => {
  test.each<[string, Condition, string]>([
    ['a comparison', is(0, 7n), '$arg1:u32 == 7'],
    ['its opposite', not(is(0, 7n)), '$arg1:u32 != 7'],
    ['bits set', flag, '($arg1:u32 & 4)'],
    ['bits clear', not(flag), '!($arg1:u32 & 4)'],
    ['both', and(is(0, 1n), is(1, 2n)), '($arg1:u32 == 1) && ($arg2:u32 == 2)'],
    ['neither', not(or(is(0, 1n), is(1, 2n))), '($arg1:u32 != 1) && ($arg2:u32 != 2)'],
    ['what else must hold is left to user space', and(is(0, 1n), UNKNOWN), '$arg1:u32 == 1'],
    ['what else may hold lets all through', or(is(0, 1n), UNKNOWN), ''],
    ['so does the opposite of what is not known', not(and(is(0, 1n), UNKNOWN)), ''],
    ['one of two, each with more', or(and(is(0, 1n), UNKNOWN), is(1, 2n)), '($arg1:u32 == 1) || ($arg2:u32 == 2)'],
    ['constants vanish', and(ALWAYS, or(NEVER, is(0, 1n))), '$arg1:u32 == 1'],
    ['never', and(NEVER, UNKNOWN), 'common_pid < 0'],
    ['always', or(ALWAYS, is(0, 1n)), ''],
  ])('%s', (_, condition, expected) => {
    expect(text(condition)).toBe(expected);
  });
});

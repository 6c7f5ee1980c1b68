import { describe, expect, test } from 'vitest';
import { bootTime } from '../../../src/model/time.ts';
import { dropsOf } from '../../../src/sources/rtnetlink/socket-table.ts';
import { createLosses } from '../../../src/sources/rtnetlink/losses.ts';

const at = (ns: number) => bootTime(BigInt(ns));

describe('createLosses', () => {
  test('tells the growth of the counter at the overflow, and what came after it once the socket is empty', () => {
    let drops: number | undefined = 0;
    const losses = createLosses(at(1), () => drops);
    expect(losses.drained(at(2))).toBeUndefined();
    drops = 5;
    expect(losses.overflow(at(3))).toMatchObject({ since: 2n, time: 3n, count: 5 });
    drops = 7;
    expect(losses.drained(at(4))).toMatchObject({ since: 2n, time: 4n, count: 2 });
    expect(losses.drained(at(5))).toBeUndefined();
    expect(losses.total()).toBe(7);
  });

  test('waits for the counter that moves after the error', () => {
    let drops: number | undefined = 0;
    const losses = createLosses(at(1), () => drops);
    expect(losses.overflow(at(2))).toBeUndefined();
    drops = 1;
    expect(losses.drained(at(3))).toMatchObject({ since: 1n, count: 1 });
  });

  test.each([undefined, 0])('tells a loss that it cannot count once (counter: %s)', (drops) => {
    const losses = createLosses(at(1), () => drops);
    const told = [losses.overflow(at(2)), losses.drained(at(3))].filter((lost) => lost !== undefined);
    expect(told).toHaveLength(1);
    expect(told[0]).not.toHaveProperty('count');
  });
});

test.each([
  ['found', 77, 3], ['absent', 78, undefined], ['of a line with too few columns', 5, undefined],
])('dropsOf a socket: %s', (_case, inode, drops) => {
  const table = 'sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode\n0000000000000000 0   1234       00000551 0        0        0     2        3        77\n1 2 5\n';
  expect(dropsOf(table, inode)).toBe(drops);
});

import { describe, expect, test } from 'vitest';
import type { Observation } from '../../../src/model/observation.ts';
import { passes, runOn } from './kernel.ts';

const print = (format: string, value: string): string => `printf("via f %llu %d 9 9 event=${format}\\n", nsecs, cpu, ${value});`;
const eventIn = ([observation]: readonly Observation[]): unknown => observation?.kind === 'probe' ? observation.fields.event : observation?.kind;
const isTold = (condition: string, value: bigint): boolean => runOn(`if (${condition}) { ${print('%d', '(int32)1')} }`, value).told.length > 0;

describe('a number is told as the number that it is', () => {
  // What printf() of C prints of a member that has these bytes.
  test.each<[string, string, bigint, number]>([
    ['%d', '$n->u8', 134n, 134], ['%d', '$n->u8', 255n, 255], ['%d', '$n->u8', 127n, 127], ['%d', '$n->s8', 0xffn, -1], ['%d', '$n->s8', 0x86n, -122],
    ['%d', '$n->u16', 0x8000n, 32_768], ['%d', '$n->u16', 0xffffn, 65_535], ['%d', '$n->s16', 0xfffen, -2], ['%d', '$n->s16', 0x7fffn, 32_767],
    ['%d', '$n->u32', 0x7fff_ffffn, 2_147_483_647], ['%d', '$n->u32', 0xffff_ffffn, -1], ['%d', '$n->s32', 0xffff_fffdn, -3], ['%u', '$n->u32', 0xffff_ffffn, 4_294_967_295],
    ['%u', '$n->u8', 255n, 255], ['%u', '$n->u16', 65_535n, 65_535], ['%llu', '$n->u64', 1n << 40n, 2 ** 40], ['%lld', '$n->s64', -5n, -5],
    ['%d', '(int8)$n->u8', 134n, -122], ['%d', '(uint8)$n->s8', 0x86n, 134], ['%d', '(uint8)$n->u32', 0x1_86n, 134], ['%d', '(int32)$n->u64', 0xffff_ffff_ffff_fffdn, -3],
    ['%d', '$n->u8 << 8 | $n->u8', 0xffn, 65_535], ['%lld', '(int64)$n->u8 - 32', 24n, -8], ['%lld', '$n->s32 - 1', 0n, -1],
    ['%d', '*(uint8 *)($s->head + $s->transport_header)', 134n, 134], ['%d', '*(int8 *)($s->head + $s->transport_header)', 134n, -122],
    ['%d', '*(uint16 *)($s->head + $s->transport_header)', 134n, 0x8686],
  ])('%s of %s', (format, value, memory, expected) => {
    expect(eventIn(runOn(print(format, value), memory).told)).toBe(expected);
  });
});

describe('a condition holds for the number that it is', () => {
  test.each<[string, bigint, boolean]>([
    ['$n->u8 == 134', 134n, true], ['$n->u8 > 127', 134n, true], ['$n->u8 < 0', 134n, false], ['$n->s8 < 0', 134n, true], ['$n->s8 == 134', 134n, false],
    ['$n->u16 >= 0x8000', 0x8000n, true], ['$n->s16 >= 0', 0x8000n, false], ['(int8)$n->u8 < 0', 134n, true], ['(int8)$n->u8 < 0', 127n, false],
    ['(uint8)$n->s8 > 127', 134n, true], ['(uint64)$n->s32 > 5', 0xffff_ffffn, true], ['(uint64)$n->s32 > 5', 4n, false], ['(int64)$n->u64 < 0', -1n, true],
    ['(int32)$n->u32 < 0', 0x8000_0000n, true], ['(uint32)$n->s32 == 0xffffffff', 0xffff_ffffn, true], ['$n->s32 - 2 < 0', 1n, true], ['$n->s64 - 2 < 0', 1n, true], ['$n->u32 - 2 > 0', 1n, true], ['$n->u8 + 200 > 255', 134n, true], ['$n->u8 + 100 > 255', 134n, false],
    ['$n->u8 & 0x80', 134n, true], ['$n->u8 & 0x80', 6n, false], ['!($n->u8 & 0x100)', 255n, true], ['$n->s8 & 0x100', 255n, true], ['!($n->s8 & 0x100)', 255n, false],
    ['!((uint8)($n->u32 & 0x100))', 0x100n, true], ['(uint8)($n->u32 & 0x80)', 0x80n, true], ['(*(uint8 *)($s->head + $s->transport_header) & 0x80) == 0', 134n, false],
  ])('%s', (condition, memory, expected) => {
    expect(isTold(condition, memory)).toBe(expected);
  });
});

describe('what a handler tells, its filter keeps', () => {
  const WIDTHS = ['u8', 's8', 'u16', 's16', 'u32', 's32', 'u64', 's64'];
  const CASTS = ['', '(int8)', '(uint8)', '(int16)', '(uint16)', '(int32)', '(uint32)', '(int64)', '(uint64)'];
  const RELATIONS = ['== 134', '!= 134', '< 0', '>= 0', '> 127', '<= 255', '== 0xff', '& 0x80', '& 0x100', '& 0x8000', '- 1 < 0', '> 0x7fffffff'];
  const VALUES = [0n, 1n, 127n, 128n, 134n, 255n, 256n, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn];

  test.each(WIDTHS)('of %s, as any type, for any relation, and its opposite', width => {
    const wrong: string[] = [];
    let kept = 0;
    for (const type of CASTS) for (const relation of RELATIONS) for (const sign of ['', '!']) {
      const condition = `${sign}(${type}$n->${width} ${relation})`;
      for (const value of VALUES) {
        const { told, passed, filter } = runOn(`if (${condition}) { ${print('%d', '(int32)1')} }`, value);
        if (told.length > 0 && !passed) wrong.push(`${condition} of ${value}: ${filter}`);
        if (told.length === 0 && !passed) kept++;
      }
    }
    expect(wrong).toEqual([]);
    // Not by letting everything through.
    expect(kept).toBeGreaterThan(250);
  });

  test.each<[string, boolean]>([
    ['a0 == 5', true], ['a0 == 6', false], ['(a0 == 6) || (a1 == -1)', true], ['(a0 == 6) || (a1 == 1)', false], ['(a0 & 4) && (!(a0 & 2))', true], ['(a0 & 4) && (!(a0 & 1))', false],
    ['!(a0 & 2)', true], ['!(a0 & 1)', false], ['((a0 == 5) && (a1 < 0)) || (a0 == 9)', true], ['common_pid < 0', false], ['', true],
  ])('this test reads filters as the kernel does: %s', (filter, expected) => {
    expect(passes(filter, [5n, -1n])).toBe(expected);
  });
});

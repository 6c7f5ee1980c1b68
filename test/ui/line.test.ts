import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sanitizeText } from '../../src/report/sanitize.ts';
import { fitLine, fitText, lineWidth, segment, widthOf, wrapAtMost, wrapText } from '../../src/ui/line.ts';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const safeText = fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => sanitizeText(text));

describe('fitText', () => {
  test.each([
    ['abc', 5, 'abc  '], ['abcdef', 4, 'abc\u2026'], ['abc', 3, 'abc'], ['', 2, '  '],
    ['\u9b41\u9b41\u9b41', 4, '\u9b41\u2026 '], ['\u9b41\u9b41', 4, '\u9b41\u9b41'], ['a\u{1f525}b', 3, 'a\u2026 '], ['abcdef', 1, '\u2026'],
  ])('%j in %i columns is %j', (text, width, expected) => expect(fitText(text, width)).toBe(expected));

  test('is as wide as asked for, whatever the text', () => fc.assert(fc.property(safeText, safeText, fc.integer({ min: 1, max: 40 }), (one, other, width) => {
    expect(lineWidth(fitLine([segment(one), segment(other, 'strong')], width))).toBe(width);
  })));
});

describe('wrapText', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']], ['abcdefgh', 3, ['abc', 'def', 'gh']], ['', 5, ['']],
    ['\u9b41\u9b41\u9b41', 4, ['\u9b41\u9b41', '\u9b41']], ['\u9b41', 1, ['\u9b41']],
  ])('%j in %i columns', (text, width, expected) => expect(wrapText(text, width)).toEqual(expected));

  test('loses nothing but blanks and exceeds no width', () => fc.assert(fc.property(safeText, fc.integer({ min: 2, max: 40 }), (text, width) => {
    const rows = wrapText(text, width);
    // One cluster of spacing marks can be wider than any row; nothing can be done about it here, and fitLine cuts it.
    for (const row of rows) if ([...graphemes.segment(row)].length > 1) expect(widthOf(row)).toBeLessThanOrEqual(width);
    expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
  })));

  test('says how much of a monster it leaves out', () => expect(wrapText('A'.repeat(2_000_000), 80).join('')).toMatch(/AA *\[1994000 more characters\]$/));
});

test('wrapAtMost marks the cut', () => expect(wrapAtMost('one two three four', 5, 2)).toEqual(['one', 'two \u2026']));

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiText, safeJson, sanitizeRecord, sanitizeText } from '../../src/report/sanitize.ts';

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Half of the units are likely to do harm. */
const nastyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', '\x1b', '[2J', '\x07', '\n', '\t', '\x7f', '\x9b', '\u202e', '\u2066', '\u200f', '\u061c', '\u200b', '\u2028', '\ud800', '\udc00', '\u{e0041}', '\\', '"') }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

describe('sanitizeText', () => {
  test.each([
    ['escape sequence', '\x1b[2J', '\\x1b[2J'],
    ['window title', '\x1b]0;pwn\x07', '\\x1b]0;pwn\\x07'],
    ['C1 CSI', '\x9b2J', '\\x9b2J'],
    ['DEL', 'a\x7f', 'a\\x7f'],
    ['tab and line ends', 'a\tb\nc\r', 'a\\tb\\nc\\r'],
    ['right-to-left override', 'abc\u202egpj', 'abc\\u202egpj'],
    ['isolates and marks', '\u2066\u2069\u200e\u200f\u061c', '\\u2066\\u2069\\u200e\\u200f\\u061c'],
    ['zero-width', 'ro\u200bot\ufeff', 'ro\\u200bot\\ufeff'],
    ['invisible filler', 'a\u3164', 'a\\u3164'],
    ['separators', '\u2028\u2029', '\\u2028\\u2029'],
    ['lone surrogate', 'x\ud83d', 'x\\ud83d'],
    ['tag character', '\u{e0041}', '\\u{e0041}'],
  ])('%s becomes visible', (_, text, expected) => expect(sanitizeText(text)).toBe(expected));

  test.each(['sysctl -w net.ipv6.conf.all.forwarding=1', 'h\u00e9llo \u9b41\u9b41 \u{1f525}', '\\x1b', '', ' '])('leaves %j alone', (text) => expect(sanitizeText(text)).toBe(text));

  test('lets no control or format character through', () => fc.assert(fc.property(nastyText, (text) => {
    expect(sanitizeText(text)).not.toMatch(INVISIBLE);
  })));

  test('does nothing the second time', () => fc.assert(fc.property(nastyText, (text) => {
    expect(sanitizeText(sanitizeText(text))).toBe(sanitizeText(text));
  })));
});

describe('sanitizeRecord', () => {
  test('reaches every string and key', () => {
    expect(sanitizeRecord({ 'a\x1b': ['\x07', { b: '\u202e', n: 1, t: true, u: undefined }] }))
      .toEqual({ 'a\\x1b': ['\\x07', { b: '\\u202e', n: 1, t: true, u: undefined }] });
  });
  test('does not copy what is safe', () => {
    const safe = { argv: ['ip', 'route'], route: { metric: NaN } };
    const record = sanitizeRecord({ comm: '\x1b', safe });
    expect(record.safe).toBe(safe);
  });
  test('lets nothing through in any data', () => fc.assert(fc.property(fc.jsonValue(), nastyText, (value, text) => {
    expect(JSON.stringify(sanitizeRecord([value, text]))).not.toMatch(INVISIBLE);
  })));
});

describe('safeJson', () => {
  test('is one line without control or format characters, of the same value', () => fc.assert(fc.property(fc.jsonValue(), nastyText, (value, text) => {
    const record = { value: value as unknown, [text]: text };
    const line = safeJson(record);
    expect(line).not.toMatch(INVISIBLE);
    expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(record)));
  })));
  test('keeps printable text as it is', () => expect(safeJson({ comm: '\u9b41 \u00e9' })).toBe('{"comm":"\u9b41 \u00e9"}'));
  test('escapes what JSON.stringify leaves', () => expect(safeJson('\x7f\x9b\u202e\u2028\u{e0041}')).toBe('"\\u007f\\u009b\\u202e\\u2028\\udb40\\udc41"'));
});

test('asciiText leaves nothing but ASCII', () => expect(asciiText('\u00bb \u00e9 \u{1f525}')).toBe('\\xbb \\xe9 \\u{1f525}'));

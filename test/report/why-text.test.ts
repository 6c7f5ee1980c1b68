import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WhyAnswer } from '../../src/model/why.ts';
import { whyJsonSchemaText } from '../../src/report/json-schema.ts';
import { whyLines, whyText } from '../../src/report/why-text.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../source-tree.ts';

const route = { family: 'ipv4', dst: '192.0.2.0/24', type: 'unicast', table: 254, protocol: 2, scope: 'link', metric: 0, netns: { inode: 1 } } as const;
const answerWith = (text: string): WhyAnswer => ({
  kind: 'why', schema: 1, version: '1', query: { target: text, address: '192.0.2.1', family: 'ipv4', uid: 0 }, netns: { inode: 1 }, outcome: 'sent',
  answer: [{ basis: 'read', text }, { basis: 'inferred', text, reasons: [text], confirm: text }], kernel: { agrees: true }, route: { ...route, dev: text },
  rules: [{ rule: { family: 'ipv4', priority: 0, action: 'lookup', table: 255, text, netns: { inode: 1 } }, outcome: 'no-match', text }],
  losers: Array.from({ length: 12 }, () => ({ route: { ...route, dev: text }, because: 'shorter-prefix', text })),
  origins: [
    { id: 'program', standing: 'likely', said: { basis: 'inferred', text, reasons: [], confirm: text }, for: [{ basis: 'read', text }], against: [{ basis: 'observed', text }] },
    { id: 'device', standing: 'unlikely', said: { basis: 'inferred', text, reasons: [], confirm: text }, for: [], against: [{ basis: 'read', text }] },
  ],
  details: [{ basis: 'read', text }], meanings: [{ topic: 'type', key: text, title: text, text: [text, text, text] }], advice: [text, text], caveats: [text], references: [{ id: text, title: text }],
});

describe('whyLines', () => {
  test('prints no control character of whatever text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 20, max: 120 }), (text, width) => {
      expect(whyLines(answerWith(text), width).join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }));
  });

  test('keeps to the width, words that are longer excepted', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1, maxLength: 60 }), fc.integer({ min: 40, max: 120 }), (words, width) => {
      expect(whyLines(answerWith(words.join(' ')), width).filter(line => line.length > width)).toStrictEqual([]);
    }));
  });

  test('has eight of many other routes, and says that there are more', () => {
    const lines = whyLines(answerWith('x'), 80);
    expect(lines.filter(line => line.includes('192.0.2.0/24 dev x table 254 (main): x')).length).toBe(8);
    expect(lines.join('\n')).toContain('and 4 more: --json lists them all');
  });

  test('is coloured only where that was asked for, and allowed', () => {
    const answer = answerWith('x');
    expect(whyText(answer, { width: 80 })).not.toContain('\x1b');
    expect(whyText(answer, { width: 80, color: true, env: { NO_COLOR: '1' } })).not.toContain('\x1b');
    expect(whyText(answer, { width: 80, color: true, env: {} })).toContain('\x1b[32mread\x1b[39m');
  });
});

test('docs/why.schema.json is up to date (npm run docs)', () => {
  expect(readFileSync(join(ROOT, 'docs/why.schema.json'), 'utf8')).toBe(whyJsonSchemaText());
});

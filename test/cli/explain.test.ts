import { describe, expect, test } from 'vitest';
import { entriesOf, TOPICS } from '../../src/encyclopedia/index.ts';
import { OUTPUT_SCHEMA } from '../../src/model/output.ts';
import { explainOutputSchema } from '../../src/report/explain-schema.ts';
import { explainText } from '../../src/report/explain-text.ts';
import { wrapWords } from '../../src/report/wrap.ts';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

describe('explain', () => {
  test('without a topic lists them', async () => {
    const { exitCode, stdout, stderr } = await routecause(['explain']);
    for (const topic of TOPICS) expect(stdout).toMatch(new RegExp(`^  ${topic} +\\S`, 'm'));
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: 0, stderr: '' });
  });

  test('with a topic lists its keys', async () => {
    const { exitCode, stdout } = await routecause(['explain', 'scope']);
    expect(stdout).toMatch(/^ {2}link +The destination is on a link/m);
    expect(exitCode).toBe(0);
  });

  test('with a key tells what it means, and where that is written', async () => {
    const { exitCode, stdout } = await routecause(['explain', 'type', 'anycast']);
    expect(stdout).toMatch(/^type anycast\n\n {2}The destination is an anycast address/);
    expect(stdout).toContain('https://www.rfc-editor.org/rfc/rfc4291#section-2.6.1');
    expect(exitCode).toBe(0);
  });

  test('a key of several words needs no quotes', async () => {
    expect((await routecause(['explain', 'error', 'No', 'route', 'to', 'host'])).stdout).toMatch(/^error EHOSTUNREACH/);
  });

  test('every topic and every key can be asked for in JSON', async () => {
    for (const args of [[], ['table'], ['table', '0'], ['proto', '21']]) {
      const { exitCode, stdout } = await routecause(['explain', ...args, '--json']);
      expect(explainOutputSchema.safeParse(JSON.parse(stdout)).error).toBeUndefined();
      expect(stdout.split('\n')).toHaveLength(1);
      expect(exitCode).toBe(0);
    }
  });

  test.each([
    ['an unknown topic', ['explain', 'weather'], 'there is no topic weather', 'proto, type, table'],
    ['a key that is none', ['explain', 'proto', 'nobody'], 'nothing is known of proto nobody', 'routecause explain proto'],
    ['a number that is none', ['explain', 'proto', '256'], 'nothing is known of proto 256', 'other numbers'],
    ['a key where numbers are no keys', ['explain', 'cause', '7'], 'nothing is known of cause 7', 'routecause explain cause'],
    ['a topic as another language has it', ['explain', 'constructor', 'x'], 'there is no topic constructor', 'proto'],
    ['a key that could move the cursor', ['explain', 'flag', '\u001b[2J'], 'nothing is known of flag \\x1b[2J', 'routecause explain flag'],
  ])('%s: one sentence and a remedy, exit code 2', async (_case, args, told, remedy) => {
    const { exitCode, stdout, stderr } = await routecause(args);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toContain(told);
    expect(stderr.split('\n')[1]).toContain(remedy);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 2, stdout: '' });
  });
});

describe('explainText', () => {
  const env = { LANG: 'C' };
  test('keeps to 80 columns, whatever is asked', () => {
    for (const topic of TOPICS) {
      for (const entry of entriesOf(topic)) {
        const text = explainText({ kind: 'entry', schema: OUTPUT_SCHEMA, ...entry }, env);
        expect(text.split('\n').filter(line => line.length > 80), entry.title).toStrictEqual([]);
      }
    }
  });
  test('lets no control character of a host\'s names through', () => {
    const entry = { kind: 'entry', schema: OUTPUT_SCHEMA, topic: 'proto', key: '21', title: 'protocol 21 (a\u001b[31m)', text: ['A\u009b.'], references: [] } as const;
    expect(explainText(entry, { LANG: 'C.UTF-8' }).replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
  test('is ASCII where the locale is', () => {
    const entry = { kind: 'entry', schema: OUTPUT_SCHEMA, topic: 'table', key: '100', title: 'table 100 (süd)', text: ['S.'], references: [] } as const;
    expect(explainText(entry, env)).toContain('table 100 (s\\xfcd)');
    expect(explainText(entry, { LANG: 'C.UTF-8' })).toContain('table 100 (süd)');
  });
});

describe('wrapWords', () => {
  test.each([
    ['', 10, ['> ']], ['a', 10, ['> a']], ['aaa bbb ccc', 9, ['> aaa bbb', '  ccc']], ['aaa bbbbbbbbbbbb c', 9, ['> aaa', '  bbbbbbbbbbbb', '  c']],
  ])('%j in %d columns', (text, columns, rows) => {
    expect(wrapWords(text, columns, '> ', '  ')).toStrictEqual(rows);
  });
});

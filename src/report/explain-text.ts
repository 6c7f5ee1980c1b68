import { assertNever } from '../model/errors.ts';
import type { EntriesOutput, EntryOutput, ExplainOutput, TopicsOutput } from '../model/explain-output.ts';
import type { Reference } from '../model/output.ts';
import { isUtf8Locale, type Environment } from './environment.ts';
import { asciiText, sanitizeRecord } from './sanitize.ts';
import { wrapWords } from './wrap.ts';

const COLUMNS = 80;
/** Room for a key and the blanks around it. */
const LABEL = 20;

/** The answer of `routecause explain` as lines of at most 80 columns. */
export function explainText(output: ExplainOutput, env: Environment): string {
  const lines = linesOf(sanitizeRecord(output));
  return `${(isUtf8Locale(env) ? lines : lines.map(asciiText)).join('\n')}\n`;
}

function linesOf(output: ExplainOutput): readonly string[] {
  switch (output.kind) {
    case 'entry': return entryLines(output);
    case 'entries': return entriesLines(output);
    case 'topics': return topicsLines(output);
    default: return assertNever(output);
  }
}

const entryLines = ({ title, text, references }: EntryOutput): readonly string[] => [
  ...wrapWords(title, COLUMNS),
  ...text.flatMap(sentence => ['', ...wrapWords(sentence, COLUMNS, '  ')]),
  '', 'References',
  ...references.flatMap(reference => [...wrapWords(referenceWords(reference), COLUMNS, '  ', '    '), ...(reference.url === undefined ? [] : [`    ${reference.url}`])]),
];

const referenceWords = ({ id, title, section }: Reference): string => `${id}${section === undefined ? '' : ` section ${section}`}: ${title}`;

function entriesLines({ topic, about, entries, besides }: EntriesOutput): readonly string[] {
  return [
    ...wrapWords(`routecause explain ${topic} KEY: ${about}`, COLUMNS), '',
    ...entries.flatMap(({ key, title, meaning }) => {
      const name = /^\d+$/.test(key) ? / \((.+)\)$/.exec(title)?.[1] : undefined;
      const label = `  ${key}${name === undefined ? '' : ` ${name}`}`;
      const rest = topic === 'cause' ? meaning.replace(`cause ${key}: `, '') : meaning;
      return label.length < LABEL ? wrapWords(rest, COLUMNS, label.padEnd(LABEL), ' '.repeat(LABEL)) : [label, ...wrapWords(rest, COLUMNS, ' '.repeat(LABEL))];
    }),
    ...(besides === undefined ? [] : ['', ...wrapWords(besides, COLUMNS)]),
  ];
}

const topicsLines = ({ topics }: TopicsOutput): readonly string[] => [
  'routecause explain TOPIC [KEY]: what it means, and where that is written', '',
  ...topics.flatMap(({ topic, about, example }) => [`  ${topic.padEnd(8)}${about}`, `          routecause explain ${topic} ${example}`]),
];

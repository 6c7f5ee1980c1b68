import type { OriginOutput, Statement, WhyAnswer } from '../model/why.ts';
import { allowsColor, isUtf8Locale, type Environment } from './environment.ts';
import { asciiText, sanitizeRecord } from './sanitize.ts';
import { routeText } from './words.ts';

export interface WhyTextOptions { readonly width: number; readonly env?: Environment; readonly color?: boolean }

/** The margin tells what each sentence rests on. */
const MARGIN = 10;
/** So many routes that were not taken, and references; --json has them all. */
const MOST_LOSERS = 8;
const MOST_REFERENCES = 6;
/** Sentences of an entry of the encyclopedia; of the type of the route, which decides what becomes of packets, all. */
const MOST_SENTENCES = 2;

/** The answer as text, ready to print. */
export function whyText(answer: WhyAnswer, { width, env = {}, color = false }: WhyTextOptions): string {
  const paint = allowsColor(env, color) ? colored : (line: string): string => line;
  return whyLines(answer, width).map(line => paint(isUtf8Locale(env) ? line : asciiText(line))).join('\n');
}

/** The answer as lines of at most that many columns, words that are longer excepted: the short answer first. Pure; safe for a terminal. */
export function whyLines(unsafe: WhyAnswer, width: number): readonly string[] {
  const answer = sanitizeRecord(unsafe);
  const block = (margin: string, text: string, indent = 0): readonly string[] => wrap(text, Math.max(20, width - MARGIN - indent))
    .map((line, index) => `${(index === 0 ? margin : '').padEnd(MARGIN)}${' '.repeat(indent)}${line}`);
  const say = (statement: Statement, indent = 0): readonly string[] => block(statement.basis, statement.text, indent);
  const part = (title: string, lines: readonly string[]): readonly string[] => lines.length === 0 ? [] : ['', ...wrap(title, width), ...lines];
  const bare = (texts: readonly string[]): readonly string[] => texts.flatMap(text => block('', text));
  const numbered = answer.advice.length > 1 ? answer.advice.map((text, index) => `${index + 1}. ${text}`) : answer.advice;
  return [
    ...answer.answer.flatMap(statement => say(statement)),
    ...answer.caveats.flatMap(text => block('but', text)),
    ...part('More of it', answer.details.flatMap(statement => say(statement))),
    ...part('Where it may come from, most likely first', answer.origins.flatMap(origin => originLines(origin, { block, say }))),
    ...part('Rules, in the order in which they are asked', answer.rules.flatMap(({ rule, text }) => block('read', `${rule.text}: ${text}`))),
    ...part('Other routes that lead there', losers(answer).flatMap(text => block('read', text))),
    ...part('What the words mean (more: routecause explain)', answer.meanings.flatMap(({ topic, title, text }) =>
      block('', [`${title}:`, ...topic === 'type' ? text : text.slice(0, MOST_SENTENCES)].join(' ')))),
    ...part('What to do', bare(numbered)),
    ...part('See', bare(answer.references.slice(0, MOST_REFERENCES).map(({ id, section, title }) => `${id}${section === undefined ? '' : ` section ${section}`}: ${title}`))),
  ];
}

interface Pen { readonly block: (margin: string, text: string, indent?: number) => readonly string[]; readonly say: (statement: Statement, indent?: number) => readonly string[] }

function originLines({ standing, said, for: speaksFor, against }: OriginOutput, { block, say }: Pen): readonly string[] {
  // What hardly comes into question is told with its reason, and no more.
  if (standing === 'unlikely') return block(said.basis, `${standing}: ${[said.text, ...against.map(({ text }) => text)].join(' ')}`);
  return [
    ...block(said.basis, `${standing === 'observed' ? '' : `${standing}: `}${said.text}`),
    ...speaksFor.flatMap(({ basis, text }) => say({ basis, text: `for: ${text}` } as Statement, 2)),
    ...against.flatMap(({ basis, text }) => say({ basis, text: `against: ${text}` } as Statement, 2)),
    ...(said.basis === 'inferred' ? block('', `to confirm: ${said.confirm}`, 2) : []),
  ];
}

function losers({ losers: all }: WhyAnswer): readonly string[] {
  const told = all.slice(0, MOST_LOSERS).map(({ route, text }) => `${routeText(route)}${route.table === 254 ? ' table 254 (main)' : ''}: ${text}`);
  return all.length > told.length ? [...told, `and ${all.length - told.length} more: --json lists them all`] : told;
}

/** Greedy, at blanks; a word that is longer than the line stays whole. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) { lines.push(line); line = word; } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const COLORS: Readonly<Record<string, number>> = { read: 32, observed: 36, inferred: 33, but: 31 };

function colored(line: string): string {
  const word = line.slice(0, MARGIN).trim();
  const code = COLORS[word];
  if (code !== undefined) return `\x1b[${code}m${word}\x1b[39m${line.slice(word.length)}`;
  return /^\S/.test(line) ? `\x1b[1m${line}\x1b[22m` : line;
}

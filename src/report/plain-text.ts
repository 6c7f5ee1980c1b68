import { assertNever } from '../model/errors.ts';
import type { OutputRecord, ChangeOutput, ImpactOutput } from '../model/output.ts';
import type { Stage } from '../model/ports.ts';
import { allowsColor, isUtf8Locale, type Environment } from './environment.ts';
import { endpointTexts, impactTitle, scopeSentence } from './impact-text.ts';
import { asciiText, sanitizeRecord } from './sanitize.ts';
import { lossSentence, readySentence, sessionSentence, summarySentence } from './sentences.ts';
import { effectOf, isSilent, signText, subjectText } from './happened.ts';
import { actorName, actorStanding, ancestryText, clockText, commandText, netnsText, reasonText, verdictWord } from './words.ts';

export interface PlainOptions {
  /** Where locale, NO_COLOR and TERM are looked up. @default none: ASCII without colour */
  readonly env?: Environment;
  /** Asked for by the user. @default false */
  readonly color?: boolean;
}

/** So many origins are remembered as told; an older one is told again. */
const TOLD_LIMIT = 10_000;
/** Longer command lines are cut here: the whole one is in the JSON output. */
const COMMAND_LIMIT = 400;
/** Endpoints of an impact that have a line of their own. */
const IMPACT_LINES = 5;
const INDENT = ' '.repeat(14);

/** Records to lines, pure. The first change of an origin tells who and what to do; further ones are short, unless there is something else to do about them. */
export function createPlainText(options: PlainOptions = {}): Stage<OutputRecord, string> {
  const env = options.env ?? {};
  const unicode = isUtf8Locale(env);
  const color = allowsColor(env, options.color ?? false);
  const told = new Map<string, Told>();
  let lastOrigin: string | undefined;
  let isAcrossNamespaces = false;

  const tell = (record: ChangeOutput): readonly Line[] => {
    const first = told.get(record.origin);
    const isNext = record.origin === lastOrigin;
    lastOrigin = record.origin;
    if (first !== undefined) return [furtherLine(record, isNext ? '' : `  (with ${first.title})`), ...news(record, first)];
    told.set(record.origin, { title: `${clockText(record.time)} ${record.headline}`, causes: new Set([record.cause.id]), advice: new Set(record.advice) });
    const oldest = told.size > TOLD_LIMIT ? told.keys().next().value : undefined;
    if (oldest !== undefined) told.delete(oldest);
    return [firstLine(record), ...background(record)];
  };
  const firstLine = (record: ChangeOutput): Line => ({
    color: signColor(record), text: `${clockText(record.time)}  ${routeLine(record)}  ${standing(record)}  ${record.headline}`,
  });
  const furtherLine = (record: ChangeOutput, back: string): Line => ({
    color: signColor(record), text: `${clockText(record.time)}    ${routeLine(record)}  ${standing(record)}${back}`,
  });
  /** The same act may do another thing by another cause: a link that goes down hides a default route that goes with it. */
  const news = (record: ChangeOutput, { causes, advice }: Told): readonly Line[] => {
    if (causes.has(record.cause.id)) return [];
    causes.add(record.cause.id);
    const fresh = (record.advice ?? []).filter(text => !advice.has(text));
    for (const text of fresh) advice.add(text);
    return labelled([['what', record.headline], ...fresh.map(text => ['advice', text] as const), ...doubts(record)]);
  };
  const routeLine = (record: ChangeOutput): string =>
    `${signText(record, unicode)} ${subjectText(record, { netns: isAcrossNamespaces })}${isSilent(record) ? '  silent' : ''}`;

  const impactLines = (record: ImpactOutput): readonly Line[] => {
    const first = told.get(record.origin);
    const back = first === undefined || record.origin === lastOrigin ? '' : `  (with ${first.title})`;
    return [
      { color: record.status === 'cleared' ? 32 : RED, text: `${clockText(record.time)}  ${impactTitle(record)}${isAcrossNamespaces ? `  netns ${netnsText(record.netns)}` : ''}${back}` },
      ...endpointTexts(record, IMPACT_LINES).map(text => ({ text: `${INDENT}${text}` })),
    ];
  };

  const lines = (record: OutputRecord): readonly Line[] => {
    switch (record.kind) {
      case 'session':
        isAcrossNamespaces = record.netns === undefined;
        return [{ text: sessionSentence(record) }];
      case 'ready': return [{ text: readySentence(record) }];
      case 'loss': return [{ text: `${clockText(record.time)}  ${lossSentence(record)}`, color: RED }];
      case 'summary': return [{ text: summarySentence(record) }];
      case 'impact': return impactLines(record);
      case 'impact-scope': return [{ text: `${clockText(record.time)}  ${isAcrossNamespaces ? `netns ${netnsText(record.netns)}: ` : ''}${scopeSentence(record)}` }];
      case 'route-change':
      case 'route-present':
      case 'rule-change':
      case 'route-flags':
      case 'exception':
      case 'attempt': return tell(record);
      default: return assertNever(record);
    }
  };
  return {
    push: (record) => lines(sanitizeRecord(record)).map((line) => paint(unicode ? line.text : asciiText(line.text), color ? line.color : undefined)),
    flush: () => [],
  };
}

/** What was said of an origin so far. */
interface Told { readonly title: string; readonly causes: Set<string>; readonly advice: Set<string> }
interface Line { readonly text: string; readonly color?: number | undefined }
const RED = 31;
const paint = (text: string, color: number | undefined): string => (color === undefined ? text : `\x1b[${color}m${text}\x1b[39m`);
const signColor = (record: ChangeOutput): number | undefined =>
  ({ present: undefined, add: 32, append: 32, replace: 33, delete: RED, set: 33, cleared: 32, exception: 33, refused: 33 })[effectOf(record)];

const standing = (record: ChangeOutput): string =>
  record.reason === undefined ? verdictWord(record) : `${verdictWord(record)} (${reasonText(record.reason)})`;

function background(record: ChangeOutput): readonly Line[] {
  const { actor } = record;
  const who = [actorName(actor), actorStanding(actor)].filter((text) => text !== '').join('  ');
  return labelled([
    ['by', actor.kind === 'unknown' && actor.pid === undefined ? '' : who],
    ['ran', actor.argv === undefined ? '' : cutCommand(commandText(actor.argv), actor.argvTruncated ?? false)],
    ['from', ancestryText(actor.ancestry ?? [])],
    ...(record.advice ?? []).map((text) => ['advice', text] as const),
    ...(record.war?.advice ?? []).map((text) => ['war', text] as const),
    ...doubts(record),
  ]);
}

const doubts = (record: ChangeOutput): readonly (readonly [label: string, text: string])[] => [
  ...(record.rivals ?? []).map((rival) => ['or', `${rival.cause.title}: ${rival.tellApart}`] as const),
  ...(record.caveats ?? []).map((text) => ['but', text] as const),
];

const labelled = (lines: readonly (readonly [label: string, text: string])[]): readonly Line[] =>
  lines.filter(([, text]) => text !== '').map(([label, text]) => ({ text: `${INDENT}${label.padEnd(6)} ${text}` }));

function cutCommand(text: string, isTruncated: boolean): string {
  const marker = isTruncated ? ' [truncated by the recorder]' : '';
  return text.length <= COMMAND_LIMIT ? `${text}${marker}` : `${text.slice(0, COMMAND_LIMIT).toWellFormed()}... [${text.length - COMMAND_LIMIT} more characters]${marker}`;
}

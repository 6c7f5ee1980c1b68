import type { ChangeOutput, NetnsOutput } from '../model/output.ts';
import type { WhyAnswer } from '../model/why.ts';
import { asciiText, sanitizeText } from '../report/sanitize.ts';
import { whyLines } from '../report/why-text.ts';
import { verdictWord } from '../report/words.ts';
import { segment, wrapText, type Line, type Tone } from './line.ts';
import { selectedRow, type Row } from './selectors.ts';
import type { ViewState } from './state.ts';

/** What the screen asks of the kernel; whoever answers finds the namespace, and whether the table is that of a VRF. */
export interface WhyRequest {
  readonly target: string; readonly netns: NetnsOutput;
  readonly table?: { readonly id: number; readonly name?: string };
  /** What the session has seen. */
  readonly changes: readonly ChangeOutput[];
}

/** The pane that says why a route is used now. `number`: an answer to an earlier question is not shown. */
export interface WhyView {
  readonly number: number; readonly title: string;
  readonly state:
    | { readonly kind: 'asking'; readonly request: WhyRequest }
    | { readonly kind: 'answered'; readonly answer: WhyAnswer }
    | { readonly kind: 'said'; readonly texts: readonly (readonly [margin: string, text: string])[] };
}

export type WhyResult = { readonly answer: WhyAnswer } | { readonly problem: string; readonly remedy?: string };

/** The question about the selected row, or why there is none; undefined where nothing is selected. */
export function openWhy(state: ViewState): WhyView | undefined {
  const row = selectedRow(state);
  if (row === undefined) return undefined;
  const number = state.whyCount;
  if (row.kind === 'loss') return said(number, 'lost events', [['', 'Lost events have no destination: choose a change of a route.']]);
  const change = changeOf(state, row);
  if (change === undefined) return said(number, 'what depends on routes', [['', 'Of what this hit the change is no longer in the list: choose a change of a route.']]);
  const place = placeOf(change);
  if (place === undefined) return said(number, 'a rule', [['', 'A rule has no destination of its own. In a shell, routecause why ADDRESS tells which rules a packet to that address meets.']]);
  if (state.session?.replayed === true) return said(number, place.target, recordedTexts(state, change, place.target));
  const changes = state.history.entries.flatMap(entry => entry.kind === 'group' ? entry.changes : []);
  return { number, title: place.target, state: { kind: 'asking', request: { ...place, changes } } };
}

/** The change that a row is about: of what was hit, the one that hit it. */
function changeOf({ history }: ViewState, row: Exclude<Row, { kind: 'loss' }>): ChangeOutput | undefined {
  if (row.kind === 'change') return row.change;
  if (row.kind === 'group') return row.lead;
  const ids = new Set(row.entry.impacts.flatMap(({ changes }) => changes));
  return history.entries.flatMap(entry => entry.kind === 'group' ? entry.changes : []).find(({ id }) => ids.has(id));
}

const said = (number: number, title: string, texts: readonly (readonly [string, string])[]): WhyView => ({ number, title, state: { kind: 'said', texts } });

/** The view with its answer, if that is the answer to its question. */
export function answeredWhy(view: WhyView | undefined, number: number, result: WhyResult): WhyView | undefined {
  if (view?.number !== number || view.state.kind !== 'asking') return view;
  if ('answer' in result) return { ...view, state: { kind: 'answered', answer: result.answer } };
  return said(number, view.title, [['but', `${sanitizeText(result.problem)}.`], ...(result.remedy === undefined ? [] : [['remedy', sanitizeText(result.remedy)] as const])]);
}

type Place = Omit<WhyRequest, 'changes'>;

function placeOf(change: ChangeOutput): Place | undefined {
  if (change.kind === 'rule-change') return undefined;
  if (change.kind === 'exception') return { target: targetOf(change.dst, change.dev), netns: change.netns };
  if (change.kind === 'attempt' && change.route === undefined) return undefined;
  const { route } = change;
  if (route === undefined) return undefined;
  const { dst, dev, netns, table, tableName } = route;
  return { target: targetOf(dst, dev), netns, table: { id: table, ...(tableName === undefined ? {} : { name: tableName }) } };
}

/** An address where the prefix is one; of a link-local one, the device is part of it. */
function targetOf(dst: string, dev: string | undefined): string {
  const address = /^(.*)\/(?:32|128)$/.exec(dst)?.[1];
  if (address === undefined || (address.includes(':') && dst.endsWith('/32'))) return dst;
  return /^fe[89ab]/i.test(address) && dev !== undefined ? `${address}%${dev}` : address;
}

/** A recording may be of another host or of long ago: only what it saw is told. */
function recordedTexts({ session, recordingFile }: ViewState, change: ChangeOutput, target: string): readonly (readonly [string, string])[] {
  const file = recordingFile ?? 'FILE';
  return [
    ['but', `This is a recording${session === undefined ? '' : ` of ${session.host.hostname}`}: its kernel cannot be asked, so that nothing is said of rules, of other routes, or of what holds now.`],
    ['observed', `${change.time}: ${change.headline} (${verdictWord(change)}).`],
    ...change.evidence.map(({ text }) => ['observed', text] as const),
    ...(change.caveats ?? []).map(text => ['but', text] as const),
    ['', `On that host, since the same boot: routecause why ${target} --recording ${file}`],
  ];
}

const MARGIN = 10;
const TONES: Readonly<Record<string, Tone>> = { read: 'proved', observed: 'add', inferred: 'likely', but: 'alarm', remedy: 'strong' };

/** What the pane shows below its title. */
export function whyPaneLines({ theme, why }: ViewState, columns: number): readonly Line[] {
  const width = Math.max(MARGIN + 20, columns - 2);
  const lines = textLines(why, width);
  return (theme.unicode ? lines : lines.map(asciiText)).map(line);
}

function textLines(view: WhyView | undefined, width: number): readonly string[] {
  switch (view?.state.kind) {
    case undefined: return [];
    case 'asking': return ['the kernel is being asked'];
    case 'answered': return whyLines(view.state.answer, width);
    case 'said': return view.state.texts.flatMap(([margin, text]) => wrapText(text, width - MARGIN).map((row, index) => (index === 0 ? margin : '').padEnd(MARGIN) + row));
  }
}

function line(text: string): Line {
  const word = text.slice(0, MARGIN).trim();
  const tone = TONES[word];
  if (tone !== undefined) return [segment(' '), segment(word, tone), segment(text.slice(word.length))];
  return [segment(` ${text}`, /^\S/.test(text) ? 'strong' : undefined)];
}

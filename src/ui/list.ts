import type { ChangeOutput, NetnsOutput } from '../model/output.ts';
import { lossTitle } from '../report/sentences.ts';
import { effectOf, type Effect, isSilent, netnsOf, signText, subjectText } from '../report/happened.ts';
import { clockText, netnsText, verdictWord } from '../report/words.ts';
import { impactMark } from './impact.ts';
import { lineWidth, segment, type Line, type Segment, type Tone } from './line.ts';
import { rowsFrom, type Row } from './selectors.ts';
import type { ViewState } from './state.ts';
import type { Layout } from './layout.ts';

export interface ListLine { readonly line: Line; readonly isSelected: boolean }

const WIDE = 72;
const VERDICT_COLUMNS = 8;

/** The rows of the list that are on the screen. */
export function listLines(state: ViewState, layout: Layout): readonly ListLine[] {
  const rows = rowsFrom(state, state.listTop, layout.list.rows);
  const counts = new Map<Row, Line>(rows.flatMap((row) => (row.kind === 'group' ? [[row, countsOf(row.changes, state.theme.unicode)]] : [])));
  const countColumns = Math.max(layout.list.columns >= WIDE ? 8 : 6, ...[...counts.values()].map(lineWidth));
  return rows.map((row) => {
    const isSelected = state.selected?.entry === row.entry.key && state.selected.change === (row.kind === 'change' ? row.change.id : undefined);
    const line = [segment(isSelected ? '>' : ' '), ...rowLine(state, row, layout.list.columns, { counts: counts.get(row) ?? [], countColumns })];
    return { line, isSelected };
  });
}

/** `countColumns`: the counts of all rows on the screen end in one column. */
function rowLine(state: ViewState, row: Row, columns: number, { counts, countColumns }: { readonly counts: Line; readonly countColumns: number }): Line {
  const fraction = columns >= WIDE ? 3 : 0;
  switch (row.kind) {
    case 'loss': return [segment(`  ${clockText(row.entry.loss.time, fraction)} `), segment(lossTitle(row.entry.loss), 'alarm')];
    case 'impact': {
      const [first] = row.entry.impacts;
      return first === undefined ? [] : [segment(`  ${clockText(first.time, fraction)} `), ...impactMark(row.entry.impacts), ...whereOf(state, first.netns), segment(first.headline)];
    }
    case 'group': {
      const { lead } = row;
      const marker = row.isOpen ? state.theme.glyphs.open : state.theme.glyphs.closed;
      return [
        segment(`${marker} ${clockText(row.entry.time, fraction)} `), ...counts, segment(' '.repeat(countColumns - lineWidth(counts))),
        segment(` ${verdictOf(row.changes).padEnd(VERDICT_COLUMNS)}`, toneOf(lead)), ...impactMark(row.entry.impacts),
        ...whereOf(state, netnsOf(lead)), segment(lead.headline),
      ];
    }
    case 'change': {
      const { change } = row;
      const branch = row.isLast ? state.theme.glyphs.lastBranch : state.theme.glyphs.branch;
      const isOther = verdictWord(change) !== verdictWord(row.entry.lead);
      return [
        segment(`  ${branch}`, 'faint'), segment(`${signText(change, state.theme.unicode)} `, signTone(change)),
        segment(subjectText(change, { netns: state.session?.netns === undefined })),
        segment(isSilent(change) ? '  silent' : '', 'faint'), segment(isOther ? `  ${verdictWord(change)}` : '', toneOf(change)),
      ];
    }
  }
}

/** Across namespaces a headline alone does not say where. */
const whereOf = (state: ViewState, netns: NetnsOutput): Line => state.session?.netns === undefined ? [segment(`${netnsText(netns)}: `)] : [];

/** One verdict for a group where its changes agree. */
function verdictOf(changes: readonly ChangeOutput[]): string {
  const words = new Set(changes.map(verdictWord));
  return words.size > 1 ? 'mixed' : [...words][0] ?? '';
}

/** `+3 -1!`: how many of which sign, in the order of first appearance. */
function countsOf(changes: readonly ChangeOutput[], unicode: boolean): Line {
  const signs = new Map<string, { count: number; tone: Tone | undefined; mark: string }>();
  for (const change of changes) {
    const sign = signText(change, unicode);
    const seen = signs.get(sign);
    if (seen === undefined) signs.set(sign, { count: 1, tone: signTone(change), mark: isSilent(change) ? '!' : '' });
    else seen.count += 1;
  }
  return [...signs].map(([sign, { count, tone, mark }]): Segment => segment(`${sign.slice(0, 1)}${count}${mark} `, tone));
}

const TONES: Readonly<Record<Effect, Tone | undefined>> = {
  present: undefined, add: 'add', append: 'add', replace: 'replace', delete: 'delete', set: 'replace', cleared: 'add', exception: 'replace', refused: 'likely',
};

/** Colour of a sign. */
export function signTone(change: ChangeOutput): Tone | undefined {
  const effect = effectOf(change);
  return TONES[effect];
}

/** Colour of a verdict. */
export function toneOf(change: ChangeOutput): Tone | undefined {
  if (change.verdict === 'predates-session') return 'faint';
  return change.verdict === 'unknown' ? 'unknown' : change.confidence;
}

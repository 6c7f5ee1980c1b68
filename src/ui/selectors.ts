import type { ChangeOutput } from '../model/output.ts';
import { effectOf, isSilent, subjectFields, subjectText } from '../report/happened.ts';
import { impactTitle } from '../report/impact-text.ts';
import { verdictWord } from '../report/words.ts';
import { leadOf } from './lead.ts';
import type { Entry, GroupEntry, History, ImpactEntry, LossEntry } from './history.ts';
import type { Selection, ViewState } from './state.ts';

/** One row of the list. */
export type Row =
  /** `lead`: of the changes that pass the filter, the one that speaks for them. */
  | { readonly kind: 'group'; readonly entry: GroupEntry; readonly changes: readonly ChangeOutput[]; readonly lead: ChangeOutput; readonly isOpen: boolean }
  | { readonly kind: 'change'; readonly entry: GroupEntry; readonly change: ChangeOutput; readonly isLast: boolean }
  | { readonly kind: 'impact'; readonly entry: ImpactEntry }
  | { readonly kind: 'loss'; readonly entry: LossEntry };

/** At most `count` rows from `top` on: the list is never laid out as a whole. */
export function rowsFrom(state: ViewState, top: number, count: number): readonly Row[] {
  const rows: Row[] = [];
  let skipped = 0;
  for (const shown of shownEntries(state)) {
    const span = spanOf(state, shown);
    if (skipped + span <= top) { skipped += span; continue; }
    for (let index = Math.max(0, top - skipped); index < span && rows.length < count; index += 1) {
      const row = rowOf(shown, index, span);
      if (row !== undefined) rows.push(row);
    }
    if (rows.length >= count) break;
    skipped += span;
  }
  return rows;
}

export const countRows = (state: ViewState): number => shownEntries(state).reduce((sum, shown) => sum + spanOf(state, shown), 0);

/** -1 where nothing of that name is shown; the group's row where only the change has gone. */
export function rowIndexOf(state: ViewState, selection: Selection | undefined): number {
  if (selection === undefined) return -1;
  let index = 0;
  for (const shown of shownEntries(state)) {
    if (shown.entry.key !== selection.entry) { index += spanOf(state, shown); continue; }
    const child = selection.change === undefined || !state.expanded.has(selection.entry)
      ? -1 : shown.changes.findIndex((change) => change.id === selection.change);
    return index + child + 1;
  }
  return -1;
}

export function selectionOf(row: Row | undefined): Selection | undefined {
  if (row === undefined) return undefined;
  return row.kind === 'change' ? { entry: row.entry.key, change: row.change.id } : { entry: row.entry.key };
}

export const selectedRow = (state: ViewState): Row | undefined => {
  const index = rowIndexOf(state, state.selected);
  return index < 0 ? undefined : rowsFrom(state, index, 1)[0];
};

/** An entry that passes the filter, with those of its changes that do. */
export interface Shown { readonly entry: Entry; readonly changes: readonly ChangeOutput[] }

/** Entries that pass the filter. The answer is kept per history: each frame asks several times. */
function shownEntries(state: ViewState): readonly Shown[] {
  const cached = shownCache.get(state.history);
  if (cached?.filter === state.filter.text) return cached.shown;
  const words = state.filter.text.toLowerCase().split(' ').filter((word) => word !== '');
  const shown = state.history.entries.flatMap((entry) => filterEntry(entry, words));
  shownCache.set(state.history, { filter: state.filter.text, shown });
  return shown;
}

const shownCache = new WeakMap<History, { readonly filter: string; readonly shown: readonly Shown[] }>();
const haystacks = new WeakMap<ChangeOutput, string>();

function filterEntry(entry: Entry, words: readonly string[]): readonly Shown[] {
  // A loss touches everything around it, so no filter hides it.
  if (entry.kind === 'loss') return [{ entry, changes: [] }];
  const impacts = words.length === 0 ? '' : entry.impacts.map(impactTitle).join(' ').toLowerCase();
  if (entry.kind === 'impact') return words.every((word) => impacts.includes(word)) ? [{ entry, changes: [] }] : [];
  if (words.length === 0) return [{ entry, changes: entry.changes }];
  const changes = entry.changes.filter((change) => words.every((word) => haystack(change).includes(word) || impacts.includes(word)));
  return changes.length === 0 ? [] : [{ entry, changes }];
}

function haystack(change: ChangeOutput): string {
  const known = haystacks.get(change);
  if (known !== undefined) return known;
  const { actor } = change;
  const text = [
    change.headline, change.cause.id, change.cause.title, verdictWord(change), change.kind, effectOf(change), isSilent(change) ? 'silent' : '', change.trigger.kind,
    subjectText(change, { netns: true }), subjectFields(change), actor.comm, actor.address, actor.unit, ...(actor.argv ?? []),
  ].join(' ').toLowerCase();
  haystacks.set(change, text);
  return text;
}

const spanOf = (state: ViewState, shown: Shown): number => 1 + (state.expanded.has(shown.entry.key) ? shown.changes.length : 0);

function rowOf(shown: Shown, index: number, span: number): Row | undefined {
  const { entry, changes } = shown;
  if (entry.kind === 'loss') return { kind: 'loss', entry };
  if (entry.kind === 'impact') return { kind: 'impact', entry };
  if (index === 0) return { kind: 'group', entry, changes, lead: changes === entry.changes ? entry.lead : leadOf(changes) ?? entry.lead, isOpen: span > 1 };
  const change = changes[index - 1];
  return change === undefined ? undefined : { kind: 'change', entry, change, isLast: index === span - 1 };
}

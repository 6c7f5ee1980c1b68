import { assertNever } from '../model/errors.ts';
import type { LossOutput, OutputRecord, ChangeOutput, ImpactOutput } from '../model/output.ts';
import { sanitizeRecord, sanitizeText } from '../report/sanitize.ts';
import { isChange } from '../report/happened.ts';
import { countRecord } from './counts.ts';
import { addToHistory, HISTORY_LIMIT } from './history.ts';
import { layoutOf, scrollLimit } from './layout.ts';
import { countRows, rowIndexOf, rowsFrom, selectionOf } from './selectors.ts';
import type { Action, ViewState } from './state.ts';
import { answeredWhy, openWhy } from './why.ts';

/** The next state; pure. */
export function reduce(state: ViewState, action: Action): ViewState {
  const next = settle(state, apply(state, action));
  const isElsewhere = next.selected?.entry !== state.selected?.entry || next.selected?.change !== state.selected?.change;
  if (isElsewhere && !isCovered(next)) return { ...next, scroll: 0 };
  // A wider window or a folded stack leaves fewer lines to scroll through.
  return next.scroll === 0 ? next : { ...next, scroll: Math.min(next.scroll, scrollLimit(next)) };
}

function apply(state: ViewState, action: Action): ViewState {
  const isReading = isCovered(state) || state.focus === 'detail';
  switch (action.kind) {
    // The choke point: no text of a record gets into the state, and so onto the screen, without passing here.
    case 'records': return addRecords(state, action.records.map(sanitizeRecord));
    case 'resize': return { ...state, size: action.size };
    case 'move': return isReading ? scrollBy(state, action.by) : moveBy(state, action.by);
    case 'page': return isReading ? scrollBy(state, action.by * pageRows(state)) : moveBy(state, action.by * Math.max(1, layoutOf(state).list.rows - 1));
    case 'jump': return isReading ? scrollTo(state, action.to === 'first' ? 0 : Infinity) : jumpTo(state, action.to);
    case 'scroll': return scrollBy(state, action.by);
    case 'toggle': return isOpen(state) ? collapse(state) : expand(state);
    case 'expand': return expand(state);
    case 'collapse': return collapse(state);
    case 'focus': return { ...state, focus: state.focus === 'list' ? 'detail' : 'list', isFollowing: state.isFollowing && state.focus === 'detail' };
    case 'pause': return state.isPaused ? addRecords({ ...state, isPaused: false, held: [] }, state.held, false) : { ...state, isPaused: true };
    case 'stack': return { ...state, hasStack: !state.hasStack };
    case 'help': return { ...state, isHelpOpen: !state.isHelpOpen, scroll: 0 };
    case 'why': return { ...state, isHelpOpen: false, scroll: 0, whyCount: state.whyCount + 1, why: state.why === undefined || state.isHelpOpen ? openWhy(state) : undefined };
    case 'why-told': return { ...state, why: answeredWhy(state.why, action.number, action.result) };
    case 'filter': return { ...state, isHelpOpen: false, why: undefined, filter: { ...state.filter, isEditing: true } };
    case 'type': return { ...state, filter: { ...state.filter, text: state.filter.text + sanitizeText(action.text) } };
    case 'erase': return { ...state, filter: { ...state.filter, text: [...state.filter.text].slice(0, -1).join('') } };
    case 'accept': return { ...state, filter: { ...state.filter, isEditing: false } };
    case 'cancel': return cancel(state);
    case 'quit': return { ...state, isStopping: true };
    default: return assertNever(action);
  }
}

/** Namespaces whose scope of impact is kept. */
const SCOPES = 20;

function addRecords(state: ViewState, records: readonly OutputRecord[], isNew = true): ViewState {
  let { session, ready, summary, scopes, counts } = state;
  for (const record of records) {
    if (isNew) counts = countRecord(counts, record);
    if (record.kind === 'session') session = record;
    else if (record.kind === 'ready') ready = record;
    else if (record.kind === 'summary') summary = record;
    else if (record.kind === 'impact-scope') scopes = [...scopes.filter(({ netns }) => netns.inode !== record.netns.inode), record].slice(-SCOPES);
  }
  const told = { ...state, session, ready, summary, scopes, counts };
  if (state.isPaused) return { ...told, held: [...state.held, ...records.filter(isListed)].slice(-HISTORY_LIMIT) };
  return { ...told, history: addToHistory(state.history, records.filter(isListed)) };
}

const isListed = (record: OutputRecord): record is ChangeOutput | ImpactOutput | LossOutput =>
  record.kind === 'loss' || record.kind === 'impact' || isChange(record);

function moveBy(state: ViewState, by: number): ViewState {
  const last = countRows(state) - 1;
  const index = Math.max(0, Math.min(last, rowIndexOf(state, state.selected) + by));
  return { ...state, selected: selectionOf(rowsFrom(state, index, 1)[0]), isFollowing: index === last && by > 0 };
}

const jumpTo = (state: ViewState, to: 'first' | 'last'): ViewState =>
  to === 'last' ? { ...state, isFollowing: true } : { ...state, isFollowing: false, selected: selectionOf(rowsFrom(state, 0, 1)[0]) };

/** Whoever reads wants the text to stay: new changes no longer move the selection. */
const scrollTo = (state: ViewState, line: number): ViewState =>
  ({ ...state, isFollowing: isCovered(state) ? state.isFollowing : false, scroll: Math.max(0, Math.min(line, scrollLimit(state))) });
const scrollBy = (state: ViewState, by: number): ViewState => scrollTo(state, state.scroll + by);
const pageRows = (state: ViewState): number => Math.max(1, (isCovered(state) ? layoutOf(state).body.rows : layoutOf(state).detail.rows) - 2);

/** Help or `why` stands where list and detail were. */
const isCovered = ({ isHelpOpen, why }: ViewState): boolean => isHelpOpen || why !== undefined;

const isOpen = (state: ViewState): boolean => state.selected !== undefined && state.expanded.has(state.selected.entry);

function expand(state: ViewState): ViewState {
  if (state.selected === undefined) return state;
  return { ...state, isFollowing: false, expanded: new Set(state.expanded).add(state.selected.entry) };
}

function collapse(state: ViewState): ViewState {
  if (state.selected === undefined) return state;
  const expanded = new Set(state.expanded);
  expanded.delete(state.selected.entry);
  return { ...state, isFollowing: false, expanded, selected: { entry: state.selected.entry } };
}

/** Leaves what was entered last. */
function cancel(state: ViewState): ViewState {
  if (state.isHelpOpen) return { ...state, isHelpOpen: false, scroll: 0 };
  if (state.why !== undefined) return { ...state, why: undefined, scroll: 0 };
  if (state.filter.isEditing || state.filter.text !== '') return { ...state, filter: { text: '', isEditing: false } };
  return { ...state, focus: 'list' };
}

/** After any change: something that exists is selected and in view, and rows on the screen stay where they were. */
function settle(before: ViewState, state: ViewState): ViewState {
  const total = countRows(state);
  if (total === 0) return { ...state, selected: undefined, listTop: 0 };
  const height = layoutOf(state).list.rows;
  const found = state.isFollowing ? total - 1 : rowIndexOf(state, state.selected);
  const index = found >= 0 ? found : Math.min(state.listTop, total - 1);
  const isSame = !state.isFollowing && before.selected !== undefined && before.selected === state.selected;
  const top = isSame ? index - (rowIndexOf(before, before.selected) - before.listTop) : state.listTop;
  const inView = Math.min(index, Math.max(top, index - height + 1));
  return { ...state, selected: selectionOf(rowsFrom(state, index, 1)[0]), listTop: Math.max(0, Math.min(inView, total - height)) };
}

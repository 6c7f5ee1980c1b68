import type { ImpactScopeOutput, OutputRecord, ReadyOutput, SessionOutput, SummaryOutput } from '../model/output.ts';
import { sanitizeRecord } from '../report/sanitize.ts';
import { NO_COUNTS, type Counts } from './counts.ts';
import { EMPTY_HISTORY, type History } from './history.ts';
import type { Theme } from './theme.ts';
import type { WhyResult, WhyView } from './why.ts';

export interface Size { readonly columns: number; readonly rows: number }
/** A row of the list by name, so that it stays selected when rows come and go around it. */
export interface Selection { readonly entry: string; readonly change?: string }

/** Everything that the screen is drawn from. All text in it passed `sanitizeRecord`. */
export interface ViewState {
  readonly theme: Theme;
  readonly size: Size;
  readonly notice: string | undefined;
  readonly recordingFile: string | undefined;
  readonly session: SessionOutput | undefined;
  readonly ready: ReadyOutput | undefined;
  readonly summary: SummaryOutput | undefined;
  /** What impact covers, by namespace. */
  readonly scopes: readonly ImpactScopeOutput[];
  readonly counts: Counts;
  readonly history: History;
  /** Arrived while paused, not yet in `history`. */
  readonly held: readonly OutputRecord[];
  readonly isPaused: boolean;
  /** The newest row stays selected until the reader moves away from it. */
  readonly isFollowing: boolean;
  readonly selected: Selection | undefined;
  readonly expanded: ReadonlySet<string>;
  /** First row of the list on the screen. */
  readonly listTop: number;
  readonly focus: 'list' | 'detail';
  /** First line of the detail pane, of the help or of `why`, on the screen. */
  readonly scroll: number;
  readonly hasStack: boolean;
  readonly isHelpOpen: boolean;
  /** Open: why a route is used, in the place of list and detail. */
  readonly why: WhyView | undefined;
  /** Questions asked so far. */
  readonly whyCount: number;
  readonly filter: { readonly text: string; readonly isEditing: boolean };
  readonly isStopping: boolean;
}

/** Where the keys `move`, `page` and `jump` act depends on what has the focus. */
export type Action =
  | { readonly kind: 'records'; readonly records: readonly OutputRecord[] }
  | { readonly kind: 'resize'; readonly size: Size }
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'page'; readonly by: number }
  | { readonly kind: 'jump'; readonly to: 'first' | 'last' }
  | { readonly kind: 'scroll'; readonly by: number }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'expand' }
  | { readonly kind: 'collapse' }
  | { readonly kind: 'focus' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'stack' }
  | { readonly kind: 'help' }
  | { readonly kind: 'why' }
  | { readonly kind: 'why-told'; readonly number: number; readonly result: WhyResult }
  | { readonly kind: 'filter' }
  | { readonly kind: 'type'; readonly text: string }
  | { readonly kind: 'erase' }
  | { readonly kind: 'accept' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'quit' };

export interface ViewOptions { readonly theme: Theme; readonly size: Size; readonly notice?: string | undefined; readonly recordingFile?: string | undefined }

export const initialState = (options: ViewOptions): ViewState => ({
  theme: options.theme, size: options.size, notice: sanitizeRecord(options.notice), recordingFile: sanitizeRecord(options.recordingFile),
  session: undefined, ready: undefined, summary: undefined, scopes: [],
  counts: NO_COUNTS, history: EMPTY_HISTORY, held: [], isPaused: false, isFollowing: options.recordingFile === undefined,
  selected: undefined, expanded: new Set(), listTop: 0, focus: 'list', scroll: 0,
  hasStack: false, isHelpOpen: false, why: undefined, whyCount: 0, filter: { text: '', isEditing: false }, isStopping: false,
});

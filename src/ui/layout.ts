import { bannerLines } from './banner.ts';
import { detailLines } from './detail.ts';
import { helpLines } from './help.ts';
import { selectedRow } from './selectors.ts';
import type { Size, ViewState } from './state.ts';
import { whyPaneLines } from './why.ts';

/** Where the parts of the screen are. A part with no rows is not drawn. */
export interface Layout {
  readonly banner: number; readonly isSplit: boolean; readonly body: Size; readonly list: Size;
  /** Its title row included. */
  readonly detail: Size;
}

const HEADER_ROWS = 2;
const FOOTER_ROWS = 1;
/** From here on list and detail stand side by side. */
const SPLIT_COLUMNS = 120;
/** Below this, a detail pane would show nothing useful and hide the list. */
const DETAIL_MINIMUM = 6;

export function layoutOf(state: ViewState): Layout {
  const { columns, rows } = state.size;
  const banner = bannerLines(state).length;
  const body = Math.max(1, rows - HEADER_ROWS - FOOTER_ROWS - banner);
  const common = { banner, body: { columns, rows: body } };
  if (columns >= SPLIT_COLUMNS) {
    const list = Math.floor(columns * 0.45);
    return { ...common, isSplit: true, list: { columns: list, rows: body }, detail: { columns: columns - list - 1, rows: body } };
  }
  const list = Math.max(3, Math.floor(body * 0.33));
  const detail = body - list;
  if (detail < DETAIL_MINIMUM) return { ...common, isSplit: false, list: { columns, rows: body }, detail: { columns, rows: 0 } };
  return { ...common, isSplit: false, list: { columns, rows: list }, detail: { columns, rows: detail } };
}

/** The last line that scrolling may bring to the top. */
export function scrollLimit(state: ViewState): number {
  const { body, detail } = layoutOf(state);
  if (state.isHelpOpen) return Math.max(0, helpLines(state).length - body.rows);
  if (state.why !== undefined) return Math.max(0, whyPaneLines(state, body.columns).length - Math.max(1, body.rows - 1));
  return Math.max(0, detailLines(state, selectedRow(state), detail.columns).length - Math.max(1, detail.rows - 1));
}

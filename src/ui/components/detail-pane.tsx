import type { ReactNode } from 'react';
import { detailLines } from '../detail.ts';
import type { Layout } from '../layout.ts';
import { segment, widthOf, type Line, type Tone } from '../line.ts';
import { selectedRow, type Row } from '../selectors.ts';
import type { ViewState } from '../state.ts';
import { Pane } from './pane.tsx';

/** The explanation of the selected row, under a rule that says how much of it is in view. */
export function DetailPane({ state, layout }: { readonly state: ViewState; readonly layout: Layout }): ReactNode {
  const lines = detailLines(state, selectedRow(state), layout.detail.columns);
  const rows = layout.detail.rows - 1;
  const shown = lines.slice(state.scroll, state.scroll + rows);
  const title = titleLine(state, layout, { from: state.scroll + 1, to: state.scroll + shown.length, of: lines.length });
  return <Pane lines={[title, ...shown].map((line) => ({ line }))} size={layout.detail} theme={state.theme} />;
}

/** One change stands for its group: how many there are must not go unseen. */
function ofHow(row: Row | undefined): string {
  if (row?.kind !== 'group' || row.changes.length < 2) return '';
  return `: main of ${row.changes.length} changes${row.isOpen ? '' : ', enter lists them'}`;
}

function titleLine(state: ViewState, layout: Layout, view: View): Line {
  const name = ` ${state.focus === 'detail' ? 'DETAIL' : 'detail'}${ofHow(selectedRow(state))} `;
  return paneTitle(state, layout.detail.columns, { ...view, name, tone: state.focus === 'detail' ? 'strong' : undefined });
}

export interface View { readonly from: number; readonly to: number; readonly of: number }

/** A rule with a name, and how much of the text below it is in view. */
export function paneTitle(state: ViewState, columns: number, { name, tone, ...view }: View & { readonly name: string; readonly tone: Tone | undefined }): Line {
  const { rule } = state.theme.glyphs;
  const hasMore = view.to < view.of;
  const range = view.from > 1 || hasMore ? ` ${view.from}-${view.to} of ${view.of}` : '';
  const hint = hasMore ? ', J for more' : '';
  const room = columns - 4 - widthOf(name);
  // Cut in the middle of a word it would only be in the way.
  const position = [`${range}${hint} `, `${range} `].find((text) => range !== '' && text.length <= room) ?? '';
  const filling = Math.max(0, room - position.length);
  return [
    segment(rule.repeat(2), 'faint'), segment(name, tone),
    segment(rule.repeat(filling), 'faint'), segment(position), segment(rule.repeat(2), 'faint'),
  ];
}

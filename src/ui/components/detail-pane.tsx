import type { ReactNode } from 'react';
import { detailLines } from '../detail.ts';
import type { Layout } from '../layout.ts';
import { segment, type Line } from '../line.ts';
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
  return `: the first of ${row.changes.length} changes${row.isOpen ? '' : ', enter lists them'}`;
}

function titleLine(state: ViewState, layout: Layout, view: { readonly from: number; readonly to: number; readonly of: number }): Line {
  const { rule } = state.theme.glyphs;
  const hasMore = view.to < view.of;
  const position = view.from > 1 || hasMore ? ` ${view.from}-${view.to} of ${view.of}${hasMore ? ', J for more' : ''} ` : '';
  const name = ` ${state.focus === 'detail' ? 'DETAIL' : 'detail'}${ofHow(selectedRow(state))} `;
  const filling = Math.max(0, layout.detail.columns - 4 - name.length - position.length);
  return [
    segment(rule.repeat(2), 'faint'), segment(name, state.focus === 'detail' ? 'strong' : undefined),
    segment(rule.repeat(filling), 'faint'), segment(position), segment(rule.repeat(2), 'faint'),
  ];
}

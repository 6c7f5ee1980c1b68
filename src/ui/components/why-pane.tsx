import type { ReactNode } from 'react';
import type { Layout } from '../layout.ts';
import type { ViewState } from '../state.ts';
import { whyPaneLines } from '../why.ts';
import { paneTitle } from './detail-pane.tsx';
import { Pane } from './pane.tsx';

/** Why packets to one destination go where they go, in the place of list and detail. */
export function WhyPane({ state, layout }: { readonly state: ViewState; readonly layout: Layout }): ReactNode {
  const { body } = layout;
  const lines = whyPaneLines(state, body.columns);
  const shown = lines.slice(state.scroll, state.scroll + body.rows - 1);
  const title = paneTitle(state, body.columns, { name: ` why ${state.why?.title ?? ''} `, tone: 'strong', from: state.scroll + 1, to: state.scroll + shown.length, of: lines.length });
  return <Pane lines={[title, ...shown].map((line) => ({ line }))} size={body} theme={state.theme} />;
}

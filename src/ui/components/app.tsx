import { Box, useInput } from 'ink';
import type { ReactNode } from 'react';
import { bannerLines } from '../banner.ts';
import { headerLines } from '../header.ts';
import { footerLine, helpLines } from '../help.ts';
import { keyNames, type KeyName } from '../keys.ts';
import { layoutOf, type Layout } from '../layout.ts';
import { segment } from '../line.ts';
import { listLines } from '../list.ts';
import type { ViewState } from '../state.ts';
import { DetailPane } from './detail-pane.tsx';
import { Pane } from './pane.tsx';
import { WhyPane } from './why-pane.tsx';
import { Row } from './row.tsx';

export interface AppProps { readonly state: ViewState; readonly onKey: (name: KeyName) => void; readonly hasInput?: boolean }

/** The whole screen as a function of the state. */
export function App({ state, onKey, hasInput = true }: AppProps): ReactNode {
  useInput((input, key) => { for (const name of keyNames(input, key)) onKey(name); }, { isActive: hasInput });
  const layout = layoutOf(state);
  const { columns, rows } = state.size;
  const top = [...headerLines(state), ...bannerLines(state)];
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      {top.map((line, index) => <Row key={index} line={line} columns={columns} theme={state.theme} />)}
      {state.isHelpOpen ? <Help state={state} layout={layout} /> : state.why !== undefined ? <WhyPane state={state} layout={layout} /> : <Body state={state} layout={layout} />}
      <Row line={footerLine(state)} columns={columns} theme={state.theme} />
    </Box>
  );
}

function Help({ state, layout }: { readonly state: ViewState; readonly layout: Layout }): ReactNode {
  const lines = helpLines(state).slice(state.scroll, state.scroll + layout.body.rows);
  return <Pane lines={lines.map((line) => ({ line }))} size={layout.body} theme={state.theme} />;
}

function Body({ state, layout }: { readonly state: ViewState; readonly layout: Layout }): ReactNode {
  const { theme } = state;
  const wall = Array.from({ length: layout.body.rows }, () => ({ line: [segment(theme.glyphs.wall, 'faint')] }));
  return (
    <Box flexDirection={layout.isSplit ? 'row' : 'column'} height={layout.body.rows} flexShrink={0}>
      <Pane lines={listLines(state, layout)} size={layout.list} theme={theme} />
      {layout.isSplit && <Pane lines={wall} size={{ columns: 1, rows: layout.body.rows }} theme={theme} />}
      {layout.detail.rows > 0 && <DetailPane state={state} layout={layout} />}
    </Box>
  );
}

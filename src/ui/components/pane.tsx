import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Line } from '../line.ts';
import type { Size } from '../state.ts';
import type { Theme } from '../theme.ts';
import { Row } from './row.tsx';

export interface PaneLine { readonly line: Line; readonly isSelected?: boolean }

/** A rectangle of rows, filled up with blank ones so that nothing below it moves. */
export function Pane({ lines, size, theme }: { readonly lines: readonly PaneLine[]; readonly size: Size; readonly theme: Theme }): ReactNode {
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} flexShrink={0} overflow="hidden">
      {Array.from({ length: size.rows }, (_, index) => {
        const { line = [], isSelected = false } = lines[index] ?? {};
        return <Row key={index} line={line} columns={size.columns} theme={theme} isReversed={isSelected} />;
      })}
    </Box>
  );
}

import { Text } from 'ink';
import type { ReactNode } from 'react';
import { fitLine, type Line } from '../line.ts';
import { paintLine, type Theme } from '../theme.ts';

/** One row of the screen: exactly as wide as it is told, in a single text node because nested ones cost layout time. */
export function Row({ line, columns, theme, isReversed = false }: { readonly line: Line; readonly columns: number; readonly theme: Theme; readonly isReversed?: boolean }): ReactNode {
  return <Text wrap="truncate">{paintLine(fitLine(line, columns, theme.glyphs.ellipsis), theme, { isReversed })}</Text>;
}

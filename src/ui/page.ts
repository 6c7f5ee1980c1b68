import { segment, wrapText, type Line, type Tone } from './line.ts';

/** Columns of the labels at the left, and of the blank before them. */
const GUTTER = 11;

/** Labelled text of the detail pane, wrapped to its width. */
export interface Page {
  readonly width: number;
  block(name: string, text: string, tone?: Tone): readonly Line[];
  /** The label stands beside the first one only. */
  list(name: string, texts: readonly string[], tone?: Tone): readonly Line[];
}

export function createPage(columns: number): Page {
  const width = Math.max(10, columns - GUTTER);
  const block: Page['block'] = (name, text, tone) =>
    (text === '' ? [] : labelled(name, wrapText(text, width).map((row) => [segment(row, tone)])));
  const list: Page['list'] = (name, texts, tone) => texts.flatMap((text, index) => block(index === 0 ? name : '', text, tone));
  return { width, block, list };
}

/** Puts the label beside the first line and indents the rest. */
export const labelled = (name: string, lines: readonly Line[]): readonly Line[] =>
  lines.map((line, index) => [segment(` ${(index === 0 ? name : '').padEnd(GUTTER - 1)}`, 'faint'), ...line]);

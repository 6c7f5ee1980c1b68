import stringWidth from 'string-width';

/** What a piece of text means; `theme.ts` says how that looks. */
export type Tone = 'add' | 'delete' | 'replace' | 'proved' | 'likely' | 'guessed' | 'unknown' | 'alarm' | 'banner' | 'strong' | 'faint';

export interface Segment { readonly text: string; readonly tone?: Tone }
/** One row of the screen, before it is fitted to a width. */
export type Line = readonly Segment[];

/** No row is that wide; measuring text as long as an argument list may be would cost more than drawing the screen. */
const LONGEST = 6000;

export function segment(text: string, tone?: Tone): Segment {
  const clipped = text.length > LONGEST ? text.slice(0, LONGEST).toWellFormed() : text;
  return tone === undefined ? { text: clipped } : { text: clipped, tone };
}

/** Columns that a terminal uses for `text`: two for CJK and emoji, none for combining marks. */
export const widthOf = (text: string): number => (ASCII.test(text) ? text.length : stringWidth(text));
export const lineWidth = (line: Line): number => line.reduce((sum, piece) => sum + widthOf(piece.text), 0);

/** Exactly `width` columns: cut with an ellipsis, or filled with blanks. */
export function fitLine(line: Line, width: number, ellipsis = '\u2026'): Line {
  const total = lineWidth(line);
  if (total <= width) return total === width ? line : [...line, { text: ' '.repeat(width - total) }];
  const room = width - ellipsis.length;
  const kept: Segment[] = [];
  let used = 0;
  for (const piece of line) {
    const text = takeWidth(piece.text, room - used);
    kept.push({ ...piece, text });
    used += widthOf(text);
    if (text.length < piece.text.length) break;
  }
  // A wide character may not have fitted the last column.
  return [...kept, { text: (ellipsis + ' '.repeat(Math.max(0, room - used))).slice(0, Math.max(0, width)) }];
}

export const fitText = (text: string, width: number, ellipsis?: string): string =>
  fitLine([{ text }], width, ellipsis).map((piece) => piece.text).join('');

/** Breaks at blanks, and inside words longer than a row; never returns an empty list. What no one would read is cut. */
export function wrapText(text: string, width: number): readonly string[] {
  const room = Math.max(1, width);
  const rows: string[] = [];
  let row = '';
  for (const word of clip(text).split(' ')) {
    const joined = row === '' ? word : `${row} ${word}`;
    if (widthOf(joined) <= room) { row = joined; continue; }
    if (row !== '') rows.push(row);
    row = word;
    for (let head = takeWidth(row, room); head.length < row.length; head = takeWidth(row, room)) {
      // A character wider than the room must not keep the loop from moving on.
      const part = head === '' ? firstGrapheme(row) : head;
      rows.push(part);
      row = row.slice(part.length);
    }
  }
  return row === '' && rows.length > 0 ? rows : [...rows, row];
}

/** `wrapText` with a limit; what is left out is said in the last row. */
export function wrapAtMost(text: string, width: number, limit: number, ellipsis = '\u2026'): readonly string[] {
  const rows = wrapText(text, width);
  if (rows.length <= limit) return rows;
  return [...rows.slice(0, limit - 1), fitText(`${rows[limit - 1] ?? ''} ${rows[limit] ?? ''}`, width, ellipsis)];
}

const clip = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST).toWellFormed()} [${text.length - LONGEST} more characters]` : text;

const ASCII = /^[ -~]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function takeWidth(text: string, room: number): string {
  if (room <= 0) return '';
  if (ASCII.test(text)) return text.slice(0, room);
  let used = 0;
  for (const { segment: grapheme, index } of graphemes.segment(text)) {
    used += widthOf(grapheme);
    if (used > room) return text.slice(0, index);
  }
  return text;
}

const firstGrapheme = (text: string): string => graphemes.segment(text)[Symbol.iterator]().next().value?.segment ?? text;

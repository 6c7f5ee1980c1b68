import { allowsColor, isUtf8Locale, type Environment } from '../report/environment.ts';
import type { Line, Tone } from './line.ts';

export interface Glyphs {
  readonly branch: string; readonly lastBranch: string; readonly trunk: string;
  readonly open: string; readonly closed: string; readonly rule: string; readonly wall: string; readonly ellipsis: string;
}

export interface Theme { readonly color: boolean; readonly unicode: boolean; readonly glyphs: Glyphs }

const UNICODE: Glyphs = {
  branch: '\u251c\u2500 ', lastBranch: '\u2514\u2500 ', trunk: '\u2502  ',
  open: '\u25be', closed: '\u25b8', rule: '\u2500', wall: '\u2502', ellipsis: '\u2026',
};
const ASCII: Glyphs = { branch: '|- ', lastBranch: '`- ', trunk: '|  ', open: 'v', closed: '>', rule: '-', wall: '|', ellipsis: '...' };

export function createTheme(env: Environment): Theme {
  const unicode = isUtf8Locale(env);
  return { color: allowsColor(env, true), unicode, glyphs: unicode ? UNICODE : ASCII };
}

/** Sixteen colours at most, each beside a sign or word that says the same. */
const COLORS: Record<Tone, readonly number[]> = {
  add: [32], delete: [31], replace: [33],
  proved: [32], likely: [33], guessed: [35], unknown: [31],
  alarm: [1, 31], banner: [30, 43], strong: [1], faint: [2],
};
/** Without colour there are still weight and reversal: they are not colours. */
const WEIGHTS: Partial<Record<Tone, readonly number[]>> = { alarm: [1, 7], banner: [7], strong: [1], faint: [2] };

/**
 * A row as the terminal gets it. Written out here rather than by ink's colour properties, because those look at
 * the environment of the process and at its own stdout.
 */
export function paintLine(line: Line, theme: Theme, options: { readonly isReversed?: boolean } = {}): string {
  if (options.isReversed === true) return sgr([7], line.map((piece) => piece.text).join(''));
  return line.map(({ text, tone }) => (tone === undefined ? text : sgr(theme.color ? COLORS[tone] : WEIGHTS[tone] ?? [], text))).join('');
}

const sgr = (codes: readonly number[], text: string): string =>
  codes.length === 0 || text === '' ? text : `\x1b[${codes.join(';')}m${text}\x1b[0m`;

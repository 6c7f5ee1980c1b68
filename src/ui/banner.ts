import { fitText, segment, wrapText, type Line } from './line.ts';
import type { ViewState } from './state.ts';

/** Where the part of a text that has no room here can be read. */
const REST = '  ? has the rest';
const LOW = 16;
const LOWEST = 8;

/** Says in so many words that this is not live, or what else must not be overlooked. */
export function bannerLines(state: ViewState): readonly Line[] {
  const { columns, rows } = state.size;
  // On a few rows the news comes first; that it is not live is never left out.
  const limit = rows < LOW ? 1 : 2;
  const texts = bannerTexts(state).filter((_, index) => index === 0 || rows >= LOWEST);
  const isShown = rows >= LOWEST || state.session?.replayed === true;
  return (isShown ? texts : []).flatMap((text) => limited(text, columns - 2, limit, state.theme.glyphs.ellipsis))
    .map((text) => [segment(fitText(` ${text}`, columns), 'banner')]);
}

/** The same texts whole, for where there is room. */
export function bannerTexts({ session, notice, recordingFile }: ViewState): readonly string[] {
  const isReplay = session?.replayed === true;
  const source = isReplay
    ? ['RECORDING', recordingFile, `of ${session.host.hostname}, Linux ${session.host.kernel}: this is not live`].filter((text) => text !== undefined).join('  ')
    : undefined;
  return [source, notice === undefined ? undefined : `${isReplay ? '' : 'NOTICE  '}${notice}`].filter((text) => text !== undefined);
}

/** At most `limit` rows; a last row that is cut tells where the rest is. */
function limited(text: string, width: number, limit: number, ellipsis: string): readonly string[] {
  const rows = wrapText(text, width);
  if (rows.length <= limit) return rows;
  const rest = width > 2 * REST.length ? REST : '';
  const last = fitText(`${rows[limit - 1] ?? ''} ${rows[limit] ?? ''}`, width - rest.length, ellipsis);
  return [...rows.slice(0, limit - 1), `${last}${rest}`];
}

import { fitText, segment, wrapAtMost, type Line } from './line.ts';
import type { ViewState } from './state.ts';

/** Says in so many words that this is not live, or what else must not be overlooked. */
export function bannerLines(state: ViewState): readonly Line[] {
  const { session, notice } = state;
  const isReplay = session?.replayed === true;
  const source = isReplay
    ? ['RECORDING', state.recordingFile, `of ${session.host.hostname}, Linux ${session.host.kernel}: this is not live`].filter((text) => text !== undefined).join('  ')
    : undefined;
  const texts = [source, notice === undefined ? undefined : `${isReplay ? '' : 'NOTICE  '}${notice}`];
  return texts.flatMap((text) => (text === undefined ? [] : wrapAtMost(text, state.size.columns - 2, 2, state.theme.glyphs.ellipsis)))
    .map((text) => [segment(fitText(` ${text}`, state.size.columns), 'banner')]);
}

import { netnsText, tierWord } from '../report/words.ts';
import { fitLine, lineWidth, segment, type Line, type Segment } from './line.ts';
import { countRows, rowIndexOf } from './selectors.ts';
import type { ViewState } from './state.ts';

/** Who is watched and how; then the counters and what the list is doing. */
export function headerLines(state: ViewState): readonly Line[] {
  const { columns } = state.size;
  return [titleLine(state), spread(counterLine(state), statusLine(state), columns)];
}

function titleLine({ session }: ViewState): Line {
  if (session === undefined) return [segment(' routecause', 'strong'), segment('  starting')];
  const netns = session.netns === undefined ? 'all' : netnsText(session.netns);
  return [
    segment(' routecause', 'strong'), segment(`  ${session.host.hostname}  Linux ${session.host.kernel}  `),
    segment(tierWord(session.tier), session.tier === 'netlink' ? 'likely' : 'proved'),
    segment(session.tier === 'netlink' ? '' : ` (${session.tier})`), segment(`  netns ${netns}  UTC`),
  ];
}

function counterLine({ counts, history }: ViewState): Line {
  const lost = `${counts.lost}${counts.isLossUncounted ? '+' : ''}`;
  return [
    segment(` changes ${counts.changes}  caused ${counts.caused}  `),
    segment(`unknown ${counts.unknown}`, counts.unknown > 0 ? 'unknown' : undefined),
    segment(`  silent ${counts.silent}  `),
    lost === '0' ? segment('lost 0') : segment(`LOST ${lost}`, 'alarm'),
    ...(history.dropped.changes === 0 ? [] : [segment(`  oldest ${history.dropped.changes} dropped`, 'faint')]),
  ];
}

function statusLine(state: ViewState): Line {
  const total = countRows(state);
  const row = `${rowIndexOf(state, state.selected) + 1}/${total}`;
  return [
    ...(state.filter.text === '' ? [] : [segment(`filter "${state.filter.text}"  `, 'replace')]),
    ...(state.isPaused ? [segment(`PAUSED, ${state.held.length} held  `, 'replace')] : []),
    activity(state),
    segment(total === 0 ? ' ' : `  ${row} `),
  ];
}

function activity(state: ViewState): Segment {
  if (state.isStopping) return segment('stopping', 'strong');
  if (state.summary?.truncated === true) return segment('recording is cut short', 'replace');
  if (state.summary !== undefined) return segment('ended', 'strong');
  if (state.ready === undefined) return segment('starting', 'replace');
  return state.isFollowing ? segment('following', 'add') : segment('not following', 'faint');
}

/** Left part cut before the right one: the right one tells whether the list is live. */
function spread(left: Line, right: Line, columns: number): Line {
  const room = columns - lineWidth(right);
  // A few letters of a word tell nothing.
  return room < 1 ? fitLine(right, columns) : room < 10 ? [segment(' '.repeat(room)), ...right] : [...fitLine(left, room - 1), segment(' '), ...right];
}

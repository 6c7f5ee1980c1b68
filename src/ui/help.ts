import { bannerTexts } from './banner.ts';
import { BINDINGS } from './keys.ts';
import { segment, wrapText, type Line, type Segment } from './line.ts';
import type { ViewState } from './state.ts';

const LABEL_COLUMNS = 15;

/** The help screen: keys from their table, then the signs and words used on the screen. */
export function helpLines(state: ViewState): readonly Line[] {
  const append = state.theme.unicode ? '\u00bb' : '>';
  const words: readonly (readonly [string, string])[] = [
    ['+ ~ - =', `added, replaced, deleted, found at the start; ${append} appended beside an existing route`],
    ['*', 'flags of a route that stays, as linkdown'],
    ['^', 'a redirect or a path MTU: the routes are as before'],
    [state.theme.unicode ? '\u00d7' : 'x', 'a request that the kernel refused (with --attempts)'],
    ['!', 'silent: the kernel sent no notification, only tracing or a comparison of tables shows it'],
    ['proved', 'the very call that made the change was seen'],
    ['likely', 'the cause fits, but something is missing; the evidence says what'],
    ['guessed', 'the cause fits, and so may others; the detail lists them'],
    ['before', 'older than this session'],
    ['unknown', 'not explained; the detail says why'],
    ['HITS', 'sessions, tunnels or neighbours that are reached differently since; the detail says which and how'],
    ['LOST', 'events that the kernel could not deliver; verdicts near them say so'],
  ];
  const { session } = state;
  return [
    ...BINDINGS.map((binding) => row(binding.label, binding.help)),
    [],
    ...words.flatMap(([word, meaning]) => rows(word, meaning, state.size.columns)),
    ...(session === undefined ? [] : [[], ...rows('this session', `${session.tier}: ${session.tierReason}`, state.size.columns)]),
    ...bannerTexts(state).flatMap((text, index) => [[], ...rows(index === 0 ? 'banner' : '', text, state.size.columns)]),
  ];
}

const row = (label: string, text: string): Line => [segment(` ${label.padEnd(LABEL_COLUMNS)}`, 'strong'), segment(text)];
const rows = (label: string, text: string, columns: number): readonly Line[] =>
  wrapText(text, columns - LABEL_COLUMNS - 2).map((part, index) => row(index === 0 ? label : '', part));

/** The bottom row. */
export function footerLine(state: ViewState): Line {
  if (state.filter.isEditing) return [segment(' filter: ', 'strong'), segment(state.filter.text), segment('_'), segment('   enter keep   esc clear', 'faint')];
  if (state.isHelpOpen) return [segment(' ? back   j/k scroll to the rest', 'faint')];
  if (state.why !== undefined) return [segment(' w back   j/k scroll   ? help   q quit', 'faint')];
  const hints: Segment[] = [];
  let room = state.size.columns;
  // The way out is told on the narrowest screen.
  for (const hint of ['q quit', ...BINDINGS.flatMap((binding) => binding.hint ?? []).filter((text) => text !== 'q quit')]) {
    room -= hint.length + 2;
    if (room < 0) break;
    const [key = '', ...words] = hint.split(' ');
    hints.push(segment(` ${key}`, 'strong'), segment(` ${words.join(' ')} `, 'faint'));
  }
  return hints;
}

import type { Action, ViewState } from './state.ts';

/** A key as one word: a printable character itself, or a name. */
export type KeyName = string;

export interface Binding {
  readonly keys: readonly KeyName[];
  /** How the help names the keys. */
  readonly label: string;
  readonly help: string;
  readonly action: Action;
  /** What the bottom row says of it, where there is room. */
  readonly hint?: string;
}

/** The one table of keys: dispatch, help and bottom row are made from it. */
export const BINDINGS: readonly Binding[] = [
  { keys: ['?', 'h'], label: '?', help: 'this help, and back', action: { kind: 'help' }, hint: '? help' },
  { keys: ['j', 'down'], label: 'j, down', help: 'next row', action: { kind: 'move', by: 1 }, hint: 'j/k move' },
  { keys: ['k', 'up'], label: 'k, up', help: 'previous row', action: { kind: 'move', by: -1 } },
  { keys: ['pagedown', 'ctrl-f', 'ctrl-d'], label: 'PgDn, ctrl-f', help: 'a page down', action: { kind: 'page', by: 1 } },
  { keys: ['pageup', 'ctrl-b', 'ctrl-u'], label: 'PgUp, ctrl-b', help: 'a page up', action: { kind: 'page', by: -1 } },
  { keys: ['g', 'home'], label: 'g, Home', help: 'the first row', action: { kind: 'jump', to: 'first' } },
  { keys: ['G', 'end'], label: 'G, End', help: 'the newest row, and follow what comes', action: { kind: 'jump', to: 'last' }, hint: 'G follow' },
  { keys: ['enter'], label: 'enter', help: 'show or hide the routes of a group', action: { kind: 'toggle' }, hint: 'enter routes' },
  { keys: ['right', 'l'], label: 'right, l', help: 'show the routes of a group', action: { kind: 'expand' } },
  { keys: ['left'], label: 'left', help: 'hide the routes of a group', action: { kind: 'collapse' } },
  { keys: ['J'], label: 'J', help: 'scroll the detail down', action: { kind: 'scroll', by: 1 }, hint: 'J/K detail' },
  { keys: ['K'], label: 'K', help: 'scroll the detail up', action: { kind: 'scroll', by: -1 } },
  { keys: ['tab'], label: 'tab', help: 'move keys act on the detail, and back', action: { kind: 'focus' } },
  { keys: ['/'], label: '/', help: 'show only what holds these words', action: { kind: 'filter' }, hint: '/ filter' },
  { keys: ['w'], label: 'w', help: 'why packets go there as they go now, and back', action: { kind: 'why' }, hint: 'w why' },
  { keys: [' ', 'p'], label: 'space, p', help: 'hold the list still, and go on', action: { kind: 'pause' }, hint: 'space pause' },
  { keys: ['s'], label: 's', help: 'show or hide the kernel stack', action: { kind: 'stack' }, hint: 's stack' },
  { keys: ['escape'], label: 'esc', help: 'leave help, why, filter or detail', action: { kind: 'cancel' } },
  { keys: ['q', 'ctrl-c'], label: 'q, ctrl-c', help: 'quit', action: { kind: 'quit' }, hint: 'q quit' },
];

/** What ink tells of a key press, as far as it is used here. */
export interface KeyEvent {
  readonly ctrl: boolean; readonly meta: boolean; readonly upArrow: boolean; readonly downArrow: boolean; readonly leftArrow: boolean; readonly rightArrow: boolean;
  readonly pageUp: boolean; readonly pageDown: boolean; readonly home: boolean; readonly end: boolean;
  readonly return: boolean; readonly escape: boolean; readonly tab: boolean; readonly backspace: boolean; readonly delete: boolean;
}

/** Over a slow line several key presses arrive as one text; each counts. */
export function keyNames(input: string, key: KeyEvent): readonly KeyName[] {
  const named = NAMED.find(([flag]) => key[flag]);
  if (named !== undefined) return [named[1]];
  if (key.ctrl) return [`ctrl-${input}`];
  if (key.meta) return [];
  return [...input].map((character) => CHARACTER_NAMES.get(character) ?? character);
}

/** While a filter is typed, keys are text. */
export function actionForKey(name: KeyName, state: ViewState): Action | undefined {
  if (state.filter.isEditing) {
    if (name === 'enter') return { kind: 'accept' };
    if (name === 'backspace') return { kind: 'erase' };
    if (name !== 'ctrl-c' && name !== 'escape') return [...name].length === 1 && /\P{Cc}/u.test(name) ? { kind: 'type', text: name } : undefined;
  }
  return actions.get(name);
}

const actions = new Map(BINDINGS.flatMap((binding) => binding.keys.map((key) => [key, binding.action] as const)));
const NAMED: readonly (readonly [keyof KeyEvent, KeyName])[] = [
  ['upArrow', 'up'], ['downArrow', 'down'], ['leftArrow', 'left'], ['rightArrow', 'right'], ['pageUp', 'pageup'], ['pageDown', 'pagedown'],
  ['home', 'home'], ['end', 'end'], ['return', 'enter'], ['escape', 'escape'], ['tab', 'tab'], ['backspace', 'backspace'], ['delete', 'backspace'],
];
const CHARACTER_NAMES = new Map([['\r', 'enter'], ['\n', 'enter'], ['\t', 'tab'], ['\x7f', 'backspace'], ['\x08', 'backspace'], ['\x03', 'ctrl-c']]);

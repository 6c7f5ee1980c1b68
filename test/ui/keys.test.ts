import { describe, expect, test } from 'vitest';
import { helpLines } from '../../src/ui/help.ts';
import { actionForKey, BINDINGS, keyNames, type KeyEvent } from '../../src/ui/keys.ts';
import { initialState } from '../../src/ui/state.ts';
import { createTheme } from '../../src/ui/theme.ts';

const state = initialState({ theme: createTheme({}), size: { columns: 80, rows: 24 } });
const editing = { ...state, filter: { text: '', isEditing: true } };
const none: KeyEvent = {
  ctrl: false, meta: false, upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageUp: false, pageDown: false,
  home: false, end: false, return: false, escape: false, tab: false, backspace: false, delete: false,
};

describe('keyNames', () => {
  test.each<[string, string, Partial<KeyEvent>, readonly string[]]>([
    ['a letter', 'j', {}, ['j']],
    ['several that arrived at once', 'jjG', {}, ['j', 'j', 'G']],
    ['enter among letters', 'j\rq', {}, ['j', 'enter', 'q']],
    ['an arrow', '', { upArrow: true }, ['up']],
    ['ctrl-C', 'c', { ctrl: true }, ['ctrl-c']],
    ['alt', 'q', { meta: true }, []],
    ['nothing', '', {}, []],
  ])('%s', (_, input, key, expected) => expect(keyNames(input, { ...none, ...key })).toEqual(expected));
});

describe('actionForKey', () => {
  test('no key stands twice in the table', () => {
    const keys = BINDINGS.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
  test('the help tells every key', () => {
    const help = helpLines(state).map((line) => line.map((piece) => piece.text).join('')).join('\n');
    for (const binding of BINDINGS) expect(help).toContain(binding.help);
  });
  test.each(['A', '[', 'x', 'ctrl-x', 'backspace'])('%s does nothing', (key) => expect(actionForKey(key, state)).toBeUndefined());
  test.each([
    ['q', { kind: 'type', text: 'q' }], [' ', { kind: 'type', text: ' ' }], ['\u00e9', { kind: 'type', text: '\u00e9' }], ['enter', { kind: 'accept' }],
    ['backspace', { kind: 'erase' }], ['escape', { kind: 'cancel' }], ['ctrl-c', { kind: 'quit' }], ['\x01', undefined], ['up', undefined],
  ])('%j while a filter is typed', (key, expected) => expect(actionForKey(key, editing)).toEqual(expected));
});

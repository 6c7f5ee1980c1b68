import { describe, expect, test } from 'vitest';
import type { OutputRecord } from '../../src/model/output.ts';
import { reduce } from '../../src/ui/reduce.ts';
import { countRows, rowsFrom } from '../../src/ui/selectors.ts';
import { initialState, type Action, type ViewState } from '../../src/ui/state.ts';
import { createTheme } from '../../src/ui/theme.ts';
import { anycast, loss, ready, redirect, refused, session, story, summary, tooBig } from '../report/records.ts';

const start = initialState({ theme: createTheme({ LANG: 'C.UTF-8', NO_COLOR: '1' }), size: { columns: 80, rows: 24 } });
const run = (state: ViewState, ...actions: readonly Action[]) => actions.reduce(reduce, state);
const records = (list: readonly OutputRecord[]): Action => ({ kind: 'records', records: list });
const told = run(start, records(story));
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({ ...anycast, id: `c${from + index}`, origin: `o${from + index}` }));
const move = (by: number): Action => ({ kind: 'move', by });

describe('reduce', () => {
  test('counts', () => {
    expect(told.counts).toEqual({ changes: 4, caused: 3, unknown: 1, silent: 1, lost: 3, isLossUncounted: false });
    expect(run(told, records([{ ...summary, changes: 9 }])).counts.changes).toBe(9);
    expect(run(told, records([refused])).counts).toEqual(told.counts);
  });

  test('lists exceptions to the routes, and counts them as no change of a route', () => {
    const after = run(told, records([redirect, tooBig]));
    expect(after.counts).toEqual(told.counts);
    expect(countRows(after)).toBe(countRows(told) + 2);
  });

  const name = (state: ViewState) => `${state.selected?.entry}${state.selected?.change === undefined ? '' : `/${state.selected.change}`}${state.isFollowing ? ' following' : ''}`;
  test.each<[string, readonly Action[], string]>([
    ['follows the newest', [], 'o3 following'],
    ['stops following when moved up', [move(-1)], 'loss bpftrace 88500000000'],
    ['stays where it is when more comes', [move(-1), records(many(50, 52))], 'loss bpftrace 88500000000'],
    ['follows again at the last row', [move(-1), move(1)], 'o3 following'],
    ['does not leave the list at the top', [move(-99)], 'o1'],
    ['jumps to the first', [{ kind: 'jump', to: 'first' }], 'o1'],
    ['jumps to the newest and follows', [move(-2), { kind: 'jump', to: 'last' }], 'o3 following'],
    ['opens a group', [{ kind: 'jump', to: 'first' }, { kind: 'toggle' }, move(1)], 'o1/c1'],
    ['closes a group from within', [{ kind: 'jump', to: 'first' }, { kind: 'toggle' }, move(2), { kind: 'toggle' }], 'o1'],
    ['left closes', [{ kind: 'jump', to: 'first' }, { kind: 'expand' }, move(2), { kind: 'collapse' }], 'o1'],
    ['reading the detail stops following', [{ kind: 'scroll', by: 1 }], 'o3'],
    ['focus on the detail stops following', [{ kind: 'focus' }], 'o3'],
    ['move keys scroll while the detail has the focus', [{ kind: 'jump', to: 'first' }, { kind: 'focus' }, move(2)], 'o1'],
    ['resize keeps the selection', [move(-1), { kind: 'resize', size: { columns: 160, rows: 50 } }], 'loss bpftrace 88500000000'],
    ['a filter finds refused requests by that word', [records([refused]), { kind: 'filter' }, { kind: 'type', text: 'refused' }, { kind: 'accept' }], 'o5 following'],
    ['a filter selects what is left', [{ kind: 'filter' }, { kind: 'type', text: 'eth1' }, { kind: 'type', text: ' down' }, { kind: 'accept' }], 'o3 following'],
    ['pages', [{ kind: 'page', by: -1 }], 'o1'],
  ])('%s', (_, actions, expected) => expect(name(run(told, ...actions))).toBe(expected));

  test('holds records while paused, goes on counting, and shows them afterwards', () => {
    const paused = run(told, { kind: 'pause' }, records(many(10, 13)));
    expect([countRows(paused), paused.held.length, paused.counts.changes]).toEqual([4, 3, 7]);
    const resumed = run(paused, { kind: 'pause' });
    expect([countRows(resumed), resumed.held.length, resumed.counts.changes]).toEqual([7, 0, 7]);
  });

  test('scrolls the detail within bounds and starts anew on another row', () => {
    const scrolled = run(told, { kind: 'jump', to: 'first' }, { kind: 'scroll', by: 3 });
    expect(scrolled.scroll).toBe(3);
    expect(run(scrolled, { kind: 'scroll', by: -99 }).scroll).toBe(0);
    const end = run(scrolled, { kind: 'scroll', by: 999 });
    expect(end.scroll).toBeLessThan(40);
    expect(run(end, { kind: 'scroll', by: -1 }).scroll).toBe(end.scroll - 1);
    expect(run(end, { kind: 'resize', size: { columns: 200, rows: 80 } }).scroll).toBe(0);
    expect(run(scrolled, move(1)).scroll).toBe(0);
  });

  test('rows on the screen stay where they are when others come in above or below', () => {
    const crowded = run(start, records(many(0, 30)), move(-10));
    const onScreen = (state: ViewState) => rowsFrom(state, state.listTop, 6).map((row) => row.entry.key);
    const before = onScreen(crowded);
    expect(before).toContain('o19');
    expect(onScreen(run(crowded, records(many(30, 60))))).toEqual(before);
    const opened = run(crowded, { kind: 'jump', to: 'first' }, { kind: 'expand' }, move(20));
    const grown = run(opened, records([{ ...anycast, id: 'late', origin: 'o0' }]));
    expect(onScreen(grown)).toEqual(onScreen(opened));
  });

  test('cancel leaves help, then the filter, then the detail', () => {
    const deep = run(told, { kind: 'focus' }, { kind: 'filter' }, { kind: 'type', text: 'bgp' }, { kind: 'accept' }, { kind: 'help' });
    const steps = [deep, run(deep, { kind: 'cancel' }), run(deep, { kind: 'cancel' }, { kind: 'cancel' }), run(deep, { kind: 'cancel' }, { kind: 'cancel' }, { kind: 'cancel' })];
    expect(steps.map((state) => [state.isHelpOpen, state.filter.text, state.focus])).toEqual([
      [true, 'bgp', 'detail'], [false, 'bgp', 'detail'], [false, '', 'detail'], [false, '', 'list'],
    ]);
  });

  test('a filter matches words of any field and never hides a loss', () => {
    const shown = (text: string) => rowsFrom(run(told, { kind: 'type', text }), 0, 99).map((row) => row.entry.key.split(' ')[0]);
    expect(shown('eth1 WENT')).toEqual(['o2', 'loss']);
    expect(shown('vrf2')).toEqual(['o1', 'loss']);
    expect(shown('nowhere')).toEqual(['loss']);
  });

  test('survives an empty list', () => {
    for (const kind of ['toggle', 'expand', 'collapse', 'focus', 'stack', 'erase', 'accept', 'cancel', 'help', 'pause'] as const) expect(() => run(start, { kind }, move(1), move(-1))).not.toThrow();
    expect(run(start, records([session, ready]), move(1)).selected).toBeUndefined();
  });

  test('keeps up with a full table from one daemon and with as many acts', () => {
    const begin = performance.now();
    let state = run(start, records([session, ready, loss]));
    for (let index = 0; index < 100; index += 1) state = run(state, records(many(index * 300, index * 300 + 300)));
    for (let index = 0; index < 100; index += 1) state = run(state, records(many(0, 300).map((record) => ({ ...record, id: `${index}.${record.id}`, origin: 'zebra' }))));
    expect(state.history.kept).toBe(20_000);
    expect(state.counts.changes).toBe(60_000);
    // 200 batches: ten seconds of a busy screen must not take that long.
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

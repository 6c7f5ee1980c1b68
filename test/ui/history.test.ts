import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addToHistory, EMPTY_HISTORY } from '../../src/ui/history.ts';
import { anycast, loss } from '../report/records.ts';

const change = (origin: string, id: string) => ({ ...anycast, origin, id });
const keys = (history: ReturnType<typeof addToHistory>) => history.entries.map((entry) => (entry.kind === 'group' ? `${entry.key}:${entry.changes.map(({ id }) => id).join('')}` : 'loss'));

test('addToHistory groups by origin, in order of first appearance, also across batches', () => {
  const first = addToHistory(EMPTY_HISTORY, [change('a', '1'), change('b', '2'), change('a', '3')]);
  const second = addToHistory(first, [change('a', '4'), change('c', '5')]);
  expect(keys(second)).toEqual(['a:134', 'b:2', 'c:5']);
  expect(keys(first)).toEqual(['a:13', 'b:2']);
});

test('addToHistory joins neighbouring losses of one source and keeps an unknown count unknown', () => {
  const { count: _, ...uncounted } = loss;
  const history = addToHistory(EMPTY_HISTORY, [loss, { ...loss, count: 4 }, change('a', '1'), loss, uncounted]);
  expect(history.entries.map((entry) => (entry.kind === 'loss' ? entry.loss.count : entry.key))).toEqual([7, 'a', undefined]);
});

test('addToHistory drops whole old groups first, then the oldest changes of a giant one', () => {
  const history = addToHistory(EMPTY_HISTORY, [change('a', '1'), change('a', '2'), change('b', '3'), change('c', '4')], 3);
  expect([keys(history), history.dropped]).toEqual([['b:3', 'c:4'], { entries: 1, changes: 2 }]);
  const giant = addToHistory(history, ['5', '6', '7', '8'].map((id) => change('c', id)), 3);
  expect([keys(giant), giant.dropped]).toEqual([['c:678'], { entries: 2, changes: 5 }]);
  expect(keys(addToHistory(giant, [change('b', '9')], 3))).toEqual(['b:9']);
});

test('addToHistory stays bounded, counts what it dropped and finds every group, however the batches are cut', () => {
  const batches = fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { maxLength: 8 }), { maxLength: 12 });
  fc.assert(fc.property(batches, fc.integer({ min: 1, max: 12 }), (cut, limit) => {
    let history = EMPTY_HISTORY;
    let id = 0;
    let losses = 0;
    for (const batch of cut) {
      const records = batch.map(([origin, isLoss]) => (isLoss ? { ...loss, bootTimeNs: String(losses++), what: String(losses) } : change(String(origin), String(id++))));
      history = addToHistory(history, records, limit);
    }
    const kept = history.entries.reduce((sum, entry) => sum + (entry.kind === 'group' ? entry.changes.length : 1), 0);
    expect(kept).toBe(history.kept);
    expect(kept).toBeLessThanOrEqual(limit);
    expect(kept + history.dropped.changes).toBe(id + losses);
    history.entries.forEach((entry, index) => expect(history.numbers.get(entry.key)).toBe(index + history.dropped.entries));
    expect(history.numbers.size).toBe(history.entries.length);
  }));
});

import { expect, test } from 'vitest';
import { createAnswers } from '../../src/attribution/answers.ts';
import { at, NETNS, OTHER_NETNS } from '../model/build.ts';

const header = { length: 0, type: 24, flags: 0, seq: 1, portid: 77 };
const answer = (ms: number, more: Partial<typeof header> = {}) => ({ at: ms, time: at(ms), header: { ...header, ...more } });

test('answers to one request have one id, however long they take', () => {
  const idOf = createAnswers();
  const ids = Array.from({ length: 10 }, (_, i) => idOf(NETNS, answer(1000 + i * 300)));
  expect(new Set(ids).size).toBe(1);
  // One that is only looked at later.
  expect(idOf(NETNS, answer(1000))).toBe(ids[0]);
});

test.each([
  ['much later', answer(1700), NETNS], ['with another number', answer(1000, { seq: 2 }), NETNS], ['of another port id', answer(1000, { portid: 78 }), NETNS], ['in another namespace', answer(1000), OTHER_NETNS],
])('not so those %s', (_what, other, netns) => {
  const idOf = createAnswers();
  expect(idOf(netns, other)).not.toBe(idOf(NETNS, answer(1000)));
});

import { expect, test } from 'vitest';
import { createImpact } from '../../src/impact/impact.ts';
import type { Attribution } from '../../src/model/attribution.ts';
import type { ChangeOutput } from '../../src/model/output.ts';
import { bootTime } from '../../src/model/time.ts';
import { builder } from '../netlink/build.ts';

const wire = builder(true);
const netns = { inode: 4026531840 };
const over = (ifindex: number): Uint8Array => wire.message(24, [2, 32, 0, 0, 254, 3, 0, 1], wire.u32(0), wire.attribute(1, [10, 0, 0, 2]), wire.attribute(4, wire.u32(ifindex)));
const ruleMessage = wire.message(32, [2, 0, 0, 0, 254, 0, 0, 1], wire.u32(0));
const at = (ms: number): { readonly source: 'host'; readonly time: ReturnType<typeof bootTime>; readonly netns: typeof netns } => ({ source: 'host', time: bootTime(BigInt(ms) * 1_000_000n), netns });

interface Asked {
  /** When a message comes that may have touched something; and when it is told that nobody waits to be asked about any more. */
  readonly message?: number; readonly asked?: number;
}

/** How many sessions each record is about, when the second one is answered so much later than the first; `marks`: whether it is told when all were asked about. */
function countsOf(laterMs: number, phaseMs: number, marks?: Asked): number[] {
  return toldOf('tcp', laterMs, phaseMs, marks).map(({ count }) => count);
}

/** What is told of an endpoint, and of a session that goes to the same address and is answered later, or to another one. */
function toldOf(first: 'tcp' | 'neighbour', laterMs: number, phaseMs: number, marks?: Asked): { readonly what: string; readonly count: number }[] {
  const impact = createImpact(0n);
  for (const id of ['a', 'b']) {
    impact.observe({ ...at(0), kind: 'endpoint', event: 'found', id, what: id === 'a' ? first : 'tcp', remote: `10.0.0.${id === 'a' || first === 'neighbour' ? 2 : 3}`, state: 'ESTABLISHED' });
    impact.observe({ ...at(0), kind: 'answer', id, reason: 'start', taken: over(2) });
  }
  if (marks !== undefined) impact.observe({ ...at(0), kind: 'asked' });
  // Of a rule, because those may touch anything.
  impact.told({ change: { time: at(999).time, netns } } as unknown as Attribution, { kind: 'rule-change', id: '1', origin: 'act-1', rule: { family: 'ipv4', table: 7 } } as unknown as ChangeOutput);
  const told: { what: string; count: number }[] = [];
  for (let ms = 990; ms < 16_000; ms += 10) {
    if (ms === 1000) impact.observe({ ...at(ms), kind: 'answer', id: 'a', reason: 'change', taken: over(3) });
    if (ms === 1000 + laterMs) impact.observe({ ...at(ms), kind: 'answer', id: 'b', reason: 'change', taken: over(3) });
    if (ms === marks?.message) impact.observe({ ...at(ms), source: 'rtnetlink', kind: 'netlink', dump: false, bytes: ruleMessage });
    if (ms === marks?.asked) impact.observe({ ...at(ms), kind: 'asked' });
    if (ms % 100 !== phaseMs) continue;
    told.push(...impact.observe({ kind: 'tick', source: 'bpftrace', cpu: 0, time: at(ms).time }).flatMap(record => record.kind === 'impact' ? [record] : []));
  }
  return told;
}

test('sessions that one change moves are one record, whenever the clock ticks between their answers', () => {
  for (let phase = 0; phase < 100; phase += 10) expect([countsOf(90, phase), countsOf(240, phase)]).toEqual([[2], [2]]);
  expect(countsOf(600, 0)).toEqual([1, 1]);
});

test.for([
  { what: 'the second is answered long after the first', later: 2000, marks: { message: 990, asked: 3000 }, is: [2] },
  { what: 'its message came a moment after the first was answered', later: 2000, marks: { message: 1100, asked: 3000 }, is: [2] },
  { what: 'it is never told', later: 2600, marks: { message: 990 }, is: [1, 1] },
  { what: 'all were asked about before', later: 2000, marks: { message: 990, asked: 1010 }, is: [1, 1] },
  { what: 'nothing came that touched another', later: 2000, marks: {}, is: [1, 1] },
  { what: 'what touched the second came much later', later: 2000, marks: { message: 1900, asked: 3000 }, is: [1, 1] },
])('those that are not asked about yet are waited for: $what', ({ later, marks, is }) => {
  expect(countsOf(later, 0, marks)).toEqual(is);
});

test('nobody waits longer than for all to be asked about', () => {
  expect(countsOf(100, 0, { message: 990, asked: 1400 })).toEqual([2]);
});

test.for([
  { what: 'soon', later: 600, marks: { message: 990, asked: 2000 }, is: ['tcp'] },
  { what: 'on a host that is short of time', later: 4000, marks: { message: 990, asked: 5500 }, is: ['tcp'] },
  { what: 'never told that all were asked about', later: 4000, marks: { message: 990 }, is: ['tcp'] },
  { what: 'much too late', later: 11_000, marks: { message: 990 }, is: ['neighbour', 'tcp'] },
  { what: 'by another act, long after all were asked about', later: 4000, marks: { message: 990, asked: 1400 }, is: ['neighbour', 'tcp'] },
])('a neighbour is not told beside the session that goes there and is asked about $what', ({ later, marks, is }) => {
  expect(toldOf('neighbour', later, 0, marks).map(({ what }) => what)).toEqual(is);
});

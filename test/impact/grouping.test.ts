import { expect, test } from 'vitest';
import { createImpact } from '../../src/impact/impact.ts';
import type { Attribution } from '../../src/model/attribution.ts';
import type { ChangeOutput } from '../../src/model/output.ts';
import { bootTime } from '../../src/model/time.ts';
import { builder } from '../netlink/build.ts';

const wire = builder(true);
const netns = { inode: 4026531840 };
const over = (ifindex: number): Uint8Array => wire.message(24, [2, 32, 0, 0, 254, 3, 0, 1], wire.u32(0), wire.attribute(1, [10, 0, 0, 2]), wire.attribute(4, wire.u32(ifindex)));
const at = (ms: number): { readonly source: 'host'; readonly time: ReturnType<typeof bootTime>; readonly netns: typeof netns } => ({ source: 'host', time: bootTime(BigInt(ms) * 1_000_000n), netns });

/** How many sessions each record is about, when the second one is answered so much later than the first. */
function countsOf(laterMs: number, phaseMs: number): number[] {
  const impact = createImpact(0n);
  for (const id of ['a', 'b']) {
    impact.observe({ ...at(0), kind: 'endpoint', event: 'found', id, what: 'tcp', remote: `10.0.0.${id === 'a' ? 2 : 3}`, state: 'ESTABLISHED' });
    impact.observe({ ...at(0), kind: 'answer', id, reason: 'start', taken: over(2) });
  }
  // Of a rule, because those may touch anything.
  impact.told({ change: { time: at(999).time, netns } } as unknown as Attribution, { kind: 'rule-change', id: '1', origin: 'act-1', rule: { family: 'ipv4', table: 7 } } as unknown as ChangeOutput);
  const counts: number[] = [];
  for (let ms = 1000; ms < 5000; ms += 10) {
    if (ms === 1000) impact.observe({ ...at(ms), kind: 'answer', id: 'a', reason: 'change', taken: over(3) });
    if (ms === 1000 + laterMs) impact.observe({ ...at(ms), kind: 'answer', id: 'b', reason: 'change', taken: over(3) });
    if (ms % 100 !== phaseMs) continue;
    counts.push(...impact.observe({ kind: 'tick', source: 'bpftrace', cpu: 0, time: at(ms).time }).flatMap(record => record.kind === 'impact' ? [record.count] : []));
  }
  return counts;
}

test('sessions that one change moves are one record, whenever the clock ticks between their answers', () => {
  for (let phase = 0; phase < 100; phase += 10) expect([countsOf(90, phase), countsOf(240, phase)]).toEqual([[2], [2]]);
  expect(countsOf(600, 0)).toEqual([1, 1]);
});

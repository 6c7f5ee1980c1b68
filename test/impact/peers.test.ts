import { expect, test } from 'vitest';
import { createImpact } from '../../src/impact/impact.ts';
import { bootTime } from '../../src/model/time.ts';
import type { EndpointObservation, Observation } from '../../src/model/observation.ts';
import { builder } from '../netlink/build.ts';

const wire = builder(true);
const netns = { inode: 4026531840 };
const REMOTE = [10, 0, 0, 2];
/** What the kernel answers for 10.0.0.2: an IPv4 route of the main table. */
const over = (ifindex: number, gateway?: number): Uint8Array => wire.message(24, [2, 32, 0, 0, 254, 3, 0, 1], wire.u32(0),
  wire.attribute(1, REMOTE), wire.attribute(4, wire.u32(ifindex)), ...(gateway === undefined ? [] : [wire.attribute(5, [10, 0, 0, gateway])]));

/** A BFD peer and what happens to it, by seconds; what is told of it. */
function play(...steps: readonly (readonly [second: number, event: 'up' | 'down' | 'gone' | Uint8Array])[]): string[] {
  const impact = createImpact(0n);
  const at = (second: number): { time: ReturnType<typeof bootTime>; netns: typeof netns; source: 'host' } => ({ source: 'host', time: bootTime(BigInt(Math.round(second * 1e9))), netns });
  const peer = (second: number, event: EndpointObservation['event'], state: string): Observation => ({ ...at(second), kind: 'endpoint', event, id: 'bfd-peer///10.0.0.2', what: 'bfd-peer', remote: '10.0.0.2', name: 'bfdd', state });
  const answer = (second: number, taken: Uint8Array): Observation => ({ ...at(second), kind: 'answer', id: 'bfd-peer///10.0.0.2', reason: 'change', taken });
  const told = [peer(0, 'found', 'up'), answer(0, over(2))].flatMap(one => impact.observe(one));
  const events = steps.map(([second, event]) => ({ second, observation: typeof event !== 'string' ? answer(second, event) : event === 'gone' ? peer(second, 'gone', 'down') : peer(second, 'changed', event) }));
  for (let second = 0; second < 60; second += 0.5) {
    for (const { observation } of events.filter(one => one.second >= second && one.second < second + 0.5)) told.push(...impact.observe(observation));
    told.push(...impact.observe({ kind: 'tick', source: 'bpftrace', cpu: 0, time: at(second + 0.5).time }));
  }
  return told.flatMap(record => record.kind === 'impact' ? [`${record.status} ${record.effect}${record.afterSeconds === undefined ? '' : ` ${record.afterSeconds}`}`] : []);
}

test('it falls after it moved, and is not told to move when it is where it was', () => {
  expect(play([1, over(3)], [6, 'down'], [20, over(2)])).toEqual(['expected other-device', 'observed other-device 5', 'cleared other-device']);
});

test('its fall is told once', () => {
  expect(play([1, over(3)], [6, 'down'], [7, 'up'], [8, 'down'])).toEqual(['expected other-device', 'observed other-device 5']);
});

test('a fall that nothing went before is not told, and not blamed on what comes later', () => {
  expect(play([1, 'down'])).toEqual([]);
  expect(play([1, 'down'], [10, over(3)])).toEqual(['expected other-device']);
  expect(play([1, 'down'], [2, 'up'], [10, over(3)], [20, 'down'])).toEqual(['expected other-device', 'observed other-device 10']);
});

test('a fall before the answer was told comes after it; one that is over by then does not', () => {
  expect(play([1, over(3)], [2, 'down'])).toEqual(['expected other-device', 'observed other-device 1']);
  expect(play([1, over(3)], [2, 'down'], [2.5, 'up'])).toEqual(['expected other-device']);
});

test('its end is none of the session', () => { expect(play([1, over(3)], [10, 'gone'])).toEqual(['expected other-device']); });

test('another way again is another impact', () => {
  expect(play([1, over(2, 7)], [10, 'down'], [20, over(2, 8)], [30, over(2)])).toEqual(['expected other-gateway', 'observed other-gateway 9', 'expected other-gateway', 'cleared other-gateway']);
});

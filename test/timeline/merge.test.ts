import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRACER_BEHIND, type Observation } from '../../src/model/observation.ts';
import { createTimeline } from '../../src/timeline/merge.ts';
import { BY_KIND } from '../recording/arbitraries.ts';
import { at, drained, lost, netlink, NETNS, OTHER_NETNS, probe, processSeen, ready, task, tick } from '../model/build.ts';

const bytes = new Uint8Array(16);
const call = (ms: number, cpu = 0): Observation => probe(task(7, 'ip', { cpu }), ms, 'call', `f${ms}`);
/** One looks every second. */
const drains = (from: number, to: number): Observation[] => [...Array.from({ length: Math.ceil((to - from) / 1000) - 1 }, (_, i) => drained(from + (i + 1) * 1000)), drained(to)];
const push = (list: readonly Observation[]): Observation[] => {
  const timeline = createTimeline();
  return list.flatMap(observation => timeline.push(observation));
};
const run = (list: readonly Observation[]): Observation[] => {
  const timeline = createTimeline();
  return [...list.flatMap(observation => timeline.push(observation)), ...timeline.flush()];
};
const times = (list: readonly Observation[]): number[] => list.map(observation => Number(observation.time) / 1e6);

/** What each stream delivers, in its own order: records and marks. */
function streamsOf(spec: { cpus: readonly (readonly number[])[]; messages: readonly number[] }, endMs: number): Observation[][] {
  const sorted = (list: Observation[]): Observation[] => list.sort((a, b) => Number(a.time - b.time));
  const marks = (period: number, make: (ms: number) => Observation): Observation[] => Array.from({ length: Math.ceil(endMs / period) + 1 }, (_, i) => make((i + 1) * period));
  return [
    ...spec.cpus.map((list, cpu) => sorted([...list.map(ms => call(ms, cpu)), ...marks(200, ms => tick(ms + cpu / 10, cpu))])),
    sorted([...spec.messages.map(ms => netlink(ms, bytes)), ...marks(150, ms => drained(ms + 0.05))]),
  ];
}

/** One order of arrival that keeps the order within each stream. */
function interleave(streams: readonly (readonly Observation[])[], choices: readonly number[]): Observation[] {
  const queues = streams.map(stream => [...stream]);
  const out: Observation[] = [];
  for (let i = 0; ; i++) {
    const open = queues.filter(queue => queue.length > 0);
    const next = open[(choices[i % choices.length] ?? 0) % (open.length || 1)]?.shift();
    if (next === undefined) return out;
    out.push(next);
  }
}

const ticksUntil = (endMs: number, fromMs = 0): Observation[] =>
  [...Array.from({ length: Math.floor((endMs - 1 - fromMs) / 200) }, (_, i) => tick(fromMs + (i + 1) * 200, 0)), tick(endMs, 0)];
/** Ticks of one CPU that come five seconds late. */
const lagging = (endMs: number): Observation[] => ticksUntil(endMs).flatMap(late => [drained(Number(late.time) / 1e6 + 5000), late]);
// Every CPU and the socket have shown themselves before anything happens, as the sources see to.
const firstMarks = [tick(1, 0), tick(1, 1), drained(1)];
const millis = fc.array(fc.integer({ min: 2, max: 2000 }), { maxLength: 15 });
const streams = fc.record({ cpus: fc.tuple(millis, millis), messages: millis }).map(spec => streamsOf(spec, 2000));

describe('the timeline', () => {
  test('holds a record back until every CPU has ticked and the socket was drained past it', () => {
    const before = [...firstMarks, call(5), tick(10, 0), tick(10, 1)];
    expect(times(push(before))).toEqual([1, 1, 1]);
    expect(times(push([...before, drained(4)]))).toEqual([1, 1, 1, 4]);
    expect(times(push([...before, drained(6)]))).toEqual([1, 1, 1, 5, 6]);
  });

  test.each([
    ['another CPU did not tick', [tick(1, 0), tick(1, 1), call(5), tick(10, 0)], false],
    ['the socket of another namespace was not drained', [tick(1, 0), drained(1), drained(1, OTHER_NETNS), call(5), tick(10, 0), drained(10)], false],
    ['a CPU has been silent for less than five seconds', [tick(1, 0), tick(1, 1), call(5), ...ticksUntil(5001)], false],
    ['every stream is past it', [tick(1, 0), tick(1, 1), call(5), tick(10, 0), tick(10, 1)], true],
    ['the other CPU has been silent for more than five seconds', [tick(1, 0), tick(1, 1), call(5), ...ticksUntil(5002)], true],
    ['the tracer was not heard of for eight seconds, then prints what waited for one CPU', [tick(1, 0), tick(1, 1), call(5), drained(8000), ...ticksUntil(8000)], false],
    ['the tracer prints what waited for one CPU, as it still comes in, for twenty seconds', [tick(1, 0), tick(1, 1), call(5), ...lagging(20_000)], false],
    ['of the tracer nothing is heard for more than fifteen seconds', [tick(1, 0), tick(1, 1), drained(1), call(5), ...drains(1, 15_002)], true],
    ['of the tracer nothing is heard for fifteen seconds', [tick(1, 0), tick(1, 1), drained(1), call(5), ...drains(1, 15_001)], false],
    ['nothing at all was heard for a minute: it was this process that slept', [tick(1, 0), tick(1, 1), drained(1), call(5), drained(60_000)], false],
    ['and then what waited for the other', [tick(1, 0), tick(1, 1), call(5), drained(8000), ...ticksUntil(8000), tick(200, 1)], true],
    ['a CPU stays silent after a pause of the tracer', [tick(1, 0), tick(1, 1), call(5), drained(8000), ...ticksUntil(8000), ...ticksUntil(13_200, 8000)], true],
    ['the tracer has ended and the socket was drained', [tick(1, 0), drained(1), call(5), drained(10), lost(5, 11, { what: 'tracer ended' })], true],
    ['the tracer has ended and the socket was not drained', [tick(1, 0), drained(1), call(5), drained(3), lost(5, 11, { what: 'tracer ended' })], false],
    ['a loss that is not the end of the tracer', [tick(1, 0), drained(1), call(5), drained(10), lost(5, 11)], false],
  ])('%s: is a record of 5 ms let go?', (_case, list: Observation[], released) => {
    expect(push(list).some(observation => observation.kind === 'probe')).toBe(released);
  });

  test.each([
    ['ticks again of a time that is out: what was seen there came too late', [tick(3000, 1)], 1],
    ['ticks again of now: it was offline', [tick(5300, 1)], 0],
    ['ticks for the first time', [tick(3000, 2)], 0],
  ] as const)('a CPU that was taken for offline %s', (_what, then, count) => {
    const before = [tick(1, 0), tick(1, 1), call(5), ...ticksUntil(5200)];
    expect(push([...before, drained(5250), ...then, ...then]).filter(({ kind }) => kind === 'lost')).toHaveLength(count);
  });
  test('says once that it waits no longer for a tracer, and again when that ticked and fell silent', () => {
    const losses = (list: Observation[]): unknown[] => push(list).flatMap(one => one.kind === 'lost' ? [[Number(one.since) / 1e6, Number(one.time) / 1e6, one.what]] : []);
    const quiet = [tick(1, 0), drained(1), ...drains(1, 15_002), ...drains(15_002, 40_000)];
    expect(losses(quiet)).toEqual([[1, 15_002, TRACER_BEHIND]]);
    expect(losses([...quiet, tick(40_001, 0), ...drains(40_001, 55_002)])).toEqual([[1, 15_002, TRACER_BEHIND], [40_001, 55_002, TRACER_BEHIND]]);
    expect(losses(drains(1, 60_000))).toEqual([]);
  });

  test('lets a CPU that comes back hold again', () => {
    const list = [tick(1, 0), tick(1, 1), tick(6000, 0), tick(6001, 1), call(6500), tick(7000, 0)];
    expect(push(list).some(observation => observation.kind === 'probe')).toBe(false);
    expect(push([...list, tick(7000, 1)]).some(observation => observation.kind === 'probe')).toBe(true);
  });

  test('gives the order of time, not of arrival', () => {
    expect(times(run([...firstMarks, netlink(9, bytes), call(7, 1), call(3, 0), call(8, 1)])).slice(-4)).toEqual([3, 7, 8, 9]);
  });

  test('keeps the order of arrival where times are equal', () => {
    const same = [call(5), probe(task(7, 'ip'), 5, 'argv', 'g'), probe(task(7, 'ip'), 5, 'exit', 'h')];
    expect(run([...firstMarks, ...same]).filter(o => o.kind === 'probe').map(o => o.fn)).toEqual(['f5', 'g', 'h']);
  });

  test('lets a loss take effect before everything that was still held when it was found', () => {
    const list = [...firstMarks, netlink(50, bytes), lost(-900, 120), tick(200, 0), tick(200, 1), drained(200)];
    const kinds = push(list).map(observation => observation.kind);
    expect(kinds.indexOf('lost')).toBeLessThan(kinds.indexOf('netlink'));
  });

  test('does not let what /proc told of a process overtake the record of its exec', () => {
    const list = [...firstMarks, probe(task(7, 'ip'), 5, 'exec', 'sched_process_exec'), processSeen(6, 7, 500), tick(10, 0), tick(10, 1), drained(10)];
    const kinds = push(list).map(observation => observation.kind);
    expect(kinds.indexOf('probe')).toBeLessThan(kinds.indexOf('process'));
  });

  test('loses nothing and doubles nothing, whatever comes', () => {
    const any = fc.oneof(...Object.values(BY_KIND));
    fc.assert(fc.property(fc.array(any, { maxLength: 60 }), (list) => {
      const out = run(list).filter(observation => observation.kind !== 'lost' || observation.what !== TRACER_BEHIND);
      expect(out.length).toBe(list.length);
      expect(new Set(out)).toEqual(new Set(list));
    }));
  });

  test('never goes back in time while streams keep their order', () => {
    fc.assert(fc.property(streams, fc.array(fc.nat(5), { minLength: 1 }), (list, choices) => {
      const out = times(run([...firstMarks, ...interleave(list, choices)]));
      expect(out).toEqual(out.toSorted((a, b) => a - b));
    }));
  });

  test('gives one order for every order of arrival, but for what happened in the same nanosecond', () => {
    const tell = (o: Observation): string => `${o.time} ${o.kind} ${'cpu' in o ? o.cpu : ''} ${o.kind === 'probe' ? o.fn : ''}`;
    const orders = fc.array(fc.nat(5), { minLength: 1 });
    fc.assert(fc.property(streams, orders, orders, (list, one, two) => {
      const [a = [], b] = [one, two].map(choices => run([...firstMarks, ...interleave(list, choices)]));
      const apart = (all: readonly Observation[] = []): string[] => all.map(tell).filter((_, i) => all[i - 1]?.time !== all[i]?.time && all[i + 1]?.time !== all[i]?.time);
      expect(apart(a)).toEqual(apart(b));
    }));
  });

  test('has nothing left after its flush', () => {
    const timeline = createTimeline();
    timeline.push(call(5));
    timeline.push(ready(6));
    expect([timeline.flush().length, timeline.flush().length]).toEqual([2, 0]);
  });

  test('lets go of everything in order of time at the end', () => {
    expect(times(run([call(9), call(4), netlink(6, bytes, { netns: NETNS })]))).toEqual([4, 6, 9]);
    expect(at(4)).toBe(4_000_000n);
  });
});

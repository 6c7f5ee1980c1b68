import { netnsKey } from '../model/netns.ts';
import type { Observation } from '../model/observation.ts';
import type { Stage } from '../model/ports.ts';
import type { BootTime } from '../model/time.ts';

/** A CPU that has not ticked for this long, while others did, is offline and holds nobody back. */
const SILENT_CPU_NS = 5_000_000_000n;

/**
 * Many streams, each in order, become one in order of time. Per-CPU buffers are read one after the other, so an
 * observation is held back until every CPU has ticked, and every rtnetlink socket was drained, at or after its time.
 * A loss passes at once: whatever is still held back may have suffered from it.
 */
export function createTimeline(): Stage<Observation, Observation> {
  const marks = new Map<string, BootTime>();
  let held: Observation[] = [];

  function release(): Observation[] {
    let until: BootTime | undefined;
    for (const mark of marks.values()) if (until === undefined || mark < until) until = mark;
    const limit = until;
    if (limit === undefined) return [];
    const due = held.filter(observation => observation.time <= limit);
    if (due.length === 0) return due;
    held = held.filter(observation => observation.time > limit);
    return due.sort(byTime);
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'tick':
          marks.set(`cpu:${observation.cpu}`, observation.time);
          for (const [stream, mark] of marks) {
            if (stream.startsWith('cpu:') && observation.time - mark > SILENT_CPU_NS) marks.delete(stream);
          }
          held.push(observation);
          return release();
        case 'drained':
          marks.set(`netlink:${netnsKey(observation.netns)}`, observation.time);
          held.push(observation);
          return release();
        case 'lost':
          if (observation.what === 'tracer ended') {
            for (const stream of marks.keys()) if (stream.startsWith('cpu:')) marks.delete(stream);
          }
          return [observation, ...release()];
        default:
          held.push(observation);
          return [];
      }
    },
    flush() {
      const rest = held.sort(byTime);
      held = [];
      return rest;
    },
  };
}

/** Array.prototype.sort is stable: observations of one time keep the order of their arrival. */
function byTime(a: Observation, b: Observation): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

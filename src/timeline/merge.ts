import { netnsKey } from '../model/netns.ts';
import type { Observation } from '../model/observation.ts';
import type { Stage } from '../model/ports.ts';
import type { BootTime } from '../model/time.ts';

/** A CPU that has not ticked for this long, while others did, is offline and holds nobody back. */
const SILENT_CPU_NS = 5_000_000_000n;
/** Nor does a tracer that says nothing at all for this long. */
const SILENT_TRACER_NS = 15_000_000_000n;

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

  /** CPUs that have not ticked since `before` (undefined: all) hold nobody back any more. */
  function retire(before: bigint | undefined): void {
    for (const [stream, mark] of marks) if (stream.startsWith('cpu:') && (before === undefined || mark < before)) marks.delete(stream);
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'tick':
          marks.set(`cpu:${observation.cpu}`, observation.time);
          retire(observation.time - SILENT_CPU_NS);
          held.push(observation);
          return release();
        case 'drained':
          marks.set(`netlink:${netnsKey(observation.netns)}`, observation.time);
          retire(observation.time - SILENT_TRACER_NS);
          held.push(observation);
          return release();
        case 'lost':
          if (observation.what === 'tracer ended') {
            retire(undefined);
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

/** A message cannot have come before it was sent: of one time, the kernel's records are first. Else arrival decides (sort is stable). */
function byTime(a: Observation, b: Observation): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : rank(a) - rank(b);
}

const rank = ({ source }: Observation): number => source === 'rtnetlink' ? 1 : 0;

import { netnsKey } from '../model/netns.ts';
import { TRACER_BEHIND, TRACER_ENDED, type LostObservation, type Observation, type TickObservation } from '../model/observation.ts';
import type { Stage } from '../model/ports.ts';
import { bootTime, type BootTime } from '../model/time.ts';

/** A CPU from which no tick has come for this long, while fresh ones of others came, is offline and holds nobody back. */
const SILENT_CPU_NS = 5_000_000_000n;
/**
 * A tick that comes later than this is not fresh: the tracer lags behind, and while it prints what waited for one CPU,
 * for as long as more comes in, nothing is known of the others. The time between two ticks counts for so much at most.
 */
const FRESH_NS = 1_000_000_000n;
/** Nor does a tracer of which nothing at all is heard for this long, although one looked: what this process slept through is not counted. */
const SILENT_TRACER_NS = 15_000_000_000n;

/**
 * Many streams, each in order, become one in order of time. Per-CPU buffers are read one after the other, so an
 * observation is held back until every CPU has ticked, and every rtnetlink socket was drained, at or after its time.
 * A loss passes at once: whatever is still held back may have suffered from it.
 */
export function createTimeline(): Stage<Observation, Observation> {
  const marks = new Map<string, BootTime>();
  /** For how long fresh ticks of others have come since the last one of each CPU. */
  const silence = new Map<string, bigint>();
  /** The last tick of CPUs that were taken for offline. */
  const retiredAt = new Map<string, BootTime>();
  /** All up to here is out. */
  let releasedUntil = 0n;
  /** The newest time that any stream has told: the time of day, were the tracer to lag behind. */
  let now = 0n;
  let tickedAt = 0n;
  let tracer: TickObservation['source'] = 'bpftrace';
  let drainedAt = 0n;
  let quiet = 0n;
  let held: Observation[] = [];

  function release(): Observation[] {
    let until: BootTime | undefined;
    for (const time of marks.values()) if (until === undefined || time < until) until = time;
    const limit = until;
    if (limit === undefined) return [];
    if (limit > releasedUntil) releasedUntil = limit;
    const due = held.filter(observation => observation.time <= limit);
    if (due.length === 0) return due;
    held = held.filter(observation => observation.time > limit);
    return due.sort(byTime);
  }

  function mark(stream: string, time: BootTime): void {
    marks.set(stream, time);
    if (time > now) now = time;
  }

  function tick(ticking: string, time: BootTime): readonly LostObservation[] {
    const retired = retiredAt.get(ticking);
    retiredAt.delete(ticking);
    // It was not offline: what the tracer has seen there comes too late for what is out.
    const late: readonly LostObservation[] = retired !== undefined && time < releasedUntil ? [{ kind: 'lost', source: tracer, time: bootTime(releasedUntil), since: retired, what: TRACER_BEHIND }] : [];
    mark(ticking, time);
    const gap = atMostFresh(now - tickedAt);
    tickedAt = now;
    quiet = 0n;
    silence.set(ticking, 0n);
    if (now - time > FRESH_NS) return late;
    for (const [stream, silent] of silence) if (stream !== ticking) silence.set(stream, silent + gap);
    for (const [cpu, last] of retire(stream => (silence.get(stream) ?? 0n) > SILENT_CPU_NS)) retiredAt.set(cpu, last);
    return late;
  }

  /** Such CPUs hold nobody back until they tick again. Returns them, and when they last did. */
  function retire(isSilent: (stream: string) => boolean): readonly (readonly [string, BootTime])[] {
    const retired = [...marks].filter(([stream]) => stream.startsWith('cpu:') && isSilent(stream));
    for (const [stream] of retired) {
      marks.delete(stream);
      silence.delete(stream);
    }
    return retired;
  }

  /** Whoever waits for the tracer waits no longer, and is told why. */
  function giveUp(time: BootTime): readonly LostObservation[] {
    return retire(() => true).length > 0 ? [{ kind: 'lost', source: tracer, time, since: bootTime(tickedAt), what: TRACER_BEHIND }] : [];
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'tick':
          tracer = observation.source;
          held.push(observation);
          return [...tick(`cpu:${observation.cpu}`, observation.time), ...release()];
        case 'drained': {
          mark(`netlink:${observation.netns === undefined ? 'all' : netnsKey(observation.netns)}`, observation.time);
          quiet += atMostFresh(observation.time - (drainedAt > tickedAt ? drainedAt : tickedAt));
          drainedAt = observation.time;
          const lost = quiet > SILENT_TRACER_NS ? giveUp(observation.time) : [];
          held.push(observation);
          return [...lost, ...release()];
        }
        case 'lost':
          if (observation.what === TRACER_ENDED) retire(() => true);
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

const atMostFresh = (gap: bigint): bigint => gap < 0n ? 0n : gap < FRESH_NS ? gap : FRESH_NS;

/** A message cannot have come before it was sent: of one time, the kernel's records are first. Else arrival decides (sort is stable). */
function byTime(a: Observation, b: Observation): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : rank(a) - rank(b);
}

const rank = ({ source }: Observation): number => source === 'rtnetlink' ? 1 : 0;

import { RoutecauseError } from '../../model/errors.ts';
import type { Observation, ProbeObservation } from '../../model/observation.ts';
import { SENTINELS } from './compose.ts';

export interface SentinelOptions {
  /** Makes the kernel run both sentinel functions with this sequence number. */
  readonly provoke: (seq: number) => void;
  /** CPUs online: each must have ticked once, or order between CPUs would not be known yet. */
  readonly cpus: number;
  /** How long attaching may take, milliseconds. */
  readonly readyTimeoutMs: number;
  /** What a sentinel saw of the namespace that our request came from; an error: nothing that is told can be relied on. */
  readonly check?: (record: ProbeObservation) => RoutecauseError | undefined;
}

/** Ready is who has seen a request of our own at both sentinels, and a tick of every CPU. */
export function waitForSentinels(tracer: string, options: SentinelOptions): { promise: Promise<void>; sees(o: Observation): boolean; fail(error: Error): void } {
  const seen = new Set<string>();
  const ticked = new Set<number>();
  const seq = 1 + Math.floor(Math.random() * 0x7fff_fffe);
  const gate = Promise.withResolvers<void>();
  const timers = [
    setInterval(() => { options.provoke(seq); }, 100),
    setTimeout(() => {
      gate.reject(new RoutecauseError(`${tracer} did not attach its probes within ${Math.round(options.readyTimeoutMs / 1000)} s`,
        'look for a loaded machine, or try again with --attach-timeout SECONDS'));
    }, options.readyTimeoutMs),
  ];
  const promise = gate.promise.finally(() => { for (const timer of timers) clearTimeout(timer); });
  return {
    promise,
    fail: error => { gate.reject(error); },
    sees(observation) {
      if (observation.kind === 'tick') ticked.add(observation.cpu);
      const isSentinel = observation.kind === 'probe' && observation.type === 'sentinel';
      if (isSentinel && observation.fields.seq === seq) {
        const problem = options.check?.(observation);
        if (problem !== undefined) gate.reject(problem);
        seen.add(observation.fn);
      }
      if (seen.has(SENTINELS.first) && seen.has(SENTINELS.last) && ticked.size >= options.cpus) gate.resolve();
      return isSentinel;
    },
  };
}

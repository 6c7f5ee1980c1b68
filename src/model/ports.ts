import type { Observation } from './observation.ts';
import type { OutputRecord } from './output.ts';

/**
 * A pure stateful step. The same inputs in the same order give the same outputs: no clock, no I/O, no randomness.
 */
export interface Stage<In, Out> {
  push(input: In): readonly Out[];
  /** Call once, after the last input. */
  flush(): readonly Out[];
}

/** Where observations come from. */
export interface Source {
  /** Starts delivering; resolves when nothing that happens from now on is missed. @throws RoutecauseError */
  start(deliver: (observation: Observation) => void): Promise<void>;
  /** Delivers what is still on its way, then stops. Safe to call twice. */
  stop(): Promise<void>;
}

/** Where results go. */
export interface Sink {
  show(record: OutputRecord): void;
  close(): Promise<void>;
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work in slices of a few milliseconds, between which the event loop does what else there is to do. */
export interface Slices {
  /** Once a slice is over: lets others go first. */
  breathe(): Promise<void>;
  /** Milliseconds that the work took, without those of the others: on a busy host, they may take far longer. */
  worked(): number;
}

/** The event loop waits no longer than this. */
const SLICE_MS = 3;

export function createSlices(): Slices {
  let begun = performance.now();
  let before = 0;
  return {
    async breathe() {
      const took = performance.now() - begun;
      if (took < SLICE_MS) return;
      before += took;
      await nextTurn();
      begun = performance.now();
    },
    worked: () => before + performance.now() - begun,
  };
}

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Reads what comes, again and again. */
export interface Reading {
  start(): void;
  /** Reads all that is there, and ends. False: it had not begun. */
  finish(): Promise<boolean>;
  /** Ends without that. */
  cancel(): void;
}

/** @param read true: there is more, and the next time is at once; else it is after `pauseMs`. */
export function createReading(read: () => boolean, pauseMs: number): Reading {
  let timer: NodeJS.Timeout | undefined;

  function poll(): void {
    const hasMore = read();
    timer = setTimeout(poll, hasMore ? 0 : pauseMs);
  }

  return {
    start: poll,
    async finish() {
      if (timer === undefined) return false;
      clearTimeout(timer);
      timer = undefined;
      while (read()) await nextTurn();
      // Once more: what waited for its stack.
      read();
      return true;
    },
    cancel() { clearTimeout(timer); },
  };
}

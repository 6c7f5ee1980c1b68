/** Least time between the end of one and the begin of the next. */
const RESYNC_INTERVAL_MS = 1000;
/** Losses come where the machine is busy, and reading makes it busier: at least so many times as long as it took, nothing is read. */
const BREATHS = 2;

/** Reads all tables again after losses, one reading at a time. */
export interface Resync {
  /** Something was lost until now: a reading that begins after this is wanted. */
  ask(): void;
  /** Begins no more. */
  stop(): void;
}

/** `dump` ends when all is read. The first loss is answered at once, those of a burst by as few readings as will do. */
export function createResync(dump: () => Promise<void>, now: () => number = () => performance.now()): Resync {
  let timer: NodeJS.Timeout | undefined;
  let notBefore = -Infinity;
  let isReading = false;
  let isWanted = false;
  let isStopped = false;

  function ask(): void {
    isWanted = true;
    if (isReading || isStopped || timer !== undefined) return;
    timer = setTimeout(() => void read(), Math.max(0, notBefore - now()));
  }

  async function read(): Promise<void> {
    timer = undefined;
    // From here on, a loss may hit what this reading has already passed.
    [isReading, isWanted] = [true, false];
    const began = now();
    // One that failed is as good a reason to wait.
    await dump().catch(() => undefined);
    isReading = false;
    notBefore = now() + Math.max(RESYNC_INTERVAL_MS, BREATHS * (now() - began));
    if (isWanted) ask();
  }

  return { ask, stop: () => { isStopped = true; clearTimeout(timer); } };
}

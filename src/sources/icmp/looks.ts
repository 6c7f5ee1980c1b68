/** When to look at the kernel's cache of exceptions after a redirect was heard. */
export interface CacheLooks {
  /** One now: what is there already is no news. */
  begin(): void;
  heard(): void;
  stop(): void;
}

/** IPv6 has an exception at once, IPv4 shows it only with the next packet to that destination. */
const AFTER_MS = [30, 300, 1000, 3000, 8000] as const;
/** Looking takes at most this part of the time. */
const SHARE = 8;

export function createCacheLooks(look: () => Promise<void>): CacheLooks {
  let due: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  let notBefore = 0;
  let isLooking = false;

  function schedule(): void {
    const [first] = due;
    if (first === undefined || timer !== undefined || isLooking) return;
    timer = setTimeout(() => void run(), Math.max(1, Math.max(first, notBefore) - performance.now()));
  }

  async function run(): Promise<void> {
    [timer, isLooking] = [undefined, true];
    const begun = performance.now();
    due = due.filter(time => time > begun);
    await look().catch(() => undefined);
    notBefore = performance.now() + (performance.now() - begun) * SHARE;
    isLooking = false;
    schedule();
  }

  function plan(times: readonly number[]): void {
    const now = performance.now();
    // Of a burst, the looks for the first and for the last one serve all.
    due = [...due.slice(0, AFTER_MS.length), ...times.map(time => now + time)].sort((a, b) => a - b);
    clearTimeout(timer);
    timer = undefined;
    schedule();
  }

  return {
    begin: () => { plan([0]); },
    heard: () => { plan(AFTER_MS); },
    stop: () => {
      due = [];
      clearTimeout(timer);
    },
  };
}

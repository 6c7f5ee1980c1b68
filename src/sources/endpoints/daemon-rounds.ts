import { createPause } from './pacing.ts';

const INTERVAL_MS = 30_000;
/** After something began to be reached differently; then after twice as long, and so on. */
const SOON_MS = 500;
/** Asking takes at most this part of the time. */
const SHARE = 20;

/** When daemons are asked for their peers: now and then, and more often while what they say matters. */
export interface DaemonRounds {
  /** The first round; the others follow by themselves. */
  start(): Promise<void>;
  /** From now on what they say matters, and less so as time goes by. */
  soon(): void;
  stop(): void;
}

export function createDaemonRounds(ask: () => Promise<void>, matters: () => boolean): DaemonRounds {
  const pause = createPause({ soonMs: SOON_MS, growth: 2, latestMs: INTERVAL_MS });
  /** undefined: they are being asked. */
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const roundIn = (ms: number): void => { timer = setTimeout(() => { void round(); }, ms); };

  async function round(): Promise<void> {
    timer = undefined;
    const begun = performance.now();
    await ask();
    const ms = pause.next(matters());
    if (!isStopped) roundIn(Math.max(ms, (performance.now() - begun) * SHARE));
  }

  return {
    start: round,
    soon() {
      const ms = pause.soon();
      if (timer === undefined) return;
      clearTimeout(timer);
      roundIn(ms);
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

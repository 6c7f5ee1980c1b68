import { createPause } from './pacing.ts';

/** When sockets that are reached differently are looked at: soon after that began, then ever later, as long as there are any. */
export interface MovedLooks { soon(): void; stop(): void }

export function createMovedLooks(look: () => Promise<void>, isAnyMoved: () => boolean): MovedLooks {
  const pause = createPause({ soonMs: 500, growth: 1.5, latestMs: 30_000 });
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;

  const roundIn = (ms: number): void => { timer = setTimeout(() => { void round(); }, ms); };

  async function round(): Promise<void> {
    const mine = timer;
    await look();
    // More began to be reached differently meanwhile: they are looked at in their own time.
    if (!isStopped && isAnyMoved() && timer === mine) roundIn(pause.next(true));
  }

  return {
    soon() {
      clearTimeout(timer);
      roundIn(pause.soon());
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

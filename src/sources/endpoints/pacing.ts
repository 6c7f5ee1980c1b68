/** How long something that is done again and again waits for its next time: briefly once it was called for, then ever longer. */
export interface Pause {
  /** It was called for just now. */
  soon(): number;
  /** It was done. Where nobody wants it any more, the pause is the longest one. */
  next(isWanted: boolean): number;
}

export function createPause({ soonMs, growth, latestMs }: { readonly soonMs: number; readonly growth: number; readonly latestMs: number }): Pause {
  let ms = latestMs;
  return {
    soon: () => ms = soonMs,
    next: isWanted => ms = Math.min(isWanted ? ms * growth : latestMs, latestMs),
  };
}

export interface AllowanceOptions {
  /** The work takes at most this part of the time... */
  readonly share: number;
  /** ...but for as much of it as can be saved up. */
  readonly savedMs: number;
  /** From the end of one piece of work to the next. */
  readonly intervalMs: number;
}

/** What a task may take of the time. Times are those of performance.now(). */
export interface Allowance {
  /** A piece of work began and ended then, and worked for so long: when the next one may begin. */
  spend(piece: { readonly begun: number; readonly ended: number; readonly worked: number }): number;
}

export function createAllowance({ share, savedMs, intervalMs }: AllowanceOptions, since: number): Allowance {
  let credit = savedMs;
  let creditSince = since;
  return {
    spend({ begun, ended, worked }) {
      credit = Math.min(savedMs, credit + (begun - creditSince) / share) - worked;
      creditSince = begun;
      return Math.max(ended + intervalMs, begun - Math.min(0, credit) * share);
    },
  };
}

import type { LostObservation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';

/** Turns overflows and drops counters of one socket into `lost` observations that add up to the counter. */
export interface Losses {
  /** The kernel reported an overflow at `time`. */
  overflow(time: BootTime): LostObservation | undefined;
  /** The socket was empty at `time`. The kernel reports an overflow once, then drops in silence until here (NETLINK_S_CONGESTED). */
  drained(time: BootTime): LostObservation | undefined;
  /** All that was counted so far. */
  total(): number;
}

/** @param readDrops the kernel's counter for this socket, undefined where it cannot be read. */
export function createLosses(since: BootTime, readDrops: () => number | undefined): Losses {
  let lastDrained = since;
  let counted = 0;
  let isOpen = false;
  let isTold = false;

  const tell = (time: BootTime, isLast: boolean): LostObservation | undefined => {
    const drops = readDrops();
    const count = drops === undefined ? 0 : drops - counted;
    // The counter moves after the error is set (netlink_overrun()): look again when the socket is empty.
    if (count <= 0 && (isTold || (drops !== undefined && !isLast))) return undefined;
    counted += count;
    isTold = true;
    return { kind: 'lost', source: 'rtnetlink', time, since: lastDrained, what: 'rtnetlink messages', ...(count > 0 ? { count } : {}) };
  };

  return {
    overflow: (time) => {
      isOpen = true;
      return tell(time, false);
    },
    drained: (time) => {
      const lost = isOpen ? tell(time, true) : undefined;
      isOpen = false;
      isTold = false;
      lastDrained = time;
      return lost;
    },
    total: () => counted,
  };
}

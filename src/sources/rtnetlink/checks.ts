import { decodeMessage } from '../../netlink/decode.ts';
import { mayHitSilently } from '../../netlink/hazard.ts';
import { HEADER_BYTES, RTM } from '../../netlink/constants.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';

/** Says when the tables have to be looked at because of what messages did not tell. */
export interface Checks {
  /** A notification came. */
  seen(message: Uint8Array): void;
  /** Looks now, if something may have happened in silence since the last time. */
  last(): Promise<void>;
  stop(): void;
}

/** What belongs to one act is over by then. */
const COALESCE_MS = 25;
const INTERVAL_MS = 200;
/** Looking takes at most this part of the time. */
const SHARE = 8;
/** Routes that change while one looks are left out: so often is looked again. */
const AGAIN = 3;
const ROUTE_TYPES: readonly number[] = [RTM.NEWROUTE, RTM.DELROUTE];

export function createChecks(look: () => Promise<void>): Checks {
  let isDue = false;
  let isStopped = false;
  let isLooking = false;
  let disturbed = false;
  let again = 0;
  let notBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();

  function schedule(): void {
    isDue = true;
    if (isStopped || isLooking || timer !== undefined) return;
    timer = setTimeout(() => { looking = run(); }, Math.max(COALESCE_MS, notBefore - performance.now()));
  }

  async function run(): Promise<void> {
    timer = undefined;
    [isDue, isLooking, disturbed] = [false, true, false];
    const begun = performance.now();
    await look().catch(() => undefined);
    const took = performance.now() - begun;
    notBefore = performance.now() + Math.max(INTERVAL_MS, took * SHARE);
    isLooking = false;
    if (isDue) { again = 0; schedule(); } else if (disturbed && again < AGAIN) { again++; schedule(); } else again = 0;
  }

  return {
    seen(message) {
      if (message.length < HEADER_BYTES) return;
      const type = new DataView(message.buffer, message.byteOffset, message.byteLength).getUint16(4, HOST_LITTLE_ENDIAN);
      if (ROUTE_TYPES.includes(type)) { disturbed = true; return; }
      if (mayHitSilently(decodeMessage(message))) schedule();
    },
    async last() {
      clearTimeout(timer);
      await looking;
      if (!isDue) return;
      clearTimeout(timer);
      await run();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

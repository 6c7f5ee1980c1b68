import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BootTime } from '../../model/time.ts';
import { ERRNO, libc } from './libc.ts';
import { receiveFromAll, SLOTS } from './receive.ts';

/** How long one turn of the event loop may be spent on receiving. */
const SLICE_MS = 5;
/** While messages come, collect them for this long instead of waking up for each. */
const COALESCE_MS = 3;
/** So many empty rounds, and the traffic is taken to be over. */
const QUIET_ROUNDS = 3;
/** Keeps the promise of one `drained` every 200 ms under the jitter of timers. */
const HEARTBEAT_MS = 150;
/** Half a second of slices. */
const CATCH_UP_SLICES = 100;

export interface ListenerEvents {
  /** `nsid`: id of the namespace it is from, on a socket that hears others than its own. */
  readonly message: (bytes: Uint8Array, time: BootTime, nsid: number | undefined) => void;
  /** The kernel had to drop messages (ENOBUFS). */
  readonly overflow: (time: BootTime) => void;
  /** `time` was taken before the receive that found nothing: whatever is older has been delivered. */
  readonly drained: (time: BootTime) => void;
}

export interface Listener {
  start(): void;
  /** Receives until nothing waits; false if there was no end to it. */
  catchUp(): Promise<boolean>;
  close(): void;
}

/** Receives from a multicast socket: woken by the event loop when idle, by a short timer when busy. */
export function createListener(fd: number, events: ListenerEvents): Listener {
  const watch = libc().watch(fd);
  let timer: NodeJS.Timeout | undefined;
  let heartbeat: NodeJS.Timeout | undefined;
  let isClosed = false;
  let quietRounds = 0;

  const round = (): void => {
    if (isClosed) return;
    const { received, isEmpty } = drainSlice(fd, events);
    if (!isEmpty) return void setImmediate(round);
    quietRounds = received > 0 ? 0 : quietRounds + 1;
    if (quietRounds < QUIET_ROUNDS) timer = setTimeout(round, COALESCE_MS);
    else watch.start(wake);
  };
  const wake = (): void => {
    quietRounds = 0;
    round();
  };

  return {
    start: () => {
      heartbeat = setInterval(() => { drainSlice(fd, events); }, HEARTBEAT_MS);
      wake();
    },
    catchUp: async () => {
      for (let slice = 0; slice < CATCH_UP_SLICES; slice++) {
        if (drainSlice(fd, events).isEmpty) return true;
        await nextTurn();
      }
      return false;
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      clearInterval(heartbeat);
      watch.close();
    },
  };
}

function drainSlice(fd: number, events: ListenerEvents): { received: number; isEmpty: boolean } {
  const end = performance.now() + SLICE_MS;
  let received = 0;
  do {
    const before = libc().now();
    const messages = receiveFromAll(fd, SLOTS);
    if (messages === -ERRNO.EAGAIN) {
      events.drained(before);
      return { received, isEmpty: true };
    }
    if (messages === -ERRNO.ENOBUFS) events.overflow(libc().now());
    else if (typeof messages === 'number' && messages !== -ERRNO.EINTR) throw new Error(`receiving from the routing socket failed (errno ${-messages})`);
    if (typeof messages === 'number') continue;
    const time = libc().now();
    for (const { bytes, nsid } of messages) events.message(bytes, time, nsid);
    received += messages.length;
  } while (performance.now() < end);
  return { received, isEmpty: false };
}

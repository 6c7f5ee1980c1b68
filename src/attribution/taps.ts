import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { BootTime } from '../model/time.ts';

/** Bytes of a message that the tap prints: enough to tell any two route messages apart (table and destination end before). */
const TAP_BYTES = 120;
const KEEP_NS = 10_000_000_000n;

/** Identity of a message: its namespace, its length (nlmsg_len), and its bytes as far as the tap reads them. */
export const messageKey = (netns: NetnsRef, bytes: Uint8Array, length: number): string =>
  `${netnsKey(netns)}|${length}|${Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, length, TAP_BYTES)).toString('latin1')}`;

/** Notifications seen leaving the kernel, waiting for the same bytes to arrive at the socket. Equal ones pair in order. */
export interface TapQueue<T extends { readonly time: BootTime }> {
  add(key: string, tap: T): void;
  /** The oldest tap for these bytes that is not after `until`, and those of the same bytes that wait behind it. */
  take(key: string, until: BootTime): { readonly tap: T; readonly waiting: readonly T[] } | undefined;
  /** Drops what nobody came for; returns how many. */
  expire(now: BootTime): number;
  clear(): void;
}

export function createTapQueue<T extends { readonly time: BootTime }>(): TapQueue<T> {
  const queues = new Map<string, T[]>();
  return {
    add(key, tap) {
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, [tap]); else queue.push(tap);
    },
    take(key, until) {
      const queue = queues.get(key);
      const [tap, ...waiting] = queue ?? [];
      if (queue === undefined || tap === undefined || tap.time > until) return undefined;
      queue.shift();
      if (queue.length === 0) queues.delete(key);
      return { tap, waiting: waiting.filter(other => other.time <= until) };
    },
    expire(now) {
      let dropped = 0;
      for (const [key, queue] of queues) {
        const kept = queue.filter(tap => now - tap.time < KEEP_NS);
        dropped += queue.length - kept.length;
        if (kept.length === 0) queues.delete(key); else if (kept.length < queue.length) queues.set(key, kept);
      }
      return dropped;
    },
    clear() { queues.clear(); },
  };
}

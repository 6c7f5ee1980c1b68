import type { BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';

/** A notification that was seen leaving the kernel without its bytes: only its stack tells what it was about. */
export interface UnreadTap { readonly time: BootTime; readonly origin: Origin }

/** They pair by family, direction and order with messages that nobody asked for: likely at best. */
export interface UnreadTaps {
  add(tap: UnreadTap): void;
  /** The oldest that fits, and those of other acts that would fit as well. */
  take(family: number, isAdded: boolean, until: BootTime): { readonly tap: UnreadTap; readonly others: readonly UnreadTap[] } | undefined;
  clear(): void;
}

/** A message is received this soon after it was sent, or it was another one's. */
const KEEP_NS = 1_000_000_000n;
const MOST = 4096;
const AF_INET = 2;
const AF_INET6 = 10;
/** Functions that announce, and those that tell the direction. */
const ANNOUNCES = [{ family: AF_INET, by: /^rtmsg_fib/ }, { family: AF_INET6, by: /^(inet6_rt_notify|fib6_(add|del|rt_update)|ip6_route_(add|del))/ }];
const ADDS = /^(fib6_add|fib_table_insert)/;
const REMOVES = /^(fib6_del|fib_table_(delete|flush))/;
/** A route that a program asked for bears its port id. */
const REQUESTED = /^(inet_rtm_(new|del)route|inet6_rtm_(new|del)route)/;

export function createUnreadTaps(): UnreadTaps {
  let waiting: (UnreadTap & { readonly family: number; readonly added: boolean | undefined })[] = [];
  return {
    add(tap) {
      const frames = tap.origin.frames ?? [];
      const family = ANNOUNCES.find(({ by }) => frames.some(frame => by.test(frame)))?.family;
      if (family === undefined || frames.some(frame => REQUESTED.test(frame))) return;
      const decisive = frames.find(frame => ADDS.test(frame) || REMOVES.test(frame));
      waiting.push({ ...tap, family, added: decisive === undefined ? undefined : ADDS.test(decisive) });
      if (waiting.length > MOST) waiting.shift();
    },
    take(family, isAdded, until) {
      waiting = waiting.filter(({ time }) => until - time < KEEP_NS);
      const fit = waiting.filter(tap => tap.family === family && tap.time <= until && (tap.added ?? isAdded) === isAdded);
      const [tap] = fit;
      if (tap === undefined) return undefined;
      waiting.splice(waiting.indexOf(tap), 1);
      return { tap, others: fit.filter(other => other.origin.act.id !== tap.origin.act.id && other.origin.act.actor.pid !== tap.origin.act.actor.pid) };
    },
    clear() { waiting = []; },
  };
}

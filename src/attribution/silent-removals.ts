import { CAUSES } from '../causes/index.ts';
import { slotOf } from '../fib/identity.ts';
import type { ShadowFib } from '../fib/shadow.ts';
import type { NameLookup } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { isCertain, type Origin } from './acts.ts';
import { evidenceOf } from './join.ts';
import type { Judge } from './judge.ts';
import { netnsOf, partialRouteOf } from './removal.ts';
import type { Renames } from './renames.ts';
import type { Silence, Unsettled } from './silence.ts';
import { threadOf } from './thread.ts';

export interface SilentRemovalsOptions {
  readonly judge: Judge; readonly shadow: ShadowFib; readonly silence: Silence;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
  readonly renames: Renames;
}

/** Routes that left a FIB, as the kernel's own functions show it. Those that no message tells are silent. */
export interface SilentRemovals {
  onRemoval(record: ProbeObservation, origin: Origin): void;
  /** A route message is about to leave the kernel: the newest removal there is not silent. */
  onTap(record: ProbeObservation): void;
}

/** Functions under which removals are announced by one message of the whole: a replace, the deletion of a multipath route. */
const MERGED: ReadonlySet<string> = new Set(['fib6_add', 'ip6_route_del', 'inet6_rtm_delroute', 'ip6_route_multipath_del', 'ip6_route_multipath_add']);
const UNANNOUNCED = 'the removal was seen in the kernel, and no notification was sent for it before its root call returned';

export function createSilentRemovals({ judge, shadow, silence, namesIn, renames }: SilentRemovalsOptions): SilentRemovals {
  const slots = new WeakMap<Unsettled, string>();
  return {
    onRemoval(record, origin) {
      const netns = netnsOf(record);
      const seen = partialRouteOf(record);
      if (netns === undefined || seen === undefined || origin.frames?.some(frame => MERGED.has(frame)) === true) return;
      // Only a flush removes IPv4 routes without a message; a return of it that was missed must not make others silent.
      if (seen.family === 'ipv4' && origin.frames?.includes('fib_table_flush') === false) return;
      // fib_table_flush() has announced what goes because its source does.
      if (record.fields.pfsrcremoved === 1) return;
      const { time } = record;
      const then = namesIn(netns);
      const slot = slotOf(seen);
      const removal: Unsettled = {
        netns, time, tid: threadOf(record), isOfFlags: false, needsMessages: false, goesWithNetns: origin.frames?.includes('cleanup_net') === true,
        // That one announces what it removes or never; IPv6 has nothing to do with it.
        endsWith: fn => fn !== 'fib_table_flush' || seen.family === 'ipv4',
        // Messages of one socket come in order; and where a route comes, the one before it is gone.
        precedes: ({ sent, slot: comes }, returned) => sent !== undefined && ((returned !== undefined && returned < sent) || (time < sent && comes === slot)),
        settle() {
          const change = shadow.applyRemoval(netns, seen, time);
          return change === undefined ? undefined : judge.caused('change', CAUSES, { change, ...origin, names: renames.namesAt(netns, time, then, namesIn(netns)) }, {
            sure: isCertain(origin),
            evidence: [{ kind: 'call', text: UNANNOUNCED }, ...(origin.frames === undefined ? [] : evidenceOf(origin))], others: [],
          });
        },
      };
      slots.set(removal, slot);
      silence.add(removal);
    },
    onTap(record) {
      const { msg, msglen } = record.fields;
      if (msg === undefined || msglen === undefined) return;
      const message = decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
      // Of IPv4 the message comes first.
      if (message.kind !== 'route' || !message.deleted || message.route.family === 'ipv4') return;
      const [tid, slot] = [threadOf(record), slotOf(message.route)];
      silence.drop(one => one.tid === tid && slots.get(one) === slot);
    },
  };
}

import type { NameLookup } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { RtMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';

/** Under which names devices were known at a moment that messages have not told of yet: the socket may be read late. */
export interface Renames {
  onRequest(netns: NetnsRef, time: BootTime, message: RtMessage): void;
  /** `before`: as messages had told when what happened at `time` was seen; `now`: after all had been read that was sent by then. */
  namesAt(netns: NetnsRef, time: BootTime, before: NameLookup, now: NameLookup): NameLookup;
}

const KEPT = 256;

export function createRenames(): Renames {
  /** When each name was asked for, of requests that name their device by index; a request may name it as it is called anyhow. */
  const asked = new Map<string, BootTime>();
  const key = (netns: NetnsRef, ifindex: number, name: string): string => `${netnsKey(netns)} ${ifindex} ${name}`;
  return {
    onRequest(netns, time, message) {
      if (message.kind !== 'link' || message.name === undefined || message.ifindex <= 0) return;
      asked.delete(key(netns, message.ifindex, message.name));
      asked.set(key(netns, message.ifindex, message.name), time);
      if (asked.size > KEPT) asked.delete(asked.keys().next().value ?? '');
    },
    namesAt: (netns, time, before, now) => ({
      device(ifindex) {
        const name = now.device(ifindex);
        const since = name === undefined ? undefined : asked.get(key(netns, ifindex, name));
        // That it was granted the name itself says. A device that came a moment before may have been told of by now, and one that went has been forgotten.
        return since !== undefined && since <= time ? name : before.device(ifindex) ?? name;
      },
      kind: ifindex => before.kind(ifindex) ?? now.kind(ifindex),
      vrf: table => before.vrf(table) ?? now.vrf(table),
    }),
  };
}

import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { PortObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';

/** One search for those that hold a socket, and from when to when the socket was seen there after it. */
export interface Look extends Pick<PortObservation, 'inode' | 'holders' | 'complete'> {
  readonly searched: BootTime;
  readonly first: BootTime;
  readonly last: BootTime;
}

/** What /proc told of each port id, lately. */
export interface PortLooks {
  add(port: PortObservation): void;
  /** Oldest first. */
  of(netns: NetnsRef, portid: number): readonly Look[];
}

const KEPT_LOOKS = 64;
const KEPT_PORTS = 4096;

export function createPortLooks(): PortLooks {
  const all = new Map<string, Look[]>();
  return {
    add({ netns, portid, inode, holders, complete, time, searched }) {
      const key = `${netnsKey(netns)}|${portid}`;
      const list = all.get(key) ?? [];
      const before = list.at(-1);
      const isSame = inode !== undefined && before?.inode === inode && before.holders.join() === holders.join();
      // Recordings of old tell a search again as if it were a new one.
      const since = searched ?? (isSame ? before.searched : time);
      if (isSame && before.searched === since) list[list.length - 1] = { ...before, last: time };
      else list.push({ ...(inode === undefined ? {} : { inode }), holders, complete, searched: since, first: time, last: time });
      if (list.length > KEPT_LOOKS) list.splice(0, KEPT_LOOKS / 2);
      all.delete(key);
      all.set(key, list);
      if (all.size > KEPT_PORTS) all.delete(all.keys().next().value ?? '');
    },
    of: (netns, portid) => all.get(`${netnsKey(netns)}|${portid}`) ?? [],
  };
}

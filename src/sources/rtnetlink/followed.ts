import { netnsKey, type NetnsPlace, type NetnsRef } from '../../model/netns.ts';
import type { Observation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import { libc } from './libc.ts';
import type { Lookout } from './lookout.ts';
import { netnsOfSocket, openNetns, type NetnsHandle } from './netns.ts';
import { openRouteSocket } from './socket.ts';

/** A namespace that the lookout hears. */
export interface Followed {
  readonly nsid: number;
  readonly netns: NetnsRef;
  /** The way in that was found last. */
  place: NetnsPlace;
  name: string | undefined;
  readonly since: BootTime;
  /** A whole dump of it was delivered. */
  isRead: boolean;
}

/** The namespaces that are followed, by their ids at the lookout, which are never given twice. */
export interface FollowedNamespaces {
  /** Follows those that are new; returns those that are to be dumped. `quick`: these are not all there are. */
  take(places: readonly NetnsPlace[], quick: boolean): readonly Followed[];
  get(nsid: number): Followed | undefined;
  /** False: nobody followed it. */
  end(nsid: number, time: BootTime): boolean;
  /** Opens it; undefined: it cannot be entered by the way that is known. */
  enter(one: Followed): NetnsHandle | undefined;
  isAlive(one: Followed): boolean;
  knows(netns: NetnsRef): boolean;
  ids(): readonly number[];
  all(): readonly Followed[];
}

/** A program may take its name, or get its own group, a while after its namespace was made. */
const RENAMED_NS = 5_000_000_000n;

export function createFollowed(lookout: Lookout, deliver: (observation: Observation) => void, nameOf: (place: NetnsPlace) => string | undefined): FollowedNamespaces {
  const byId = new Map<number, Followed>();
  /** An inode number is used again only after the kernel has told the end of its last namespace; that may still wait in the socket. */
  const byInode = new Map<number, Followed>();
  const names = new Map<string, Followed>();
  let lastId = 0;

  function follow(place: NetnsPlace): Followed | undefined {
    const handle = open(place);
    if (handle === undefined) return undefined;
    try {
      const nsid = lastId + 1;
      if (handle.inode !== place.inode || !lookout.assign(handle.fd, nsid)) return undefined;
      lastId = nsid;
      const netns = handle.inside(() => identify(handle.inode));
      const one: Followed = { nsid, netns, place, name: undefined, since: libc().now(), isRead: false };
      byId.set(nsid, one);
      byInode.set(place.inode, one);
      deliver({ kind: 'netns', source: 'rtnetlink', time: one.since, netns, event: 'found' });
      return one;
    } finally {
      handle.close();
    }
  }

  /** The place leads to this one, not to a successor that got its inode number. */
  function isOf(place: NetnsPlace, one: Followed): boolean {
    const handle = open(place);
    if (handle === undefined) return false;
    try {
      return lookout.idOf(handle.fd) === one.nsid;
    } finally {
      handle.close();
    }
  }

  /** No two namespaces that are there at the same time have one name. */
  function tellName(one: Followed): void {
    const given = nameOf(one.place);
    const holder = given === undefined ? undefined : names.get(given);
    const name = given === undefined || holder === undefined || holder === one ? given : `${given}#${one.netns.inode}`;
    if (name === undefined || name === one.name) return;
    forgetName(one);
    one.name = name;
    names.set(name, one);
    deliver({ kind: 'name', source: 'host', time: libc().now(), of: 'netns', id: netnsKey(one.netns), name });
  }

  function forgetName(one: Followed): void {
    if (one.name !== undefined && names.get(one.name) === one) names.delete(one.name);
  }

  return {
    take(places, quick) {
      const now = libc().now();
      return places.flatMap((place) => {
        const known = byInode.get(place.inode);
        const one = known ?? follow(place);
        if (one === undefined) return [];
        const isMoved = known !== undefined && !quick && (known.place.path !== place.path || known.place.pid !== place.pid);
        // Its turn comes when the end of the other one has been read.
        if (known !== undefined && known.place.path !== place.path && !isOf(place, known)) return [];
        if (isMoved) one.place = place;
        if (known === undefined || isMoved || now - one.since < RENAMED_NS) tellName(one);
        return known === undefined || (isMoved && !one.isRead) ? [one] : [];
      });
    },
    get: (nsid) => byId.get(nsid),
    end(nsid, time) {
      const one = byId.get(nsid);
      if (one === undefined) return false;
      byId.delete(nsid);
      if (byInode.get(one.netns.inode) === one) byInode.delete(one.netns.inode);
      forgetName(one);
      deliver({ kind: 'netns', source: 'rtnetlink', time, netns: one.netns, event: 'gone' });
      return true;
    },
    enter(one) {
      if (!byId.has(one.nsid)) return undefined;
      const handle = open(one.place);
      if (handle === undefined || handle.inode === one.netns.inode) return handle;
      handle.close();
      return undefined;
    },
    isAlive: (one) => byId.has(one.nsid),
    knows(netns) {
      const one = byInode.get(netns.inode);
      return one !== undefined && (netns.cookie === undefined || one.netns.cookie === undefined || netns.cookie === one.netns.cookie);
    },
    ids: () => [...byId.keys()],
    all: () => [...byId.values()],
  };
}

function open({ path }: NetnsPlace): NetnsHandle | undefined {
  try {
    return openNetns(path);
  } catch {
    // Gone since it was found.
    return undefined;
  }
}

/** The namespace that this thread is in, which has that inode number. */
export function identify(inode: number): NetnsRef {
  const fd = openRouteSocket();
  try {
    return netnsOfSocket(fd, inode);
  } finally {
    libc().close(fd);
  }
}

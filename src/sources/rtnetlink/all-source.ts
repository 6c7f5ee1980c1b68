import { setImmediate as nextTurn } from 'node:timers/promises';
import { netnsKey, type NetnsPlace, type NetnsRef } from '../../model/netns.ts';
import type { LostObservation, Observation } from '../../model/observation.ts';
import { GROUP, RTM } from '../../netlink/constants.ts';
import { decodeNsid } from '../../netlink/decode-nsid.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { readDrops } from './drops.ts';
import { runDump, type DumpReason } from './dumper.ts';
import { createFollowed, identify, type Followed } from './followed.ts';
import { libc } from './libc.ts';
import { createListener } from './listener.ts';
import { openLookout } from './lookout.ts';
import { createLosses } from './losses.ts';
import { watchMounts } from './mounts.ts';
import { leadsTo, netnsOfSocket, openNetns, type NetnsHandle } from './netns.ts';
import { readProcNet } from './proc-net.ts';
import { createProbeRequests } from './probe-request.ts';
import { createResync } from './resync.ts';
import { growReceiveBuffer, joinGroup } from './socket.ts';
import { groupNames, RECEIVE_BUFFER_BYTES, type GroupName, type RoutingSource } from './source.ts';

/** Namespaces that no mount and no message tells of are looked for this often. */
const SCAN_MS = 500;
/** What hints at a new namespace comes in bursts. */
const SCAN_SOON_MS = 20;
/** How often a dump makes sure that nobody waits for the namespace to end. */
const HOLDER_MS = 50;

export interface AllOptions {
  /** Ways into the namespaces that are to be followed; `quick`: only those that are mounted. */
  readonly find: (quick: boolean) => readonly NetnsPlace[];
  /** What people call it, if they call it anything. */
  readonly nameOf: (place: NetnsPlace) => string | undefined;
  /** Asked of the kernel, which doubles it. @default 32 MiB */
  readonly receiveBufferBytes?: number;
}

/** The rtnetlink messages of many network namespaces, which come and go. */
export interface AllSource extends RoutingSource {
  /** Looks for new ones now: something was seen of a namespace that is not followed. */
  lookFor(netns: NetnsRef, pid: number): void;
}

/**
 * Follows every namespace that `find` gives, and holds none of them: they are heard by a lookout, and a namespace is open
 * only while it is dumped. @throws RoutecauseError
 */
export function openAllSource(options: AllOptions): AllSource {
  const lookout = openLookout();
  const { fd } = lookout;
  const receiveBufferBytes = growReceiveBuffer(fd, options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
  const missingGroups: GroupName[] = [];
  const ours = openNetns(undefined);
  const probes = createProbeRequests(ours);
  const losses = createLosses(libc().now(), () => readDrops(lookout.handle, fd));
  const followed = createFollowed(lookout, (observation) => deliver(observation), options.nameOf);
  let deliver = (_observation: Observation): void => {};
  let dumps: Promise<void> = Promise.resolve();
  const resync = createResync(() => dump('resync'));
  let soon: NodeJS.Timeout | undefined;
  let regular: NodeJS.Timeout | undefined;
  let unwatch: (() => void) | undefined;
  let stopped: Promise<void> | undefined;

  const listener = createListener(fd, {
    message: (bytes, time, nsid) => {
      const told = decodeNsid(bytes);
      if (nsid === undefined) {
        if (told?.event === 'deleted' && followed.end(told.nsid, time)) scanSoon();
        return;
      }
      const one = followed.get(nsid);
      if (one === undefined) return;
      if (told !== undefined || isOfLink(bytes)) scanSoon();
      if (told === undefined) deliver({ kind: 'netlink', source: 'rtnetlink', time, netns: one.netns, dump: false, bytes });
    },
    overflow: (time) => tellLoss(losses.overflow(time)),
    drained: (time) => {
      tellLoss(losses.drained(time));
      deliver({ kind: 'drained', source: 'rtnetlink', time });
    },
  });

  function tellLoss(lost: LostObservation | undefined): void {
    if (lost === undefined) return;
    deliver(lost);
    resync.ask();
  }

  function scan(quick: boolean): void {
    if (stopped !== undefined) return;
    readFirst(followed.take(options.find(quick), quick));
  }

  /** One that cannot be read now is heard all the same, and read when another way into it is found. */
  function readFirst(found: readonly Followed[]): void {
    for (const one of found) queueDump(one, 'start').catch(() => undefined);
  }

  function scanSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      scan(false);
    }, SCAN_SOON_MS);
  }

  function queueDump(one: Followed, reason: DumpReason): Promise<void> {
    const next = dumps.then(() => dumpOne(one, reason));
    dumps = next.catch(() => {});
    return next;
  }

  /** The namespace is open, and thereby kept alive, no longer than this takes. */
  async function dumpOne(one: Followed, reason: DumpReason): Promise<void> {
    const handle = followed.enter(one);
    if (handle === undefined) return;
    let checked = performance.now();
    let isLeft = false;
    // Whoever deletes it wants its devices to go now: what is not read by then never will be.
    const isOver = (): boolean => {
      if (stopped !== undefined || isLeft || !followed.isAlive(one)) return true;
      if (performance.now() < checked + HOLDER_MS) return false;
      checked = performance.now();
      return (isLeft = !leadsTo(one.place.path, one.place.inode));
    };
    try {
      // The file may lead to a successor with the same inode number: then the end of this one waits in the socket.
      await listener.catchUp();
      if (!followed.isAlive(one)) return;
      const isWhole = await runDump({ handle, netns: one.netns, deliver, catchUp: () => listener.catchUp(), isStopping: isOver }, reason);
      if (isWhole && reason !== 'cache') one.isRead = true;
    } finally {
      handle.close();
    }
  }

  async function dump(reason: DumpReason, netns?: NetnsRef): Promise<void> {
    if (reason === 'resync') {
      // The end of a namespace may have been among what was lost.
      const left = lookout.ids();
      if (left !== undefined) for (const nsid of followed.ids()) if (!left.has(nsid)) followed.end(nsid, libc().now());
    }
    scan(false);
    const key = netns === undefined ? undefined : netnsKey(netns);
    await Promise.all(followed.all().filter((one) => key === undefined || netnsKey(one.netns) === key).map((one) => queueDump(one, reason)));
  }

  /** Opens it for as long as `act` takes. */
  function within<Result>(netns: NetnsRef, act: (handle: NetnsHandle) => Result): Result | undefined {
    const one = followed.all().find((other) => netnsKey(other.netns) === netnsKey(netns));
    const handle = one === undefined ? undefined : followed.enter(one);
    if (handle === undefined) return undefined;
    try {
      return act(handle);
    } finally {
      handle.close();
    }
  }

  async function finish(): Promise<void> {
    // Not from within a delivery: the final drain would overtake the messages it is busy with.
    await nextTurn();
    unwatch?.();
    clearInterval(regular);
    resync.stop();
    clearTimeout(soon);
    await dumps;
    await listener.catchUp();
    listener.close();
    probes.close();
    lookout.close();
  }

  return {
    probeNetns: identify(ours.inode),
    hasCookies: netnsOfSocket(fd, lookout.handle.inode).cookie !== undefined, receiveBufferBytes, missingGroups, dump,
    start: async (to) => {
      deliver = to;
      missingGroups.push(...groupNames({}).filter((name) => !joinGroup(fd, GROUP[name])));
      listener.start();
      unwatch = watchMounts(() => { scan(true); });
      scan(false);
      regular = setInterval(() => { scan(false); }, SCAN_MS);
      await dumps;
    },
    stop: () => (stopped ??= finish()),
    resync: () => { resync.ask(); },
    probeRequest: (seq) => probes.send(seq),
    drops: () => losses.total(),
    socketTable: (netns) => within(netns, handle => readProcNet(handle, 'netlink')),
    enter: (netns, act) => within(netns, (handle) => handle.inside(act)),
    hearing: { inside: (act) => lookout.handle.inside(act), isOfAll: true, netnsOf: (nsid) => nsid === undefined ? undefined : followed.get(nsid)?.netns },
    following: () => followed.all().map(({ netns }) => netns),
    lookFor: (netns, pid) => {
      if (followed.knows(netns)) return;
      const place = { inode: netns.inode, path: `/proc/${pid}/ns/net`, pid };
      if (leadsTo(place.path, netns.inode)) readFirst(followed.take([place], true));
      else scanSoon();
    },
  };
}

/** A device came, went or changed: containers get theirs this way. */
function isOfLink(bytes: Uint8Array): boolean {
  const type = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(4, HOST_LITTLE_ENDIAN);
  return type === RTM.NEWLINK || type === RTM.DELLINK;
}

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { NetnsRef } from '../../model/netns.ts';
import type { LostObservation, Observation } from '../../model/observation.ts';
import type { Source } from '../../model/ports.ts';
import { GROUP } from '../../netlink/constants.ts';
import { readDrops } from './drops.ts';
import { runDump } from './dumper.ts';
import type { DumpReason } from './dumper.ts';
import { libc } from './libc.ts';
import { createListener } from './listener.ts';
import { createLosses } from './losses.ts';
import { netnsOfSocket, openNetns } from './netns.ts';
import { readProcNet } from './proc-net.ts';
import { createProbeRequests } from './probe-request.ts';
import { createResync } from './resync.ts';
import { growReceiveBuffer, joinGroup, openRouteSocket } from './socket.ts';

/** Doubled by the kernel: room for about 80 000 route notifications of 832 bytes, 0.2 s of the fastest flush. */
export const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024;

export type GroupName = keyof typeof GROUP;

export interface RtnetlinkOptions {
  /** A namespace file such as /run/netns/NAME or /proc/PID/ns/net. @default the namespace of this process */
  readonly netns?: string;
  /** Neighbour messages too. @default false */
  readonly neighbours?: boolean;
  /** Asked of the kernel, which doubles it. @default 32 MiB */
  readonly receiveBufferBytes?: number;
}

/** rtnetlink messages: dumps on demand, and every notification from start to stop. */
export interface RoutingSource extends Source {
  /** Namespaces are told by cookie, not by inode number alone (SO_NETNS_COOKIE, from 5.14). */
  readonly hasCookies: boolean;
  /** What the kernel granted, by its own accounting. */
  readonly receiveBufferBytes: number;
  /** Multicast groups that this kernel does not have; known once start() has been called. */
  readonly missingGroups: readonly string[];
  /** Another dump, after those that were asked for before; `netns`: of this one only. @throws RoutecauseError */
  dump(reason: DumpReason, netns?: NetnsRef): Promise<void>;
  /** Something was lost, here or elsewhere: all tables are read again, soon and once for many losses. */
  resync(): void;
  /** Where probeRequest() comes from. */
  readonly probeNetns: NetnsRef;
  /** Makes inet_netconf_get_devconf() and inet6_netconf_get_devconf() run in this process, with this nlmsg_seq. */
  probeRequest(seq: number): void;
  /** Messages that the kernel dropped for want of room, as told in `lost` so far. */
  drops(): number;
  /** Those that are followed now. */
  following(): readonly NetnsRef[];
  /** Runs `act` inside one of them; undefined: there is no way in. What `act` opens keeps the namespace alive until it is closed. */
  enter<Result>(netns: NetnsRef, act: () => Result): Result | undefined;
  readonly hearing: Hearing;
  /** /proc/net/netlink of a namespace: its netlink sockets. undefined: not to be had. */
  socketTable(netns: NetnsRef): string | undefined;
}

/** Where a multicast socket hears what is told in all namespaces that are followed. */
export interface Hearing {
  readonly inside: <Result>(act: () => Result) => Result;
  /** There it hears other namespaces than its own (NETLINK_LISTEN_ALL_NSID). */
  readonly isOfAll: boolean;
  /** The one that a message is from, by the id that came with it. */
  readonly netnsOf: (nsid: number | undefined) => NetnsRef | undefined;
}

/** Those of one network namespace. */
export interface RtnetlinkSource extends RoutingSource { readonly netns: NetnsRef }

/** Opens the socket, but hears nothing before start(). @throws RoutecauseError */
export function openRtnetlinkSource(options: RtnetlinkOptions = {}): RtnetlinkSource {
  const handle = openNetns(options.netns);
  const fd = handle.inside(openRouteSocket);
  const netns = netnsOfSocket(fd, handle.inode);
  const receiveBufferBytes = growReceiveBuffer(fd, options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES);
  const missingGroups: GroupName[] = [];
  const probes = createProbeRequests(handle);
  const losses = createLosses(libc().now(), () => readDrops(handle, fd));
  let deliver = (_observation: Observation): void => {};
  let dumps: Promise<void> = Promise.resolve();
  const resync = createResync(() => dump('resync'));
  let stopped: Promise<void> | undefined;

  const listener = createListener(fd, {
    message: (bytes, time) => deliver({ kind: 'netlink', source: 'rtnetlink', time, netns, dump: false, bytes }),
    overflow: (time) => tellLoss(losses.overflow(time)),
    drained: (time) => {
      tellLoss(losses.drained(time));
      deliver({ kind: 'drained', source: 'rtnetlink', time, netns });
    },
  });

  function tellLoss(lost: LostObservation | undefined): void {
    if (lost === undefined) return;
    deliver(lost);
    resync.ask();
  }

  function dump(reason: DumpReason): Promise<void> {
    const next = dumps.then(async () => { await runDump({ handle, netns, deliver, catchUp: () => listener.catchUp(), isStopping: () => stopped !== undefined }, reason); });
    dumps = next.catch(() => {});
    return next;
  }

  async function finish(): Promise<void> {
    // Not from within a delivery: the final drain would overtake the messages it is busy with.
    await nextTurn();
    resync.stop();
    await dumps;
    await listener.catchUp();
    listener.close();
    probes.close();
    libc().close(fd);
    handle.close();
  }

  return {
    netns, probeNetns: netns, hasCookies: netns.cookie !== undefined, receiveBufferBytes, missingGroups, dump,
    start: async (to) => {
      deliver = to;
      missingGroups.push(...groupNames(options).filter((name) => !joinGroup(fd, GROUP[name])));
      listener.start();
      await dump('start');
    },
    stop: () => (stopped ??= finish()),
    resync: () => { resync.ask(); },
    probeRequest: (seq) => probes.send(seq),
    drops: () => losses.total(),
    following: () => [netns],
    enter: (_netns, act) => handle.inside(act),
    hearing: { inside: act => handle.inside(act), isOfAll: false, netnsOf: () => netns },
    socketTable: () => readProcNet(handle, 'netlink'),
  };
}

export function groupNames(options: Pick<RtnetlinkOptions, 'neighbours'>): GroupName[] {
  const names = Object.keys(GROUP) as GroupName[];
  return names.filter((name) => name !== 'neighbour' || options.neighbours === true);
}

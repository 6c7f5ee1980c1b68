import { ND, ND_ROUTER_FLAG } from '../../model/icmp.ts';
import { netnsKey, type NetnsRef } from '../../model/netns.ts';
import type { Observation } from '../../model/observation.ts';
import type { BootTime } from '../../model/time.ts';
import { libc, type Watch } from '../rtnetlink/libc.ts';
import { openNetns } from '../rtnetlink/netns.ts';
import { receivePackets } from './receive.ts';
import { openIcmpSockets, type IcmpSocket } from './sockets.ts';

/** What routers and neighbours say to the namespaces that are listened in. */
export interface IcmpListener {
  /** `path` undefined: our own namespace. Does nothing where it is not allowed, or done already. */
  join(netns: NetnsRef, path: string | undefined): void;
  /** An open socket keeps its namespace alive: it is closed as soon as nobody else is known to be there. */
  leave(netns: NetnsRef): void;
  readonly joined: () => readonly NetnsRef[];
  /** A message was received at `time`: packets that came before it was sent are read now, and are of that time at the latest. */
  catchUp(netns: NetnsRef, time: BootTime): void;
  close(): void;
}

interface Ears { readonly netns: NetnsRef; readonly sockets: readonly (IcmpSocket & { readonly watch: Watch })[]; readonly drops: Map<number, number> }

export function createIcmpListener(deliver: (observation: Observation) => void): IcmpListener {
  const all = new Map<string, Ears>();

  function drain({ netns, sockets, drops }: Ears, at?: BootTime): void {
    for (const socket of sockets) {
      for (const { drops: count, ...packet } of receivePackets(socket)) {
        const time = at ?? libc().now();
        const before = drops.get(socket.fd) ?? 0;
        if (count > before) deliver({ kind: 'lost', source: 'icmp', time, since: time, count: count - before, what: 'ICMP packets' });
        drops.set(socket.fd, count);
        // Hosts answer all the time, and only those count that may have been routers.
        if (packet.bytes[0] === ND.NEIGHBOUR && ((packet.bytes[4] ?? 0) & ND_ROUTER_FLAG) !== 0) continue;
        deliver({ kind: 'packet', source: 'icmp', time, netns, family: socket.family, ...packet });
      }
    }
  }

  function turn(netns: NetnsRef, isOn: boolean): void {
    deliver({ kind: 'hearing', source: 'icmp', time: libc().now(), netns, isOn });
  }

  function end(ears: Ears): void {
    drain(ears);
    all.delete(netnsKey(ears.netns));
    for (const { fd, watch } of ears.sockets) {
      watch.close();
      libc().close(fd);
    }
  }

  return {
    join(netns, path) {
      if (all.has(netnsKey(netns))) return;
      const opened = openIn(netns, path);
      if (opened.length === 0) return;
      const ears: Ears = { netns, drops: new Map(), sockets: opened.map(socket => ({ ...socket, watch: libc().watch(socket.fd) })) };
      all.set(netnsKey(netns), ears);
      for (const { watch } of ears.sockets) {
        const again = (): void => { drain(ears); if (all.get(netnsKey(netns)) === ears) watch.start(again); };
        watch.start(again);
      }
      turn(netns, true);
    },
    leave(netns) {
      const ears = all.get(netnsKey(netns));
      if (ears === undefined) return;
      end(ears);
      turn(netns, false);
    },
    joined: () => [...all.values()].map(({ netns }) => netns),
    catchUp(netns, time) {
      const ears = all.get(netnsKey(netns));
      if (ears !== undefined) drain(ears, time);
    },
    // What came before the end was heard.
    close: () => { for (const ears of all.values()) end(ears); },
  };
}

function openIn({ inode }: NetnsRef, path: string | undefined): readonly IcmpSocket[] {
  try {
    const handle = openNetns(path);
    try {
      return path === undefined || handle.inode === inode ? handle.inside(openIcmpSockets) : [];
    } finally {
      handle.close();
    }
  } catch {
    // Gone since, or not ours to enter: then nothing is heard there.
    return [];
  }
}

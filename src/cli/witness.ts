import { readProcess, readProcesses } from '../host/processes.ts';
import { ICMP_REDIRECT, ND } from '../model/icmp.ts';
import { netnsKey, type NetnsPlace, type NetnsRef } from '../model/netns.ts';
import type { NetlinkObservation, Observation, PacketObservation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { createIcmpListener } from '../sources/icmp/listen.ts';
import { createCacheLooks, type CacheLooks } from '../sources/icmp/looks.ts';
import { openConnector } from '../sources/proc/connector.ts';
import { createPortWatch, type PortWatch } from '../sources/proc/ports.ts';
import { createChecks, type Checks } from '../sources/rtnetlink/checks.ts';
import type { RoutingSource } from '../sources/rtnetlink/source.ts';

/** What stands in for a tracer: whose port ids they are, who lives, what routers say, and looks at tables that may have changed in silence. */
export interface Witness {
  start(deliver: (observation: Observation) => void): void;
  /** Every observation of the routing sockets, right after it was delivered. */
  heard(observation: Observation): void;
  /** Ways into namespaces by a mount, all of them: those whose end is seen at once. */
  found(places: readonly NetnsPlace[]): void;
  /** One more look where one is due, as far as there is time for it. */
  stop(): Promise<void>;
}

export interface WitnessOptions {
  readonly now: () => BootTime;
  readonly source: Pick<RoutingSource, 'dump' | 'socketTable'>;
  /** Process ids here are not those of the kernel, which process events have. */
  readonly inPidNamespace: boolean;
  /** Listen to ICMP. */
  readonly icmp: boolean;
  /** Our own, where it is watched. */
  readonly own?: number;
}

interface Watched { readonly netns: NetnsRef; readonly ports: PortWatch; readonly checks: Checks; readonly looks: CacheLooks }

const isRedirect = ({ family, bytes: [type] }: PacketObservation): boolean => type === (family === 'ipv4' ? ICMP_REDIRECT : ND.REDIRECT);

/** `struct nlmsghdr.nlmsg_pid` */
const PORT_AT = 12;
const LAST_LOOK_MS = 2000;

export function createWitness({ now, source, inPidNamespace, icmp, own }: WitnessOptions): Witness {
  const read = (pid: number): ReturnType<typeof readProcess> => readProcess(pid, now());
  const watched = new Map<string, Watched>();
  let connector: ReturnType<typeof openConnector>;
  let deliver = (_observation: Observation): void => {};
  let places: readonly NetnsPlace[] = [];
  let caughtUp: BootTime | undefined;
  const listener = icmp ? createIcmpListener(onHeard) : undefined;

  function watchOf(netns: NetnsRef): Watched {
    const key = netnsKey(netns);
    let found = watched.get(key);
    if (found === undefined) {
      watched.set(key, found = {
        netns, looks: createCacheLooks(() => source.dump('cache', netns)),
        ports: createPortWatch({ netns, deliver: observation => { deliver(observation); }, readTable: () => source.socketTable(netns), readProcess: read }),
        checks: createChecks(() => source.dump('check', netns)),
      });
    }
    return found;
  }

  function onHeard(observation: Observation): void {
    deliver(observation);
    if (observation.kind === 'hearing' && observation.isOn) watchOf(observation.netns).looks.begin();
    if (observation.kind === 'packet' && isRedirect(observation)) watchOf(observation.netns).looks.heard();
  }

  /** Listens in our own namespace, and in those whose end is seen at once: whoever listens keeps a namespace alive. */
  function listenIn(netns: NetnsRef): void {
    const place = places.find(({ inode }) => inode === netns.inode);
    if (netns.inode === own) listener?.join(netns, undefined);
    else if (place !== undefined) listener?.join(netns, place.path);
  }

  function onMessage({ netns, bytes, time }: NetlinkObservation): void {
    // Messages that were received together are of one time.
    if (time !== caughtUp) listener?.catchUp(netns, time);
    caughtUp = time;
    if (bytes.length < PORT_AT + 4) return;
    const portid = new Uint32Array(bytes.slice(PORT_AT, PORT_AT + 4).buffer)[0] ?? 0;
    const { ports, checks } = watchOf(netns);
    checks.seen(bytes);
    if (portid !== 0) ports.seen(portid);
  }

  return {
    start(to) {
      deliver = to;
      connector = inPidNamespace ? undefined : openConnector({ deliver: to, read, reread: () => { for (const process of readProcesses(now())) to(process); } });
    },
    heard(observation) {
      if (observation.kind === 'dump' && observation.phase === 'end' && observation.reason !== 'cache') listenIn(observation.netns);
      if (observation.kind === 'netlink' && !observation.dump) onMessage(observation);
      if (observation.kind === 'netns' && observation.event === 'gone') {
        listener?.leave(observation.netns);
        watched.get(netnsKey(observation.netns))?.checks.stop();
        watched.get(netnsKey(observation.netns))?.looks.stop();
        watched.delete(netnsKey(observation.netns));
      }
    },
    found(mounted) {
      places = mounted;
      for (const netns of listener?.joined() ?? []) if (netns.inode !== own && !mounted.some(({ inode }) => inode === netns.inode)) listener?.leave(netns);
    },
    async stop() {
      for (const { looks } of watched.values()) looks.stop();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>(resolve => { timer = setTimeout(resolve, LAST_LOOK_MS); });
      await Promise.race([late, Promise.all([...watched.values()].map(({ checks }) => checks.last()))]);
      clearTimeout(timer);
      for (const { checks } of watched.values()) checks.stop();
      listener?.close();
      connector?.close();
    },
  };
}

import { readProcess, readProcesses } from '../host/processes.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { NetlinkObservation, Observation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { openConnector } from '../sources/proc/connector.ts';
import { createPortWatch, type PortWatch } from '../sources/proc/ports.ts';
import { createChecks, type Checks } from '../sources/rtnetlink/checks.ts';
import type { RoutingSource } from '../sources/rtnetlink/source.ts';

/** What stands in for a tracer: whose port ids they are, who lives, and looks at tables that may have changed in silence. */
export interface Witness {
  start(deliver: (observation: Observation) => void): void;
  /** Every observation of the routing sockets, right after it was delivered. */
  heard(observation: Observation): void;
  /** One more look where one is due, as far as there is time for it. */
  stop(): Promise<void>;
}

export interface WitnessOptions {
  readonly now: () => BootTime;
  readonly source: Pick<RoutingSource, 'dump' | 'socketTable'>;
  /** Process ids here are not those of the kernel, which process events have. */
  readonly inPidNamespace: boolean;
}

interface Watched { readonly ports: PortWatch; readonly checks: Checks }

/** `struct nlmsghdr.nlmsg_pid` */
const PORT_AT = 12;
const LAST_LOOK_MS = 2000;

export function createWitness({ now, source, inPidNamespace }: WitnessOptions): Witness {
  const read = (pid: number): ReturnType<typeof readProcess> => readProcess(pid, now());
  const watched = new Map<string, Watched>();
  let connector: ReturnType<typeof openConnector>;
  let deliver = (_observation: Observation): void => {};

  function watchOf(netns: NetnsRef): Watched {
    const key = netnsKey(netns);
    let found = watched.get(key);
    if (found === undefined) {
      watched.set(key, found = {
        ports: createPortWatch({ netns, deliver: observation => { deliver(observation); }, readTable: () => source.socketTable(netns), readProcess: read }),
        checks: createChecks(() => source.dump('check', netns)),
      });
    }
    return found;
  }

  function onMessage({ netns, bytes }: NetlinkObservation): void {
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
      if (observation.kind === 'netlink' && !observation.dump) onMessage(observation);
      if (observation.kind === 'netns' && observation.event === 'gone') {
        watched.get(netnsKey(observation.netns))?.checks.stop();
        watched.delete(netnsKey(observation.netns));
      }
    },
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>(resolve => { timer = setTimeout(resolve, LAST_LOOK_MS); });
      await Promise.race([late, Promise.all([...watched.values()].map(({ checks }) => checks.last()))]);
      clearTimeout(timer);
      for (const { checks } of watched.values()) checks.stop();
      connector?.close();
    },
  };
}

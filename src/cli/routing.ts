import { findNamespaces } from '../host/namespaces.ts';
import { nameOfNamespace } from '../host/netns-names.ts';
import { netnsKey, type NetnsPlace } from '../model/netns.ts';
import type { Observation } from '../model/observation.ts';
import type { NetnsOutput } from '../model/output.ts';
import { openAllSource } from '../sources/rtnetlink/all-source.ts';
import { libc } from '../sources/rtnetlink/libc.ts';
import { leadsTo } from '../sources/rtnetlink/netns.ts';
import { openRtnetlinkSource, type RoutingSource } from '../sources/rtnetlink/source.ts';
import type { NetnsChoice } from './netns.ts';

/** The rtnetlink side of a live session. */
export interface Routing {
  readonly source: RoutingSource;
  /** For probes; 0: all namespaces. */
  readonly netnsInode: number;
  /** The one that is watched. */
  readonly netns?: NetnsOutput;
  /** A namespace that the tracer tells of, and that is not followed yet, is looked for. */
  readonly onTraced: (observation: Observation) => void;
}

/** Opens what hears the namespaces that were chosen, and holds none of them but our own. @throws RoutecauseError */
export function openRouting(choice: NetnsChoice, onMounts: (places: readonly NetnsPlace[]) => void): Routing {
  switch (choice.kind) {
    case 'own': return openOwn(choice.name);
    case 'one': {
      const { place, name } = choice;
      // The process may end, or the name be taken away, while others keep the namespace.
      const find = (quick: boolean): readonly NetnsPlace[] => {
        onMounts(findNamespaces(true));
        return leadsTo(place.path, place.inode) ? [place] : findNamespaces(quick).filter(({ inode }) => inode === place.inode);
      };
      return {
        source: openAllSource({ find, nameOf: () => name }),
        netnsInode: place.inode, netns: { inode: place.inode, name }, onTraced: () => undefined,
      };
    }
    case 'all': {
      const source = openAllSource({
        find: quick => {
          onMounts(findNamespaces(true));
          return findNamespaces(quick);
        },
        nameOf: nameOfNamespace,
      });
      return {
        source, netnsInode: 0,
        onTraced(observation) {
          if (observation.kind !== 'probe') return;
          const { netns, cookie } = observation.fields;
          if (netns !== undefined) source.lookFor({ inode: netns, ...(cookie === undefined || cookie === 0n ? {} : { cookie }) }, observation.pid);
        },
      };
    }
  }
}

function openOwn(name: string | undefined): Routing {
  const source = openRtnetlinkSource();
  const { netns } = source;
  return {
    source: {
      ...source,
      start: async deliver => {
        if (name !== undefined) deliver({ kind: 'name', source: 'host', time: libc().now(), of: 'netns', id: netnsKey(netns), name });
        await source.start(deliver);
      },
    },
    netnsInode: netns.inode, netns: { inode: netns.inode, ...(name === undefined ? {} : { name }) }, onTraced: () => undefined,
  };
}

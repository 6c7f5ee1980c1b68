import type { NameLookup } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { NameObservation, NetnsObservation } from '../model/observation.ts';
import { PROTOCOLS, SCOPES, TABLES } from '../netlink/names.ts';

/** iproute2's names of numbers as this host has them, and names of namespaces. */
export interface Names {
  observe(name: NameObservation): void;
  /** A namespace came, or is gone: then it keeps its name for a while, because what it took along is told after it. */
  netnsEvent(netns: NetnsObservation): void;
  protocol(id: number): string | undefined;
  scope(id: number): string;
  /** The VRF device of the table, else its name in rt_tables. */
  table(id: number, lookup: NameLookup): string | undefined;
  netns(netns: NetnsRef): string | undefined;
}

const KEPT_GONE = 1000;

export function createNames(): Names {
  const told = new Map<string, string>();
  const gone = new Set<string>();
  const find = (of: NameObservation['of'], id: string): string | undefined => told.get(`${of}/${id}`);
  return {
    netnsEvent({ netns, event }) {
      const key = `netns/${netnsKey(netns)}`;
      if (event === 'found') {
        // Where there are no cookies, it may have the key of one that is gone.
        if (gone.delete(key)) told.delete(key);
        return;
      }
      gone.add(key);
      const [oldest] = gone;
      if (gone.size <= KEPT_GONE || oldest === undefined) return;
      gone.delete(oldest);
      told.delete(oldest);
    },
    observe(name) {
      told.set(`${name.of}/${name.id}`, name.name);
      gone.delete(`${name.of}/${name.id}`);
    },
    protocol: id => find('protocol', String(id)) ?? PROTOCOLS[id],
    scope: id => find('scope', String(id)) ?? SCOPES[id] ?? String(id),
    table: (id, lookup) => lookup.vrf(id) ?? find('table', String(id)) ?? TABLES[id],
    netns: netns => find('netns', netnsKey(netns)) ?? find('netns', String(netns.inode)),
  };
}

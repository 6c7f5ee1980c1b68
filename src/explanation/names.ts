import type { NameLookup } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { NameObservation } from '../model/observation.ts';
import { PROTOCOLS, SCOPES, TABLES } from '../netlink/names.ts';

/** iproute2's names of numbers as this host has them, and names of namespaces. */
export interface Names {
  observe(name: NameObservation): void;
  protocol(id: number): string | undefined;
  scope(id: number): string;
  /** The VRF device of the table, else its name in rt_tables. */
  table(id: number, lookup: NameLookup): string | undefined;
  netns(netns: NetnsRef): string | undefined;
}

export function createNames(): Names {
  const told = new Map<string, string>();
  const find = (of: NameObservation['of'], id: string): string | undefined => told.get(`${of}/${id}`);
  return {
    observe(name) { told.set(`${name.of}/${name.id}`, name.name); },
    protocol: id => find('protocol', String(id)) ?? PROTOCOLS[id],
    scope: id => find('scope', String(id)) ?? SCOPES[id] ?? String(id),
    table: (id, lookup) => lookup.vrf(id) ?? find('table', String(id)) ?? TABLES[id],
    netns: netns => find('netns', netnsKey(netns)) ?? find('netns', String(netns.inode)),
  };
}

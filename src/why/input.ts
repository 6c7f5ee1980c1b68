import type { KernelAnswer, Retraced } from '../lookup/explain-lookup.ts';
import type { LookupKey } from '../lookup/flow.ts';
import type { Situation } from '../lookup/situation.ts';
import type { NetnsOutput } from '../model/output.ts';
import type { NameLookup } from '../model/attribution.ts';
import type { Route } from '../model/route.ts';
import type { WhyAnswer } from '../model/why.ts';
import { createNames, type Names } from '../explanation/names.ts';
import { bootTime } from '../model/time.ts';
import type { Surroundings } from '../provenance/origin.ts';
import type { History } from './history.ts';

/** iproute2's name of a number. */
export interface RouteName { readonly of: 'table' | 'protocol' | 'scope'; readonly id: string; readonly name: string }

/** All that the answer is made of. */
export interface WhyInput {
  readonly version: string;
  readonly query: WhyAnswer['query'];
  readonly netns: NetnsOutput;
  readonly key: LookupKey;
  /** Of a question about a prefix: with its length, and as the kernel writes it. */
  readonly prefix?: string;
  readonly situation: Situation;
  readonly kernel: KernelAnswer;
  readonly retraced: Retraced;
  readonly surroundings: Surroundings;
  readonly names: readonly RouteName[];
  readonly history?: History;
  /** How `ip -n` calls the namespace, where it is not the one of whoever asks. */
  readonly netnsOption?: string;
  /** What weakens the answer, known before it was made. */
  readonly caveats: readonly string[];
}

export interface Naming { readonly lookup: NameLookup; readonly names: Names }

export function namingOf({ links }: Situation, known: readonly RouteName[], netns: NetnsOutput): Naming {
  const names = createNames();
  const tell = (of: RouteName['of'] | 'netns', id: string, name: string): void => names.observe({ kind: 'name', source: 'host', time: bootTime(0n), of, id, name });
  for (const { of, id, name } of known) tell(of, id, name);
  if (netns.name !== undefined) tell('netns', String(netns.inode), netns.name);
  const vrfs = new Map([...links.values()].flatMap(link => link.infoKind === 'vrf' && link.vrfTable !== undefined ? [[link.vrfTable, link.name] as const] : []));
  return { names, lookup: { device: ifindex => links.get(ifindex)?.name, kind: ifindex => links.get(ifindex)?.infoKind, vrf: table => vrfs.get(table) } };
}

/** The route that the answer is about; undefined: there is none. */
export function focusOf({ prefix, situation, kernel, retraced: { walk, agrees } }: Pick<WhyInput, 'prefix' | 'situation' | 'kernel' | 'retraced'>): Route | undefined {
  const used = agrees ? walk.winner : kernel.entry;
  if (prefix === undefined || used?.dst === prefix) return used;
  const exact = situation.routes.filter(route => route.dst === prefix);
  const asked = walk.asked.map(({ table }) => table);
  return exact.find(({ table }) => asked.includes(table)) ?? exact[0] ?? used;
}

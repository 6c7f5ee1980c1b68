import { RTN, RT_TABLE, type Route } from '../model/route.ts';
import type { RuleMessage } from '../model/rtnetlink.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';
import { routesTo } from './table.ts';
import type { PassedOver } from './usable.ts';
import { hasDefaultRules, walkMerged, walkRules, withLastResort, type RuleStep, type Walk } from './walk.ts';

/** What the kernel itself said. */
export interface KernelAnswer {
  /** Where packets go now, exceptions included. */
  readonly used?: Route;
  /** The entry of the table behind it; absent: it did not tell, or there is none. */
  readonly entry?: Route;
  readonly errno?: number;
  readonly message?: string;
}

/** A route that leads to the destination, too, and why it is not the one. */
export interface Loser {
  readonly route: Route;
  readonly because: PassedOver;
  /** Of one in a table that was not asked: the first rule that leads there, and what became of it. */
  readonly step?: RuleStep;
}

/** The lookup retraced. The kernel's answer is the truth: `agrees` says whether ours names the same. */
export interface Retraced { readonly walk: Walk; readonly agrees: boolean; readonly losers: readonly Loser[] }

export function retrace(key: LookupKey, all: Situation, kernel: KernelAnswer): Retraced {
  // A full table has a million routes, of which a handful lead there.
  const situation: Situation = { ...all, routes: routesTo(all.routes, key) };
  const byRules = withLastResort(walkRules(key, situation), key);
  const walks = situation.family === 'ipv4' && hasDefaultRules(situation) ? [byRules, withLastResort(walkMerged(key, situation), key)] : [byRules];
  const walk = walks.find(one => agreesWith(one, kernel, hasDefaultRules(situation)));
  return { walk: walk ?? byRules, agrees: walk !== undefined, losers: losersOf(walk ?? byRules, situation) };
}

/** The same entry, as far as the kernel tells it. */
function agreesWith({ winner, errno, assumedOnLink }: Pick<Walk, 'winner' | 'errno' | 'assumedOnLink'>, kernel: KernelAnswer, mayBeMerged: boolean): boolean {
  if (assumedOnLink === true) return kernel.errno === undefined && kernel.entry === undefined && kernel.used?.table === 0;
  if (kernel.errno !== undefined || errno !== undefined) return kernel.errno === errno;
  const { entry, used } = kernel;
  if (winner === undefined) return false;
  // As long as local and main share a trie, the kernel calls both main.
  const isTable = (table: number): boolean => table === winner.table || (mayBeMerged && table === RT_TABLE.MAIN && winner.table === RT_TABLE.LOCAL);
  if (entry === undefined) return used !== undefined && isTable(used.table) && (used.type === winner.type || isOfDestination(used.type));
  return isTable(entry.table) && entry.dst === winner.dst && (entry.src ?? '') === (winner.src ?? '') && entry.metric === winner.metric && entry.protocol === winner.protocol
    && (entry.family === 'ipv6' || entry.tos === winner.tos) && (entry.type === winner.type || isOfDestination(entry.type)) && legsOf(entry) === legsOf(winner);
}

/** Broadcast and multicast destinations make the type of the answer (net/ipv4/route.c __mkroute_output()). */
const isOfDestination = (type: number): boolean => type === RTN.BROADCAST || type === RTN.MULTICAST;
const legsOf = ({ nexthops }: Route): string => nexthops.map(({ ifindex, gateway }) => `${ifindex ?? ''} ${gateway ?? ''}`).sort().join(', ');

function losersOf(walk: Walk, situation: Situation): readonly Loser[] {
  const told = new Map<Route, PassedOver>();
  for (const { answer: { hit, passed } } of walk.asked) {
    for (const { route, because } of passed) told.set(route, because);
    const outcome = walk.steps.find(step => (step.outcome.kind === 'throw' || step.outcome.kind === 'suppressed') && step.outcome.route === hit)?.outcome;
    if (hit !== undefined && hit !== walk.winner) told.set(hit, outcome?.kind === 'throw' ? 'throw' : outcome?.kind === 'suppressed' ? 'suppressed' : 'later-in-order');
  }
  return situation.routes.filter(route => route !== walk.winner).map((route): Loser => {
    const because = told.get(route);
    if (because !== undefined) return { route, because };
    const step = walk.steps.find(({ rule }) => leadsTo(rule, route.table, situation));
    return step === undefined ? { route, because: 'no-rule' } : { route, because: 'not-asked', step };
  });
}

/** An l3mdev rule leads to the table of whatever VRF a packet is of. */
const leadsTo = (rule: RuleMessage, table: number, { links }: Situation): boolean =>
  rule.action === 1 && (rule.l3mdev === true ? [...links.values()].some(({ infoKind, vrfTable }) => infoKind === 'vrf' && vrfTable === table) : rule.table === table);

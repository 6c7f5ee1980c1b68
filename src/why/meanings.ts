import { lookUp, type Entry, type HostNames, type Topic } from '../encyclopedia/index.ts';
import { SCOPES } from '../netlink/names.ts';
import type { Route } from '../model/route.ts';
import { errorName } from '../netlink/errors.ts';
import { legFlagNames, routeTypeName } from '../netlink/names.ts';
import type { WhyInput } from './input.ts';

/** What the words of the route mean, of those that are worth a word: the encyclopedia's own texts. */
export function meaningsOf(route: Route | undefined, { names, situation, kernel }: WhyInput): readonly Entry[] {
  const host: HostNames = {
    protocols: numbers(names.filter(({ of }) => of === 'protocol')),
    tables: new Map([...numbers(names.filter(({ of }) => of === 'table')), ...[...situation.links.values()].flatMap(link => link.infoKind === 'vrf' && link.vrfTable !== undefined && link.name !== undefined ? [[link.vrfTable, link.name] as const] : [])]),
  };
  const wanted: (readonly [Topic, string])[] = route === undefined ? [] : [
    ['type', routeTypeName(route.type)], ['proto', String(route.protocol)], ['table', String(route.table)],
    ...(route.family === 'ipv4' ? [['scope', SCOPES[route.scope] ?? String(route.scope)] as const] : []),
    ...(route.pref === undefined || route.pref === 'medium' ? [] : [['pref', route.pref] as const]),
    ...[...new Set(route.nexthops.flatMap(leg => legFlagNames(leg.flags)))].map(flag => ['flag', flag] as const),
  ];
  if (kernel.errno !== undefined) wanted.push(['error', errorName(kernel.errno)]);
  return wanted.flatMap(([topic, key]) => lookUp(topic, key, host) ?? []).filter(({ text }) => text.length > 0);
}

const numbers = (names: WhyInput['names']): ReadonlyMap<number, string> => new Map(names.map(({ id, name }) => [Number(id), name]));

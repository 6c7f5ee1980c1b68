import { CAUSES, EXCEPTION_CAUSES } from '../causes/index.ts';
import { protocolAdvice, protocolOwner } from '../causes/protocol-meaning.ts';
import type { Facts, FactsOf, RouteException } from '../model/attribution.ts';
import type { WhyExceptionOutput } from '../model/why.ts';
import type { Reference } from '../model/output.ts';
import { bootTime } from '../model/time.ts';
import { RTN, type Route } from '../model/route.ts';
import { routeTypeName } from '../netlink/names.ts';
import { deviceName, type Origin } from '../provenance/origin.ts';
import type { Naming, WhyInput } from './input.ts';

/** What their causes advise does for those who were not there, too; others speak of a program that nobody saw. */
const HAS_GENERAL_ADVICE: readonly string[] = ['subnet-router-anycast', 'router-advertisement', 'ipv4-address-added', 'ipv6-address-added'];

/** How to be rid of the route, and what to look at first. */
export function adviceFor(route: Route, [origin]: readonly Origin[], input: WhyInput, naming: Naming): readonly string[] {
  const cause = CAUSES.find(({ id }) => id === origin?.causeId);
  const general = cause === undefined || !HAS_GENERAL_ADVICE.includes(cause.id) ? [] : cause.advice(factsOf(route, input, naming), { kind: 'unknown' });
  const ofProtocol = origin?.id === 'program' && protocolOwner(route.protocol) !== undefined ? protocolAdvice(route.protocol) : [];
  const removal = origin?.id === 'program' ? [`To remove it: ${removalCommand(route, input)}`] : [];
  return [...ofProtocol, ...general, ...removal];
}

export const referencesFor = (origin: Pick<Origin, 'causeId'> | undefined): readonly Reference[] => CAUSES.find(({ id }) => id === origin?.causeId)?.references ?? [];

/** Where a redirect or path MTU overrides the route, that is what there is to do something about. */
export function exceptionAdvice(exception: WhyExceptionOutput | undefined, { query, netns }: WhyInput, { lookup }: Naming): { readonly advice: readonly string[]; readonly references: readonly Reference[] } {
  const cause = exception === undefined ? undefined : EXCEPTION_CAUSES.find(({ id }) => id === (exception.event === 'redirect' ? 'icmp-redirect' : 'path-mtu'));
  if (exception === undefined || cause === undefined) return { advice: [], references: [] };
  const time = bootTime(0n);
  const facts: FactsOf<RouteException> = {
    change: { netns: { inode: netns.inode }, time, event: exception.event, family: query.family, dst: exception.dst },
    where: 'unknown', act: { id: '', time, where: 'unknown', actor: { kind: 'unknown' } }, names: lookup,
  };
  return { advice: cause.advice(facts, { kind: 'unknown' }), references: cause.references };
}

/** Nothing is known of how the route came: only itself and the names in it. */
function factsOf(route: Route, { netns }: WhyInput, { lookup }: Naming): Facts {
  const time = bootTime(0n);
  return {
    change: { netns: { inode: netns.inode }, time, change: 'add', silent: false, route },
    where: 'unknown', act: { id: '', time, where: 'unknown', actor: { kind: 'unknown' } }, names: lookup,
  };
}

/** As one would type it: enough words to meet this route and no other. */
function removalCommand(route: Route, { situation, netnsOption }: WhyInput): string {
  const [leg, ...more] = route.nexthops;
  const way = leg === undefined || more.length > 0 ? [] : [leg.gateway === undefined ? '' : `via ${leg.gateway}`, `dev ${quoted(deviceName(situation, leg.ifindex))}`];
  return [
    'ip', netnsOption === undefined ? '' : `-n ${quoted(netnsOption)}`, route.family === 'ipv6' ? '-6' : '', 'route del', route.type === RTN.UNICAST ? '' : routeTypeName(route.type), route.dst,
    ...(route.type >= 6 && route.type <= 9 ? [] : way), `table ${route.table}`, route.metric === 0 ? '' : `metric ${route.metric}`, route.tos === 0 ? '' : `tos 0x${route.tos.toString(16)}`,
  ].filter(word => word !== '').join(' ');
}

/** Devices and namespaces may be called almost anything, and this is to be pasted into a shell. */
const quoted = (word: string): string => (/^[\w@%+=:,.-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

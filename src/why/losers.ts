import type { Loser } from '../lookup/explain-lookup.ts';
import type { RuleStep } from '../lookup/walk.ts';
import { routeOutput } from '../explanation/route-output.ts';
import type { NetnsOutput } from '../model/output.ts';
import type { Route } from '../model/route.ts';
import type { LoserOutput } from '../model/why.ts';
import { lengthPart } from '../netlink/prefix-text.ts';
import type { Naming } from './input.ts';
import { SELECTORS } from './rule-steps.ts';

/** A route as other programs read it, outside of any change. */
export const outputOf = (route: Route, netns: NetnsOutput, { lookup, names }: Naming) =>
  routeOutput(route, { netns: { inode: netns.inode }, route }, lookup, names);

/** The most specific first: those are what people take for the answer. */
export const loserOutputs = (losers: readonly Loser[], winner: Route | undefined, netns: NetnsOutput, naming: Naming): readonly LoserOutput[] =>
  losers.toSorted((a, b) => lengthPart(b.route.dst) - lengthPart(a.route.dst))
    .map(loser => ({ route: outputOf(loser.route, netns, naming), because: loser.because, text: words(loser, winner) }));

function words({ route, because, step }: Loser, winner: Route | undefined): string {
  switch (because) {
    case 'shorter-prefix': return 'a shorter prefix';
    case 'higher-metric': return `a higher metric: ${route.metric}${winner === undefined ? '' : ` against ${winner.metric}`}`;
    case 'lower-preference': return `a lower router preference: ${route.pref ?? 'medium'}${winner?.pref === undefined ? '' : ` against ${winner.pref}`}`;
    case 'later-in-order': return 'equal, but behind it in the table';
    case 'other-tos': return `only for type of service 0x${route.tos.toString(16)}`;
    case 'other-source': return `only for packets from ${route.src ?? 'another source'}`;
    case 'expired': return 'expired: ignored since, and still listed';
    case 'dead': return 'dead: its device is down';
    case 'linkdown': return 'no carrier, and ignore_routes_with_linkdown is set';
    case 'other-device': return 'over another device than the one asked for';
    case 'gateway-failed': return 'its gateway does not answer (neighbour FAILED)';
    case 'same-leaf': return 'behind a nexthop object that cannot be used, in the same place of the table';
    case 'throw': return 'throw: it sends the lookup on to the next rule';
    case 'suppressed': return 'the rule that led to it does not take it';
    case 'not-asked': return step === undefined ? 'its table was not asked' : notAsked(step);
    case 'no-rule': return 'no rule leads to its table';
  }
}

function notAsked({ rule, outcome }: RuleStep): string {
  const leads = `rule ${rule.priority} leads to its table`;
  if (outcome.kind === 'no-match') return `${leads}, but ${SELECTORS[outcome.selector]}`;
  return outcome.kind === 'jumped-over' ? `${leads}, but is jumped over` : `${leads}, but an earlier rule has answered`;
}

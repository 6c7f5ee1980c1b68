import { CAUSES, RULE_CAUSES } from '../causes/index.ts';
import type { Attribution, AttributionOf, NameLookup, RouteChange } from '../model/attribution.ts';
import type { Observation } from '../model/observation.ts';
import type { ChangeOutput, OutputRecord, RouteChangeOutput, RouteFlagsOutput, RuleChangeOutput } from '../model/output.ts';
import { formatRealTime } from '../model/time.ts';
import { legFlagNames } from '../netlink/names.ts';
import { becauseOf } from '../causes/words.ts';
import { actorName } from './actor.ts';
import { attemptOutput } from './attempt-output.ts';
import { exceptionOutput } from './exception-output.ts';
import { explained } from './explained.ts';
import { inPlaceWords } from './in-place-words.ts';
import { createNames } from './names.ts';
import { predatesWords } from './predates.ts';
import { routeOutput } from './route-output.ts';
import { createWarWatch, warWords } from './wars.ts';
import { ruleOutput } from './rule-output.ts';

/** Turns verdicts into words and into the records that other programs read. Pure but for what it has been told so far. */
export interface Explainer {
  /** Names are learnt; a loss and readiness become records of their own. */
  observe(observation: Observation): readonly OutputRecord[];
  explain(attribution: Attribution): ChangeOutput;
  summary(): OutputRecord;
}

const legWords = ({ legs = [] }: RouteChange, lookup: NameLookup): string =>
  legs.length === 1 ? `the leg over ${legs[0]?.ifindex === undefined ? 'no device' : lookup.device(legs[0].ifindex) ?? `ifindex ${legs[0].ifindex}`}` : `${legs.length} legs`;

const SIGN = { add: 'appeared', append: 'appeared', replace: 'was replaced', delete: 'vanished' } as const;

export function createExplainer(clockOffsetNs: bigint): Explainer {
  const names = createNames();
  const counts = { changes: 0, caused: 0, unknown: 0, silent: 0, lost: 0 };
  const wars = createWarWatch();
  let serial = 0;

  function routeChange(attribution: AttributionOf<'change'> | AttributionOf<'present'>, id: string): RouteChangeOutput {
    const { change, names: lookup } = attribution;
    const route = routeOutput(change.route, change, lookup, names);
    const where = `in table ${route.tableName ?? route.table}`;
    const inPlace = attribution.subject === 'present' ? undefined : inPlaceWords(change);
    const result = inPlace ?? (attribution.subject === 'present' ? `route ${route.dst} was there ${where} when its network namespace was found`
      : `route ${route.dst} ${SIGN[change.change]} ${where}${change.silent ? ', without a message' : ''}`);
    const before = { headline: `route ${route.dst} was there before the session began`, evidence: predatesWords(change.route) };
    const { head, body } = explained<'change'>({ ...attribution, subject: 'change' }, { id, clockOffsetNs, table: CAUSES, result, before });
    return {
      kind: attribution.subject === 'present' ? 'route-present' : 'route-change', ...head,
      change: change.change, ...(change.position === undefined ? {} : { position: change.position }),
      silent: change.silent,
      ...(change.replaced === undefined ? {} : { replaced: routeOutput(change.replaced, change, lookup, names) }),
      route, ...body, ...(inPlace === undefined || attribution.verdict.kind !== 'caused' ? {} : { headline: `${becauseOf(body.trigger, actorName(body.actor))}: ${inPlace}` }),
    };
  }

  function ruleChange(attribution: AttributionOf<'rule'>, id: string): RuleChangeOutput {
    const { change, names: lookup } = attribution;
    const rule = ruleOutput(change, lookup, names);
    const result = `rule ${rule.text} ${change.change === 'add' ? 'appeared' : 'vanished'}`;
    const { head, body } = explained(attribution, { id, clockOffsetNs, table: RULE_CAUSES, result });
    return { kind: 'rule-change', ...head, change: change.change, rule, ...body };
  }

  function routeFlags(attribution: AttributionOf<'flags'>, id: string): RouteFlagsOutput {
    const { change, names: lookup } = attribution;
    const route = routeOutput(change.route, change, lookup, names);
    const [before = [], after = []] = [change.replaced, change.route].map(one => one?.nexthops.map(leg => leg.flags));
    const isSet = change.change === 'delete';
    const flags = legFlagNames(after.reduce((all, now, at) => all | (isSet ? now & ~(before[at] ?? 0) : (before[at] ?? 0) & ~now), 0));
    const result = `${legWords(change, lookup)} of route ${route.dst} ${isSet ? 'became' : 'is no longer'} ${flags.join(' ')}`;
    const { head, body } = explained<'change'>({ ...attribution, subject: 'change' }, { id, clockOffsetNs, table: CAUSES, result });
    const because = attribution.verdict.kind === 'caused' ? { headline: `${becauseOf(body.trigger, actorName(body.actor))}: ${result}` } : {};
    return { kind: 'route-flags', ...head, change: isSet ? 'set' : 'cleared', flags, route, ...body, ...because };
  }

  function told(attribution: Attribution, id: string): ChangeOutput {
    switch (attribution.subject) {
      case 'rule': return ruleChange(attribution, id);
      case 'flags': return routeFlags(attribution, id);
      case 'exception': return exceptionOutput(attribution, names, { id, clockOffsetNs });
      case 'attempt': return attemptOutput(attribution, names, { id, clockOffsetNs });
      default: return routeChange(attribution, id);
    }
  }

  function withWar(change: ChangeOutput): ChangeOutput {
    const war = wars.observe(change);
    return war === undefined ? change : { ...change, headline: `${change.headline}; ${warWords(war)}`, war };
  }

  function count({ subject, change, verdict }: Attribution): void {
    if (subject !== 'change') return;
    counts.changes += 1;
    if (change.silent) counts.silent += 1;
    if (verdict.kind === 'caused') counts.caused += 1;
    if (verdict.kind === 'unknown') counts.unknown += 1;
  }

  return {
    explain(attribution) {
      count(attribution);
      const id = String(++serial);
      return withWar(told(attribution, id));
    },
    observe(observation) {
      switch (observation.kind) {
        case 'name': names.observe(observation); return [];
        case 'netns': names.netnsEvent(observation); return [];
        case 'ready': return [{ kind: 'ready', time: formatRealTime(observation.time, clockOffsetNs), bootTimeNs: String(observation.time) }];
        case 'lost':
          counts.lost += observation.count ?? 1;
          return [{
            kind: 'loss', source: observation.source, what: observation.what, ...(observation.count === undefined ? {} : { count: observation.count }),
            time: formatRealTime(observation.time, clockOffsetNs), since: formatRealTime(observation.since, clockOffsetNs), bootTimeNs: String(observation.time),
          }];
        default: return [];
      }
    },
    summary: () => ({ kind: 'summary', ...counts }),
  };
}

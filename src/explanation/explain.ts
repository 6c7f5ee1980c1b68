import { causeById } from '../causes/index.ts';
import type { Attribution } from '../model/attribution.ts';
import type { Observation } from '../model/observation.ts';
import type { OutputRecord, RouteChangeOutput, UnknownReason } from '../model/output.ts';
import { formatRealTime } from '../model/time.ts';
import { actorName } from './actor.ts';
import { createNames } from './names.ts';
import { predatesWords } from './predates.ts';
import { routeOutput } from './route-output.ts';
import { stepsOf } from './steps.ts';

/** Turns verdicts into words and into the records that other programs read. Pure but for what it has been told so far. */
export interface Explainer {
  /** Names are learnt; a loss and readiness become records of their own. */
  observe(observation: Observation): readonly OutputRecord[];
  explain(attribution: Attribution): RouteChangeOutput;
  summary(): OutputRecord;
}

const UNKNOWN_WORDS: Readonly<Record<UnknownReason, string>> = {
  'no-match': 'nothing that was seen explains it',
  'blind': 'this session does not see what would explain it',
  'events-lost': 'events that could explain it were lost',
};
const SIGN = { add: 'appeared', append: 'appeared', replace: 'was replaced', delete: 'vanished' } as const;

export function createExplainer(clockOffsetNs: bigint): Explainer {
  const names = createNames();
  const counts = { changes: 0, caused: 0, unknown: 0, silent: 0, lost: 0 };
  let serial = 0;

  function explain(attribution: Attribution): RouteChangeOutput {
    const { change, verdict, names: lookup, evidence, caveats } = attribution;
    const route = routeOutput(change.route, change, lookup, names);
    const id = String(++serial);
    if (attribution.subject === 'change') {
      counts.changes += 1;
      if (change.silent) counts.silent += 1;
      if (verdict.kind === 'caused') counts.caused += 1;
      if (verdict.kind === 'unknown') counts.unknown += 1;
    }
    const facts = verdict.kind === 'predates-session' ? undefined : verdict.facts;
    const cause = verdict.kind === 'caused' ? causeById(verdict.causeId) : undefined;
    const trigger = verdict.kind === 'caused' ? verdict.trigger : { kind: 'unknown' } as const;
    const actor = verdict.kind === 'caused' && facts !== undefined ? facts.act.actor : { kind: 'unknown' } as const;
    const result = `route ${route.dst} ${SIGN[change.change]} in table ${route.tableName ?? route.table}${change.silent ? ', without a message' : ''}`;
    return {
      kind: attribution.subject === 'present' ? 'route-present' : 'route-change',
      id, origin: facts?.act.id ?? `change-${id}`,
      time: formatRealTime(change.time, clockOffsetNs), bootTimeNs: String(change.time),
      change: change.change, ...(change.position === undefined ? {} : { position: change.position }),
      silent: change.silent,
      ...(change.replaced === undefined ? {} : { replaced: routeOutput(change.replaced, change, lookup, names) }),
      route,
      verdict: verdict.kind,
      ...(verdict.kind === 'caused' ? { confidence: verdict.confidence } : {}),
      ...(verdict.kind === 'unknown' ? { reason: verdict.reason } : {}),
      cause: cause === undefined ? { id: 'unknown', title: 'not known' } : { id: cause.id, title: cause.title },
      trigger, actor,
      headline: cause !== undefined && facts !== undefined ? cause.headline(facts, trigger, actorName(actor))
        : verdict.kind === 'unknown' ? `${result}; ${UNKNOWN_WORDS[verdict.reason]}` : `route ${route.dst} was there before the session began`,
      steps: cause !== undefined && facts !== undefined ? stepsOf(facts, trigger, result) : [],
      evidence: verdict.kind === 'predates-session' ? predatesWords(change.route) : evidence,
      ...(facts?.frames === undefined ? {} : { stack: facts.frames }),
      ...(verdict.kind === 'caused' && verdict.rivals.length > 0 ? {
        rivals: verdict.rivals.map(rival => ({ cause: { id: rival.causeId, title: causeById(rival.causeId)?.title ?? rival.causeId }, actor: rival.actor, tellApart: rival.tellApart })),
      } : {}),
      references: cause?.references ?? [],
      ...(cause !== undefined && facts !== undefined ? { advice: cause.advice(facts, trigger) } : {}),
      ...(caveats.length === 0 ? {} : { caveats }),
    };
  }

  return {
    explain,
    observe(observation) {
      switch (observation.kind) {
        case 'name': names.observe(observation); return [];
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

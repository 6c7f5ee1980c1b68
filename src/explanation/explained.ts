import type { Cause } from '../causes/cause.ts';
import { causeById } from '../causes/index.ts';
import type { AttributionOf, AttributionVerdict, Happening, Subject, Subjects } from '../model/attribution.ts';
import type { Evidence, ExplainedOutput, UnknownReason } from '../model/output.ts';
import { formatRealTime } from '../model/time.ts';
import { actorName } from './actor.ts';
import { stepsOf } from './steps.ts';

/** What the explanation of one happening needs besides its attribution. */
export interface Telling<S extends Subject> {
  readonly id: string;
  readonly clockOffsetNs: bigint;
  readonly table: readonly Cause<Subjects[S]>[];
  /** The effect, as the last step of the way there. */
  readonly result: string;
  /** Said of what was there before the session. */
  readonly before?: { readonly headline: string; readonly evidence: readonly Evidence[] };
}

const UNKNOWN_WORDS: Readonly<Record<UnknownReason, string>> = {
  'no-match': 'nothing that was seen explains it',
  'blind': 'this session does not see what would explain it',
  'events-lost': 'events that could explain it were lost',
};

type Head = Pick<ExplainedOutput, 'id' | 'origin' | 'time' | 'bootTimeNs'>;

/** The parts that every explanation has, of whatever kind of happening: a record begins with `head`, and ends with `body`. */
export function explained<S extends Subject>(attribution: AttributionOf<S>, { id, clockOffsetNs, table, result, before }: Telling<S>): { readonly head: Head; readonly body: Omit<ExplainedOutput, keyof Head> } {
  const { change, verdict, evidence, caveats } = attribution;
  const facts = verdict.kind === 'predates-session' ? undefined : verdict.facts;
  const told = verdict.kind === 'caused' ? toldOf(verdict, table, result) : undefined;
  const head = { id, origin: facts?.act.id ?? `change-${id}`, time: formatRealTime(change.time, clockOffsetNs), bootTimeNs: String(change.time) };
  return { head, body: {
    verdict: verdict.kind,
    ...(verdict.kind === 'caused' ? { confidence: verdict.confidence } : {}),
    ...(verdict.kind === 'unknown' ? { reason: verdict.reason } : {}),
    cause: told?.cause ?? { id: 'unknown', title: 'not known' },
    trigger: told?.trigger ?? { kind: 'unknown' }, actor: told?.actor ?? { kind: 'unknown' },
    headline: told?.headline ?? (verdict.kind === 'unknown' ? `${result}; ${UNKNOWN_WORDS[verdict.reason]}` : before?.headline ?? result),
    steps: told?.steps ?? [],
    evidence: verdict.kind === 'predates-session' ? before?.evidence ?? evidence : evidence,
    ...(facts?.frames === undefined ? {} : { stack: facts.frames }),
    ...(verdict.kind === 'caused' && verdict.rivals.length > 0 ? {
      rivals: verdict.rivals.map(rival => ({ cause: { id: rival.causeId, title: causeById(rival.causeId)?.title ?? rival.causeId }, actor: rival.actor, tellApart: rival.tellApart })),
    } : {}),
    references: told?.references ?? [],
    ...(told === undefined ? {} : { advice: told.advice }),
    ...(caveats.length === 0 ? {} : { caveats }),
  } };
}

/** What the table of causes has to say. */
function toldOf<Change extends Happening>({ facts, trigger, causeId }: Extract<AttributionVerdict<Change>, { kind: 'caused' }>, table: readonly Cause<Change>[], result: string) {
  const cause = table.find(({ id }) => id === causeId);
  const { actor } = facts.act;
  return cause === undefined ? undefined : {
    cause: { id: cause.id, title: cause.title }, trigger, actor, steps: stepsOf(facts, trigger, result), references: cause.references,
    headline: cause.headline(facts, trigger, actorName(actor)), advice: cause.advice(facts, trigger),
  };
}

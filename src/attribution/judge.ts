import { findCauses, findTraces, type Cause } from '../causes/cause.ts';
import type { Scene, Sign } from '../causes/sign.ts';
import type { AttributionOf, AttributionVerdict, FactsOf, NameLookup, Subject, Subjects } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import { TRACER_ENDED, type LostObservation } from '../model/observation.ts';
import type { Actor, Evidence, UnknownReason } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import { createAnswers } from './answers.ts';

/** Why a verdict is held: `sure` if nothing near in time was needed for it; `others` may have done the same. */
export interface Grounds {
  readonly sure: boolean;
  readonly evidence: readonly Evidence[];
  readonly others: readonly { readonly actor: Actor; readonly tellApart: string }[];
}

/** Gives each change its verdict, and no more certainty than what was seen and lost around it allows. */
export interface Judge {
  /** Verdicts are given from now on: before, what is seen is not whole. */
  begin(): void;
  hasBegun(): boolean;
  /** A tracer is at work, and has told all that it saw up to then. */
  trace(until: BootTime): void;
  lose(lost: LostObservation): void;
  /** The tracer tells which functions ran, and nothing of what they were called with: what no cause fits may have one that it cannot tell. */
  seeNoArguments(): void;
  /** Something was lost shortly before. */
  isInShade(time: BootTime): boolean;
  /** A message or record of `source` that is not newer than its last loss: what it belongs to may be lost. */
  isSuspect(source: LostObservation['source'], time: BootTime): boolean;
  caused<S extends Subject>(subject: S, table: readonly Cause<Subjects[S]>[], facts: FactsOf<Subjects[S]>, grounds: Grounds): AttributionOf<S>[];
  unknown<S extends Subject>(subject: S, change: Subjects[S]): AttributionOf<S>[];
  /** It came about where nothing was seen yet. */
  unseen<S extends Subject>(subject: S, change: Subjects[S]): AttributionOf<S>[];
  /** By the messages around a change alone: likely where one fingerprint fits, guessed where several do. */
  inferred<S extends Subject>(subject: S, table: readonly Cause<Subjects[S]>[], scene: Scene<Subjects[S]>, ownerOf: (root: Pick<Sign, 'header' | 'time'>) => { readonly actor: Actor; readonly evidence: readonly Evidence[] }): AttributionOf<S>[];
}

/** Verdicts on changes this close after a loss say so. */
const LOSS_SHADE_NS = 2_000_000_000n;
/** Ticks of all CPUs come this often at least, so what is older was seen, or there was nothing to see. */
const TRACE_GAP_NS = 2_000_000_000n;

export function createJudge(namesIn: (netns: NetnsRef) => NameLookup): Judge {
  const answers = createAnswers();
  let begun = false;
  let tracedUntil: BootTime | undefined;
  let tracerEnded = false;
  let hasNoArguments = false;
  let loss: LostObservation | undefined;

  const isInShade = (time: BootTime): boolean => loss !== undefined && time - loss.time < LOSS_SHADE_NS;

  function tell<S extends Subject>(subject: S, change: Subjects[S], verdict: AttributionVerdict<Subjects[S]>, evidence: readonly Evidence[]): AttributionOf<S>[] {
    if (!begun) return [];
    const caveats = loss !== undefined && isInShade(change.time)
      ? [`${loss.count ?? 'some'} events of ${loss.source} were lost (${loss.what}) shortly before; what they held is not known`] : [];
    return [{ kind: 'attribution', subject, change, verdict, evidence, caveats, names: ('facts' in verdict ? verdict.facts?.names : undefined) ?? namesIn(change.netns) }];
  }

  return {
    begin() { begun = true; },
    hasBegun: () => begun,
    trace(until) { if (tracedUntil === undefined || until > tracedUntil) tracedUntil = until; },
    lose(lost) {
      loss = lost;
      tracerEnded ||= lost.what === TRACER_ENDED;
    },
    seeNoArguments() { hasNoArguments = true; },
    isInShade,
    isSuspect: (source, time) => loss?.source === source && time <= loss.time,
    caused(subject, table, facts, { sure, evidence, others }) {
      const [match, second] = findCauses(table, facts);
      // Without the stack no path can be told from another: that is not a path that nobody knows.
      if (match === undefined) return tell(subject, facts.change, { kind: 'unknown', reason: hasNoArguments || (facts.frames === undefined && facts.request === undefined) ? 'blind' : 'no-match', facts }, evidence);
      const rivals = [
        ...(second === undefined ? [] : [{ causeId: second.cause.id, actor: facts.act.actor, tellApart: 'both causes fit the kernel path that was seen' }]),
        ...others.map(other => ({ causeId: match.cause.id, ...other })),
      ];
      const confidence = sure && rivals.length === 0 && !isInShade(facts.change.time) ? 'proved' : 'likely';
      return tell(subject, facts.change, { kind: 'caused', causeId: match.cause.id, confidence, trigger: match.trigger, facts, rivals }, evidence);
    },
    unseen: (subject, change) => tell(subject, change, { kind: 'unknown', reason: 'blind' }, []),
    inferred(subject, table, scene, ownerOf) {
      const { change, netns, names } = scene;
      const [first, ...rest] = findTraces(table, scene);
      if (first === undefined) return tell(subject, change, { kind: 'unknown', reason: isInShade(change.time) ? 'events-lost' : 'blind' }, []);
      const { cause, trace } = first;
      const owner = trace.root === undefined ? undefined : ownerOf(trace.root);
      // Of rivals each has its own; whose doing it was is not known.
      const actor = rest.length > 0 ? { kind: 'unknown' as const } : trace.actor ?? owner?.actor ?? { kind: 'unknown' as const };
      const id = trace.root !== undefined && trace.root.header.portid !== 0 ? answers(netns, trace.root) : `${netns.inode}.message-${trace.root?.at ?? scene.at}`;
      const facts = { change, where: 'unknown' as const, names, act: { id, time: trace.root?.time ?? scene.time, where: 'unknown' as const, actor } };
      const evidence: readonly Evidence[] = [{ kind: 'message', text: trace.seen }, ...(trace.actor === undefined ? owner?.evidence ?? [] : [])];
      const rivals = rest.map(other => ({ causeId: other.cause.id, actor: other.trace.actor ?? { kind: 'unknown' as const }, tellApart: other.trace.tellApart }));
      const confidence = rivals.length === 0 && trace.weak !== true ? 'likely' : 'guessed';
      return tell(subject, change, { kind: 'caused', causeId: cause.id, confidence, trigger: trace.trigger, facts, rivals }, evidence);
    },
    unknown(subject, change) {
      // A tracer that was given up because it was silent for long has not seen all.
      const isTraced = !tracerEnded && !hasNoArguments && tracedUntil !== undefined && change.time - tracedUntil < TRACE_GAP_NS;
      const reason: UnknownReason = isInShade(change.time) ? 'events-lost' : isTraced ? 'no-match' : 'blind';
      return tell(subject, change, { kind: 'unknown', reason }, []);
    },
  };
}

import { createAttributor } from '../../src/attribution/attribute.ts';
import type { Attribution, AttributionOf } from '../../src/model/attribution.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createTimeline } from '../../src/timeline/merge.ts';

/** Of route changes. */
export type RouteAttribution = AttributionOf<'change'> | AttributionOf<'present'>;
const isOfRoute = (one: Attribution): one is RouteAttribution => one.subject === 'change' || one.subject === 'present';

export const attributions = (observations: readonly Observation[]): RouteAttribution[] => allAttributions(observations).filter(isOfRoute);

export function allAttributions(observations: readonly Observation[]): Attribution[] {
  const timeline = createTimeline();
  const attributor = createAttributor();
  return [
    ...observations.flatMap(one => timeline.push(one)).flatMap(one => attributor.push(one)),
    ...timeline.flush().flatMap(one => attributor.push(one)), ...attributor.flush(),
  ];
}

/** What matters of a verdict, short enough for a table. */
export interface Verdict {
  readonly dst: string; readonly change: string; readonly silent?: true; readonly cause: string; readonly confidence?: string;
  readonly actor?: string; readonly trigger?: string; readonly rivals?: readonly string[];
}

export const verdictOf = ({ change, verdict }: RouteAttribution): Verdict => ({
  dst: change.route.dst, change: change.change, ...(change.silent ? { silent: true } : {}),
  ...(verdict.kind === 'caused' ? {
    cause: verdict.causeId, confidence: verdict.confidence, trigger: verdict.trigger.kind,
    actor: verdict.facts.act.actor.kind === 'process' ? `${verdict.facts.act.actor.argv?.[0] ?? verdict.facts.act.actor.comm ?? '?'}[${verdict.facts.act.actor.pid}]` : verdict.facts.act.actor.kind,
    ...(verdict.rivals.length === 0 ? {} : { rivals: verdict.rivals.map(rival => rival.actor.argv?.[0] ?? rival.actor.comm ?? rival.actor.kind) }),
  } : { cause: verdict.kind === 'unknown' ? `unknown: ${verdict.reason}` : verdict.kind }),
});
export const verdicts = (observations: readonly Observation[]): Verdict[] => attributions(observations).map(verdictOf);

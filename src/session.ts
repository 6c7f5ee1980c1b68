import { createAttributor, type AttributorOptions } from './attribution/attribute.ts';
import { createInferrer } from './attribution/infer.ts';
import { createExplainer } from './explanation/explain.ts';
import { createImpact } from './impact/impact.ts';
import type { Attribution } from './model/attribution.ts';
import { isKernelFrom } from './model/host.ts';
import type { Observation } from './model/observation.ts';
import type { OutputRecord, SessionOutput } from './model/output.ts';
import type { Stage } from './model/ports.ts';
import { createTimeline } from './timeline/merge.ts';

/**
 * The pipeline on one screen: observations in the order of their arrival become records for people and programs.
 * Nothing here reads a clock or a file, so a replay gives what the live session gave.
 */
export function createSession(session: Pick<SessionOutput, 'clockOffsetNs' | 'host'> & Partial<Pick<SessionOutput, 'tier'>>, options: Omit<AttributorOptions, 'prefsrcByTable' | 'linkdownOfAll'> & { readonly impact?: boolean } = {}): Stage<Observation, OutputRecord> {
  const timeline = createTimeline();
  const { kernel } = session.host;
  const rules = { ...options, linkdownOfAll: isKernelFrom(5, 11, kernel) };
  const attributor = session.tier === 'netlink' ? createInferrer(rules) : createAttributor({ ...rules, prefsrcByTable: isKernelFrom(6, 6, kernel) });
  const explainer = createExplainer(BigInt(session.clockOffsetNs));

  const impact = options.impact === false ? undefined : createImpact(BigInt(session.clockOffsetNs));

  const explain = (attribution: Attribution): OutputRecord => {
    const change = explainer.explain(attribution);
    impact?.told(attribution, change);
    return change;
  };
  const tell = (ordered: readonly Observation[]): OutputRecord[] => ordered.flatMap(observation => [
    ...explainer.observe(observation),
    ...impact?.observe(observation) ?? [],
    ...attributor.push(observation).map(explain),
  ]);
  return {
    push: observation => tell(timeline.push(observation)),
    flush: () => [...tell(timeline.flush()), ...attributor.flush().map(explain), ...impact?.flush() ?? [], explainer.summary()],
  };
}

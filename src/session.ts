import { createAttributor, type AttributorOptions } from './attribution/attribute.ts';
import { createExplainer } from './explanation/explain.ts';
import type { Observation } from './model/observation.ts';
import type { OutputRecord } from './model/output.ts';
import type { Stage } from './model/ports.ts';
import { createTimeline } from './timeline/merge.ts';

/**
 * The pipeline on one screen: observations in the order of their arrival become records for people and programs.
 * Nothing here reads a clock or a file, so a replay gives what the live session gave.
 */
export function createSession(clockOffsetNs: bigint, options: AttributorOptions = {}): Stage<Observation, OutputRecord> {
  const timeline = createTimeline();
  const attributor = createAttributor(options);
  const explainer = createExplainer(clockOffsetNs);

  const tell = (ordered: readonly Observation[]): OutputRecord[] => ordered.flatMap(observation => [
    ...explainer.observe(observation),
    ...attributor.push(observation).map(attribution => explainer.explain(attribution)),
  ]);
  return {
    push: observation => tell(timeline.push(observation)),
    flush: () => [...tell(timeline.flush()), ...attributor.flush().map(attribution => explainer.explain(attribution)), explainer.summary()],
  };
}

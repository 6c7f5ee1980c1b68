import type { Observation } from '../model/observation.ts';

/**
 * A namespace is held while its tables are read. If it is deleted meanwhile, its last reference is ours, and who deleted it was not seen:
 * without the object, the record tells that somebody let go of it, and nobody is named.
 */
export function withoutUs(observation: Observation, pid: number): Observation {
  if (observation.kind !== 'probe' || observation.type !== 'defer' || observation.pid !== pid) return observation;
  const { object: _, ...fields } = observation.fields;
  return { ...observation, fields };
}

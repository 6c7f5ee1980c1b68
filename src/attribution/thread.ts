import type { ProbeObservation } from '../model/observation.ts';

/** What runs one thing after the other. The idle tasks of all CPUs share thread id 0, and softirqs run on top of each. */
export const threadOf = ({ tid, cpu }: Pick<ProbeObservation, 'tid' | 'cpu'>): number => tid === 0 ? -1 - cpu : tid;

import type { Instance } from './instance.ts';

/** What was lost since it was asked last: events that found their buffer full, and calls that a probe missed. */
export interface Losses { take(cpus: Iterable<number>): { readonly full: number; readonly missed: number } }

const COUNTERS = /^(?:overrun|commit overrun|dropped events): (\d+)$/gm;

/** The kernel's own counters: per_cpu/cpuN/stats and kprobe_profile. */
export function createLosses(instance: Pick<Instance, 'read' | 'missed'>): Losses {
  const told = new Map<number, number>();
  let missedTold = 0;
  return {
    take(cpus) {
      let full = 0;
      for (const cpu of cpus) {
        const now = lostIn(instance.read(`per_cpu/cpu${cpu}/stats`) ?? '');
        full += Math.max(0, now - (told.get(cpu) ?? 0));
        told.set(cpu, now);
      }
      const now = instance.missed();
      const missed = Math.max(0, now - missedTold);
      missedTold = now;
      return { full, missed };
    },
  };
}

export const lostIn = (stats: string): number => [...stats.matchAll(COUNTERS)].reduce((sum, [, count]) => sum + Number(count), 0);

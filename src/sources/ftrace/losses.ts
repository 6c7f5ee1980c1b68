import { SENTINELS } from '../bpftrace/compose.ts';
import type { Instance } from './instance.ts';

/** What was lost since it was asked last: events that found their buffer full, and calls that a probe missed, with the functions. */
export interface Losses { take(cpus: Iterable<number>): { readonly full: number; readonly missed: number; readonly functions: readonly string[] } }

const COUNTERS = /^(?:overrun|commit overrun|dropped events): (\d+)$/gm;
/** Once they were seen, nobody waits for them any more. */
const IDLE: readonly string[] = Object.values(SENTINELS);

/** The kernel's own counters: per_cpu/cpuN/stats and kprobe_profile. */
export function createLosses(instance: Pick<Instance, 'read' | 'missed'>): Losses {
  const told = new Map<number, number>();
  let missedTold: ReadonlyMap<string, number> = new Map();
  return {
    take(cpus) {
      let full = 0;
      for (const cpu of cpus) {
        const now = lostIn(instance.read(`per_cpu/cpu${cpu}/stats`) ?? '');
        full += Math.max(0, now - (told.get(cpu) ?? 0));
        told.set(cpu, now);
      }
      const counts = instance.missed();
      const news = [...counts].map(([fn, count]) => ({ fn, count: count - (missedTold.get(fn) ?? 0) })).filter(({ fn, count }) => count > 0 && !IDLE.includes(fn));
      missedTold = counts;
      return { full, missed: news.reduce((sum, { count }) => sum + count, 0), functions: news.map(({ fn }) => fn) };
    },
  };
}

export const lostIn = (stats: string): number => [...stats.matchAll(COUNTERS)].reduce((sum, [, count]) => sum + Number(count), 0);

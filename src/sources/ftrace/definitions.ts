import { fieldName, type Program } from './compile/script.ts';
import { fetchText } from './compile/fetch.ts';

/** Who made an instance or a group of kprobes: a pid, and the start time of that process (field 22 of /proc/PID/stat). */
export interface Owner { readonly pid: number; readonly start: bigint }

export const instanceName = ({ pid, start }: Owner): string => `routecause-${pid}-${start}`;
/** Groups of events must be identifiers of C. */
export const groupName = ({ pid, start }: Owner): string => `routecause_${pid}_${start}`;

/** Whose instance or group this is; undefined: none of ours. */
export function ownerOf(name: string): Owner | undefined {
  const [, pid, start] = /^routecause[-_](\d{1,9})[-_](\d{1,19})$/.exec(name) ?? [];
  return pid === undefined || start === undefined ? undefined : { pid: Number(pid), start: BigInt(start) };
}

/** Calls of one function that wait for their return at the same time: any more are missed, and counted. */
const MAX_ACTIVE = 256;

/** What waits for functions to return: a kretprobe, or an fprobe (kernel/trace/trace_fprobe.c, from 6.5). */
export type Returns = 'kretprobe' | 'fprobe';

/** The line for dynamic_events that puts a program on its function. */
export function definition(group: string, event: string, { probe, target, fetches }: Program, returns: Returns): string {
  const fields = fetches.map((fetch, index) => `${fieldName(index)}=${fetchText(fetch) ?? ''}`);
  const name = `${group}/${event}`;
  const place = probe !== 'kretprobe' ? [`p:${name}`, target] : returns === 'fprobe' ? [`f:${name}`, `${target}%return`] : [`r${MAX_ACTIVE}:${name}`, target];
  return [...place, ...fields].join(' ');
}

/** The groups that dynamic_events lists, with their events. Lines are "p:group/event function field=..." */
export function groupsIn(dynamicEvents: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [, group = '', event = ''] of dynamicEvents.matchAll(/^[fpr]\d*:([^/\s]+)\/(\S+)/gm)) groups.set(group, [...groups.get(group) ?? [], event]);
  return groups;
}

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

/** The line for kprobe_events that puts a program on its function. */
export function definition(group: string, event: string, { probe, target, fetches }: Program): string {
  const fields = fetches.map((fetch, index) => `${fieldName(index)}=${fetchText(fetch) ?? ''}`);
  return [`${probe === 'kretprobe' ? `r${MAX_ACTIVE}` : 'p'}:${group}/${event}`, target, ...fields].join(' ');
}

/** The groups that kprobe_events lists, with their events. Lines are "p:group/event function field=..." */
export function groupsIn(kprobeEvents: string): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [, group = '', event = ''] of kprobeEvents.matchAll(/^[pr]\d*:([^/\s]+)\/(\S+)/gm)) groups.set(group, [...groups.get(group) ?? [], event]);
  return groups;
}

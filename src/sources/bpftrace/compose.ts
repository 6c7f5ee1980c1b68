import type { ProbeFile } from './probe-file.ts';

/**
 * bpftrace attaches kprobes one after the other, in reverse order of the program (read in its sources, 0.17 to 0.26).
 * With one sentinel at each end, both answering means that everything between them is attached, whichever way it went.
 */
export const SENTINELS = { first: 'inet_netconf_get_devconf', last: 'inet6_netconf_get_devconf' } as const;

/** One bpftrace program out of single scripts: the order of the rest does not matter. */
export function composeProgram(files: readonly ProbeFile[]): string {
  const rank = (file: ProbeFile): number => file.name === SENTINELS.first ? 0 : file.name === SENTINELS.last ? 2 : 1;
  return [...files].sort((a, b) => rank(a) - rank(b)).map(file => `/* ${file.name} */\n${file.body}\n`).join('\n');
}

import type { Fentry } from '../../model/host.ts';
import { asFentry } from './fentry.ts';
import type { ProbeFile } from './probe-file.ts';

/**
 * bpftrace attaches kprobes one after the other, in reverse order of the program (read in its sources, 0.17 to 0.26).
 * With one sentinel at each end, both answering means that everything between them is attached, whichever way it went.
 */
export const SENTINELS = { first: 'inet_netconf_get_devconf', last: 'inet6_netconf_get_devconf' } as const;

/** `fentry`: attach by it, and not by kprobes. */
export interface Attachment { readonly cookies?: boolean; readonly fentry?: Fentry }

/**
 * One bpftrace program out of single scripts: the order of the rest does not matter. Without cookies (before 5.12 a
 * namespace gets its cookie when somebody asks for it, and the member is no plain number) inodes tell namespaces apart.
 */
export function composeProgram(files: readonly ProbeFile[], { cookies = true, fentry }: Attachment = {}): string {
  const rank = (file: ProbeFile): number => file.name === SENTINELS.first ? 0 : file.name === SENTINELS.last ? 2 : 1;
  const program = [...files].sort((a, b) => rank(a) - rank(b)).map(file => `/* ${file.name} */\n${fentry === undefined ? file.body : asFentry(file.body, fentry)}\n`).join('\n');
  return cookies ? program : program.replaceAll('->net_cookie', '->ns.inum');
}

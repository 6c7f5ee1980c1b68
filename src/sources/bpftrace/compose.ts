import type { Fentry } from '../../model/host.ts';
import { asFentry } from './fentry.ts';
import type { ProbeFile } from './probe-file.ts';

/**
 * bpftrace attaches kprobes one after the other, in reverse order of the program (read in its sources, 0.17 to 0.26).
 * With one sentinel at each end, both answering means that everything between them is attached, whichever way it went.
 */
export const SENTINELS = { first: 'inet_netconf_get_devconf', last: 'inet6_netconf_get_devconf' } as const;

/** `fentry`: attach by it, and not by kprobes. `cookieAt`: where BTF says that struct net has its cookie, in bytes. */
export interface Attachment { readonly cookies?: boolean; readonly fentry?: Fentry; readonly cookieAt?: number }

/** A pointer to struct net, as scripts write it, whose cookie is read. */
const COOKIE = /((?:\$\w+|\(\(struct \w+ \*\)arg\d\))(?:(?:->|\.)\w+)*)->net_cookie\b/g;

/**
 * One bpftrace program out of single scripts: the order of the rest does not matter. Without cookies (before 5.12 a
 * namespace gets its cookie when somebody asks for it, and the member is no plain number) inodes tell namespaces apart.
 * The cookie is read where BTF has it: bpftrace 0.27 looked 144 bytes before that on 7.2, and everything is joined by it.
 */
export function composeProgram(files: readonly ProbeFile[], { cookies = true, fentry, cookieAt }: Attachment = {}): string {
  const rank = (file: ProbeFile): number => file.name === SENTINELS.first ? 0 : file.name === SENTINELS.last ? 2 : 1;
  const withCookie = (body: string): string => !cookies ? body.replaceAll('->net_cookie', '->ns.inum')
    : cookieAt === undefined ? body : body.replaceAll(COOKIE, (_all, net: string) => `*(uint64 *)((uint64)${net} + ${cookieAt})`);
  const attached = (body: string): string => fentry === undefined ? body : asFentry(body, fentry);
  return [...files].sort((a, b) => rank(a) - rank(b)).map(file => `/* ${file.name} */\n${attached(withCookie(file.body))}\n`).join('\n');
}

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { NetnsPlace } from '../model/netns.ts';

const NAMESPACE = /^net:\[(\d+)\]$/;

/** Mounted namespaces in the text of mountinfo: field 4 is "net:[INODE]", field 5 the place, with blanks and the like in octal. */
export function mountedNamespaces(mountinfo: string): NetnsPlace[] {
  return mountinfo.split('\n').flatMap(line => {
    if (!line.includes(' net:[')) return [];
    const [, , , root = '', point = ''] = line.split(' ');
    const inode = NAMESPACE.exec(root)?.[1];
    return inode === undefined ? [] : [{ inode: Number(inode), path: point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) }];
  });
}

/**
 * Every network namespace that can be entered from here, with one way into it each: its mount, else the lowest process in
 * it. `quick`: the mounted ones only, which are found by reading one file.
 */
export function findNamespaces(quick: boolean): NetnsPlace[] {
  const found = new Map<number, NetnsPlace>();
  // `ip netns` names come before those that container engines mount by, and the first mount before copies of it.
  for (const place of mountedNamespaces(read('/proc/self/mountinfo')).sort((a, b) => rank(a) - rank(b))) {
    if (!found.has(place.inode)) found.set(place.inode, place);
  }
  if (quick) return [...found.values()];
  const pids = readdirSync('/proc').flatMap(name => /^\d+$/.test(name) ? [Number(name)] : []).sort((a, b) => a - b);
  for (const pid of pids) {
    const path = `/proc/${pid}/ns/net`;
    const inode = namespaceOf(path);
    const known = inode === undefined ? undefined : found.get(inode);
    if (inode !== undefined && known?.pid === undefined) found.set(inode, { path, ...known, inode, pid });
  }
  return [...found.values()];
}

/** Inode number behind the namespace file of a process; undefined: it is gone, or not for us. */
export function namespaceOf(path: string): number | undefined {
  try {
    const inode = NAMESPACE.exec(readlinkSync(path))?.[1];
    return inode === undefined ? undefined : Number(inode);
  } catch {
    return undefined;
  }
}

const rank = ({ path }: NetnsPlace): number => path.startsWith('/run/netns/') || path.startsWith('/var/run/netns/') ? 0 : 1;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { linkOf } from '../proc/holders.ts';

/** A routing daemon whose peers can be asked for. */
export interface Daemon {
  readonly pid: number; readonly name: 'bgpd' | 'bfdd' | 'bird';
  /** The socket where it takes commands, a file that is the same for us as for it. */
  readonly control: Control;
}
export type Control = { readonly path: string; readonly folder: string } | { readonly without: string };

const DAEMONS: Readonly<Record<string, Daemon['name']>> = { bgpd: 'bgpd', bfdd: 'bfdd', bird: 'bird', bird6: 'bird' };

/** Those that run in a network namespace. */
export function findDaemons(netnsInode: number): readonly Daemon[] {
  return readdirSync('/proc').flatMap(entry => {
    const comm = /^\d+$/.test(entry) ? textOf(`/proc/${entry}/comm`).trim() : '';
    const name = Object.hasOwn(DAEMONS, comm) ? DAEMONS[comm] : undefined;
    if (name === undefined || linkOf(`/proc/${entry}/ns/net`) !== `net:[${netnsInode}]`) return [];
    return [{ pid: Number(entry), name, control: controlOf(entry, path => name === 'bird' || path.endsWith(`/${name}.vty`) || path === `${name}.vty`) }];
  });
}

/** What it listens on, and not what its command line says: that has many forms, and another daemon may listen where it points. */
function controlOf(pid: string, fits: (path: string) => boolean): Control {
  let held: readonly string[];
  try {
    held = readdirSync(`/proc/${pid}/fd`).map(fd => linkOf(`/proc/${pid}/fd/${fd}`));
  } catch {
    return { without: 'not allowed to look into it' };
  }
  const paths = listenersIn(textOf(`/proc/${pid}/net/unix`)).flatMap(({ inode, path }) => held.includes(`socket:[${inode}]`) && fits(path) ? [path] : []);
  const [path] = paths;
  if (path === undefined) return { without: 'it listens for no commands' };
  const whole = path.startsWith('/') ? path : `${linkOf(`/proc/${pid}/cwd`)}/${path}`;
  return isSameFor(pid, whole) ? { path: whole, folder: folderOf(whole) } : { without: 'its control socket is in another mount namespace' };
}

const LISTENING = 0x10000;

/** Listening sockets that have a path, of the text of /proc/net/unix. */
export function listenersIn(text: string): readonly { readonly inode: string; readonly path: string }[] {
  return text.split('\n').flatMap(line => {
    const [, flags = '', inode = '', path = ''] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (.+)$/.exec(line) ?? [];
    return (Number.parseInt(flags, 16) & LISTENING) === 0 || path.startsWith('@') ? [] : [{ inode, path }];
  });
}

/** `ip netns exec` gives everyone a mount namespace with the same files, a container gives others. */
function isSameFor(pid: string, path: string): boolean {
  if (linkOf(`/proc/${pid}/ns/mnt`) === linkOf('/proc/self/ns/mnt') && linkOf(`/proc/${pid}/root`) === '/') return true;
  const root = `/proc/${pid}/root`;
  try {
    const [theirs, ours] = [statSync(`${root}${followed(root, path)}`), statSync(path)];
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const LINKS = 40;

/** A path below another root without its symbolic links: the kernel would follow those in our files. */
function followed(root: string, path: string): string {
  const left = path.split('/');
  let at = '';
  let links = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') { at = folderOf(at); continue; }
    const target = linkOf(`${root}${at}/${part}`);
    if (target === '') { at = `${at}/${part}`; continue; }
    if (++links > LINKS) return '';
    left.unshift(...target.split('/'));
    if (target.startsWith('/')) at = '';
  }
  return at;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Gone meanwhile.
    return '';
  }
}

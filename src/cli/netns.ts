import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { findNamespaces, namespaceOf } from '../host/namespaces.ts';
import { nameOfNamespace } from '../host/netns-names.ts';
import { EXIT, RoutecauseError } from '../model/errors.ts';
import type { NetnsPlace } from '../model/netns.ts';

const FOLDER = '/run/netns';
const OWN = '/proc/self/ns/net';
/** Type of the file system that namespaces are files of (include/uapi/linux/magic.h). */
const NSFS_MAGIC = 0x6e73_6673;

/** Which namespaces a session follows. */
export type NetnsChoice =
  | { readonly kind: 'own'; readonly name?: string }
  | { readonly kind: 'one'; readonly place: NetnsPlace; readonly name: string }
  | { readonly kind: 'all' };

export interface NetnsOptions { readonly netns?: string; readonly pid?: number; readonly allNetns?: true }

/** What the options mean on this host. @throws RoutecauseError where there is no such namespace */
export function chooseNetns({ netns, pid, allNetns }: NetnsOptions): NetnsChoice {
  if (allNetns === true) return { kind: 'all' };
  const own = namespaceOf(OWN);
  const place = netns !== undefined ? placeOf(netns) : pid !== undefined ? placeOfProcess(pid) : undefined;
  const name = netns === undefined ? nameAt(place?.inode ?? own, pid) : netns.split('/').at(-1);
  if (place === undefined || place.inode === own) return { kind: 'own', ...(name === undefined ? {} : { name }) };
  return { kind: 'one', place, name: name ?? String(place.inode) };
}

/** Inode number of the namespace that this process is in. */
export function ownNamespace(): { readonly own?: number } {
  const own = namespaceOf(OWN);
  return own === undefined ? {} : { own };
}

/** A namespace given by name (`ip netns`) or by path. */
function placeOf(given: string): NetnsPlace {
  const path = given.includes('/') ? given : `${FOLDER}/${given}`;
  if (given !== '' && existsSync(path)) {
    // A name that outlived its namespace is a plain file, and so is a wrong path: nothing would ever be seen there.
    if (isNamespace(path)) return { inode: statSync(path).ino, path };
    throw new RoutecauseError(`${given} is no network namespace`, 'list them with: ip netns list, or lsns -t net', { exitCode: EXIT.usage });
  }
  throw new RoutecauseError(`there is no network namespace ${given === '' ? 'without a name' : given}`, 'list them with: ip netns list', { exitCode: EXIT.usage });
}

function isNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch {
    // Not for us to see: whoever enters it says so.
    return true;
  }
}

function placeOfProcess(pid: number): NetnsPlace {
  const path = `/proc/${pid}/ns/net`;
  const inode = namespaceOf(path);
  if (inode !== undefined) return { inode, path, pid };
  if (!existsSync(`/proc/${pid}`)) throw new RoutecauseError(`there is no process ${pid}`, 'list processes and their network namespaces with: lsns -t net', { exitCode: EXIT.usage });
  throw new RoutecauseError(`not allowed to see the network namespace of process ${pid}`, 'run as root');
}

/** The `ip netns` name of a namespace; of one that was chosen by a process, else what its processes are. */
function nameAt(inode: number | undefined, pid: number | undefined): string | undefined {
  if (pid === undefined) return namesInFolder().find(name => inodeOf(`${FOLDER}/${name}`) === inode);
  const place = findNamespaces(false).find(other => other.inode === inode);
  return place === undefined ? undefined : nameOfNamespace({ ...place, pid: place.pid ?? pid });
}

function namesInFolder(): readonly string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    // No /run/netns: no names have been given.
    return [];
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
}

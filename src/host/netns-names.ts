import { readFileSync } from 'node:fs';
import type { NetnsPlace } from '../model/netns.ts';
import { namespaceOf } from './namespaces.ts';
import { unitOf } from './processes.ts';

const IP_NETNS = /^\/(?:var\/)?run\/netns\/([^/]+)$/;
const MAX_LENGTH = 64;

/**
 * What people call a namespace: "host" the one that the kernel began with, else its `ip netns` name, the container or service
 * it belongs to, its first process, or where it is mounted.
 */
export function nameOfNamespace({ inode, path, pid }: NetnsPlace): string | undefined {
  const name = pid !== undefined && pid <= KTHREADD && isInitial(inode) ? 'host' : IP_NETNS.exec(path)?.[1] ?? (pid === undefined ? undefined : nameOfProcess(pid, inode)) ?? (path.startsWith('/proc/') ? undefined : path);
  return name === undefined || name.length <= MAX_LENGTH ? name : `${name.slice(0, MAX_LENGTH - 3)}...`;
}

/** Threads of the kernel are in the namespace that it began with; elsewhere than in the first pid namespace none is seen. */
const KTHREADD = 2;
const isInitial = (inode: number): boolean => read(`/proc/${KTHREADD}/comm`) === 'kthreadd\n' && namespaceOf(`/proc/${KTHREADD}/ns/net`) === inode;

function nameOfProcess(pid: number, inode: number): string | undefined {
  const cgroups = read(`/proc/${pid}/cgroup`);
  const comm = read(`/proc/${pid}/comm`)?.replace(/\n$/, '');
  if (cgroups === undefined || comm === undefined) return undefined;
  const paths = cgroups.split('\n').map(line => line.split(':').slice(2).join(':'));
  return firstOf(paths, containerOf) ?? (isBelow(pid, cgroups, inode) ? undefined : firstOf(paths, serviceOf)) ?? `${pid}:${comm}`;
}

/**
 * Whether who started the process is in its control group, but in another namespace: then that is not the one of the service. Where that
 * cannot be read any more, nothing is said of a service.
 */
function isBelow(pid: number, cgroups: string, inode: number): boolean {
  for (let above = parentOf(pid); above !== 0; above = parentOf(above)) {
    const theirs = above === undefined ? undefined : read(`/proc/${above}/cgroup`);
    if (above === undefined || theirs === undefined) return true;
    if (theirs !== cgroups) return false;
    const other = namespaceOf(`/proc/${above}/ns/net`);
    if (other !== undefined && other !== inode) return true;
  }
  return false;
}

/** 0: there is none, or none to be seen; undefined: the process is gone. */
function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\t(\d+)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return parent === undefined ? undefined : Number(parent);
}

const firstOf = (paths: readonly string[], find: (path: string) => string | undefined): string | undefined => {
  for (const path of paths) {
    const found = find(path);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Scopes hold whatever a person or program put there: a login session is in no namespace of its own. */
function serviceOf(path: string): string | undefined {
  const unit = unitOf(path);
  return unit?.endsWith('.service') === true ? unit : undefined;
}

const ID = '[0-9a-f]{64}';
/** How container engines name their control groups, with the systemd driver and with cgroupfs. */
const CONTAINERS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`(?:^|/)docker[-/](${ID})(?:\\.scope)?(?:/|$)`), 'docker'],
  [new RegExp(`(?:^|/)(?:libpod_parent/)?libpod-(${ID})(?:\\.scope)?(?:/|$)`), 'podman'],
  [new RegExp(`(?:^|/|:)cri-containerd[-:](${ID})(?:\\.scope)?(?:/|$)`), 'containerd'],
  [new RegExp(`(?:^|/)nerdctl-(${ID})\\.scope(?:/|$)`), 'nerdctl'],
  [new RegExp(`(?:^|/)crio-(${ID})(?:\\.scope)?(?:/|$)`), 'crio'],
  [new RegExp(`/kubepods[^/]*/(?:[^/]+/)*pod[^/]+/(${ID})(?:/|$)`), 'kubepods'],
  [/(?:^|\/)lxc(?:\.payload)?[./]([^/]+)/, 'lxc'],
  [/(?:^|\/)machine-([^/]+)\.scope(?:\/|$)/, 'machine'],
  [/(?:^|\/)systemd-nspawn@([^/]+)\.service(?:\/|$)/, 'machine'],
];
const SHORT_ID = 12;

/** "docker:0123456789ab", "lxc:web": engine and container of a control group path. */
export function containerOf(cgroup: string): string | undefined {
  for (const [pattern, engine] of CONTAINERS) {
    const id = pattern.exec(cgroup)?.[1];
    if (id !== undefined) return `${engine}:${new RegExp(`^${ID}$`).test(id) ? id.slice(0, SHORT_ID) : unescapeUnit(id)}`;
  }
  return undefined;
}

/** systemd writes characters that may not be in the name of a unit as \xNN. */
const unescapeUnit = (text: string): string => text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

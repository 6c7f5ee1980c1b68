import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { EXIT, RoutecauseError } from '../../model/errors.ts';
import type { NetnsRef } from '../../model/netns.ts';
import { ERRNO, libc } from './libc.ts';

const CLONE_NEWNET = 0x4000_0000;
const OWN = '/proc/thread-self/ns/net';
const SO_NETNS_COOKIE = { level: 1, name: 71 } as const;

/** A network namespace held by an open file: it stays reachable when its name goes away. */
export interface NetnsHandle {
  readonly inode: number;
  readonly fd: number;
  /** Runs `act` with this thread inside the namespace. `act` must not wait: other work of the thread would run there too. */
  inside<Result>(act: () => Result): Result;
  close(): void;
}

/** @param path such as /run/netns/NAME or /proc/PID/ns/net; without it the namespace of this thread. @throws RoutecauseError */
export function openNetns(path: string | undefined): NetnsHandle {
  const fd = openNamespaceFile(path ?? OWN);
  return {
    inode: fstatSync(fd).ino, fd,
    inside: (act) => (path === undefined ? act() : runInside(fd, path, act)),
    close: () => closeSync(fd),
  };
}

/** A new network namespace, which ends with the handle and the sockets in it. @throws RoutecauseError */
export function createNetns(): NetnsHandle {
  const home = openSync(OWN, 'r');
  try {
    const left = libc().unshare(CLONE_NEWNET);
    if (left === -ERRNO.EPERM) throw new RoutecauseError('not allowed to watch other network namespaces than the one it runs in', 'run as root; in a container, with CAP_SYS_ADMIN');
    if (left < 0) throw new RoutecauseError(`cannot make a network namespace, from which others are heard (errno ${-left})`, 'sysctl -w user.max_net_namespaces=1024');
    try {
      const fd = openSync(OWN, 'r');
      return { inode: fstatSync(fd).ino, fd, inside: (act) => runInside(fd, 'of our own', act), close: () => closeSync(fd) };
    } finally {
      goHome(home, 'of our own');
    }
  } finally {
    closeSync(home);
  }
}

/** False: the file is no longer there, or leads to another namespace. */
export function leadsTo(path: string, inode: number): boolean {
  try {
    return statSync(path).ino === inode;
  } catch {
    return false;
  }
}

function openNamespaceFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new RoutecauseError(`cannot open the network namespace ${path}`, 'name one that `ip netns list` shows, or run as root', { cause });
  }
}

function runInside<Result>(fd: number, path: string, act: () => Result): Result {
  const home = openSync(OWN, 'r');
  try {
    const entered = libc().setns(fd, CLONE_NEWNET);
    if (entered === -ERRNO.EPERM) throw new RoutecauseError(`not allowed to enter the network namespace ${path}`, 'run as root');
    if (entered < 0) throw new RoutecauseError(`${path} is no network namespace`, 'list them with: ip netns list, or lsns -t net', { exitCode: EXIT.usage });
    try {
      return act();
    } finally {
      goHome(home, path);
    }
  } finally {
    closeSync(home);
  }
}

/** Staying would make every later socket of this thread one of the wrong namespace: nothing can go on from there. */
function goHome(home: number, path: string): void {
  const left = libc().setns(home, CLONE_NEWNET);
  if (left < 0) throw new Error(`cannot return from the network namespace ${path} (errno ${-left})`);
}

/** The namespace that `socketFd` belongs to; SO_NETNS_COOKIE is known since 5.14 (include/uapi/asm-generic/socket.h). */
export function netnsOfSocket(socketFd: number, inode: number): NetnsRef {
  const cookie = libc().getsockopt(socketFd, SO_NETNS_COOKIE, 8);
  return cookie === undefined ? { inode } : { inode, cookie };
}

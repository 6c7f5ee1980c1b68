import type { BootTime } from '../model/time.ts';
import type { Life } from './lives.ts';

export const livedIn = (life: Life, from: BootTime, to: BootTime): boolean => life.from <= to && (life.until === undefined || life.until >= from);

/** Process ids have no more bits; libnl and pyroute2 put others above them. */
const ID_BITS = 22;

/** The kernel gives a process its own id, where it lives, for its first port id; programs that choose one keep to that. */
export const isNumberOf = (portid: number, life: Life): boolean => (life.isInner ? life.innerPid : life.pid) === portid % 2 ** ID_BITS;

/** Who opened a socket that this one has, by its number; undefined: not known, or not what became of all its children. */
export function openerOf(holder: Life, portid: number): Life | undefined {
  let life: Life | undefined = holder;
  while (life !== undefined && !isNumberOf(portid, life)) life = life.parent;
  return life?.isBorn === true ? life : undefined;
}

/** A message that was sent after `from` and not after `to` by a socket that `self` has. */
export interface Sending {
  readonly self: Life; readonly from: BootTime; readonly to: BootTime;
  /** Nobody else had it then. */
  readonly aloneAt?: bigint;
}

/**
 * Somebody else may have sent it: whoever had the socket first, or came of it by forks. That one of them has no such socket when
 * one looks says nothing: it may have closed it since. Nor does it that one became another program: it may have been handed on.
 */
export function mayBeAnothers(first: Life, { self, from, to, aloneAt = 0n }: Sending): boolean {
  const line = [first];
  // A chain of forks may be of any length: no call within a call.
  for (const life of line) {
    if (life !== self && livedIn(life, from, to)) return true;
    for (const child of life.children) if (child.from >= aloneAt) line.push(child);
  }
  return false;
}

/** So long after its end a child is asked for. */
const KEPT_NS = 10_000_000_000n;
const MANY_CHILDREN = 512;

/** Takes up a child. Of the many that a shell has, those that ended long ago are left out; their own children stay. */
export function adopt(mother: Life, child: Life, time: BootTime): void {
  mother.children.push(child);
  if (mother.children.length < (mother.crowd ?? MANY_CHILDREN)) return;
  mother.children = mother.children.flatMap(one => one.until === undefined || time - one.until < KEPT_NS ? [one] : one.children);
  mother.crowd = Math.max(MANY_CHILDREN, mother.children.length * 2);
}

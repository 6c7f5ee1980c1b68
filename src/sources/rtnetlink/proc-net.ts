import { readFileSync } from 'node:fs';
import type { NetnsHandle } from './netns.ts';

/** A file of /proc/net as that namespace has it; undefined: no /proc, one that hides it, or a kernel without it. */
export function readProcNet(netns: NetnsHandle, name: 'anycast6' | 'netlink'): string | undefined {
  try {
    return netns.inside(() => readFileSync(`/proc/thread-self/net/${name}`, 'utf8'));
  } catch {
    return undefined;
  }
}

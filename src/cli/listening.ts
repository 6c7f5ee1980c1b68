import { findNamespaces } from '../host/namespaces.ts';
import { mayListen } from '../sources/icmp/sockets.ts';
import type { NetnsChoice } from './netns.ts';

/** Whether router advertisements and redirects are listened to where nothing is traced, and what to tell people of it. */
export function listening(isWanted: boolean, follow: NetnsChoice = { kind: 'own' }): { readonly isOn: boolean; readonly words: string } {
  const not = (why: string): { readonly isOn: false; readonly words: string } => ({ isOn: false, words: `router advertisements and redirects are not heard: ${why}` });
  if (!isWanted) return not('--no-icmp');
  if (!mayListen()) return not('CAP_NET_RAW is missing');
  // Whoever listens keeps a namespace alive, so it has to be one whose end is seen at once.
  const isMounted = follow.kind !== 'one' || findNamespaces(true).some(({ inode }) => inode === follow.place.inode);
  if (!isMounted) return not('this network namespace is not mounted anywhere here');
  return { isOn: true, words: `router advertisements and redirects are heard, too${follow.kind === 'all' ? ', in our own network namespace and in those that are mounted' : ''}` };
}

import { findNamespaces, namespaceOf } from '../host/namespaces.ts';
import { RoutecauseError } from '../model/errors.ts';
import type { WhyAnswer } from '../model/why.ts';
import type { NetnsOutput } from '../model/output.ts';
import { RT_TABLE } from '../model/route.ts';
import type { WhyRequest } from '../ui/why.ts';
import { ask } from './ask.ts';
import type { NetnsChoice } from './netns.ts';

const BUILT_IN: readonly number[] = [RT_TABLE.DEFAULT, RT_TABLE.MAIN, RT_TABLE.LOCAL];

/** The same answer as `routecause why` gives, with what the running session saw. @throws RoutecauseError for what cannot be asked */
export async function answerScreen({ target, netns, table, changes }: WhyRequest): Promise<WhyAnswer> {
  const choice = findPlace(netns);
  const answer = (vrf: string | undefined): Promise<WhyAnswer> => ask({ target, ...(vrf === undefined ? {} : { vrf }) }, choice, { session: changes });
  const vrf = table === undefined || BUILT_IN.includes(table.id) ? undefined : table.name;
  if (vrf === undefined) return answer(undefined);
  // A table has the name of its VRF, or one of rt_tables, and the kernel knows which.
  try {
    return await answer(vrf);
  } catch (error) {
    if (error instanceof RoutecauseError) return answer(undefined);
    throw error;
  }
}

/** @throws RoutecauseError where the namespace is gone, or not for us */
function findPlace({ inode, name }: NetnsOutput): Exclude<NetnsChoice, { kind: 'all' }> {
  if (namespaceOf('/proc/self/ns/net') === inode) return { kind: 'own', ...(name === undefined ? {} : { name }) };
  const place = findNamespaces(false).find(one => one.inode === inode);
  if (place === undefined) throw new RoutecauseError(`network namespace ${name ?? inode} is gone, or cannot be entered from here`, 'choose a change of a namespace that is there');
  return { kind: 'one', place, name: name ?? String(inode) };
}

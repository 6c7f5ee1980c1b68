import { ALL_CAUSES, causeById } from '../causes/index.ts';
import type { Entry } from './entry.ts';

export const causeKeys = (): readonly string[] => ALL_CAUSES.map(({ id }) => id);

/** The same that docs/causes and explanations are made of. */
export function causeEntry(key: string): Entry | undefined {
  const cause = causeById(key);
  return cause === undefined ? undefined : {
    topic: 'cause', key, title: `cause ${key}: ${cause.title}`,
    text: [cause.summary, `Path through the kernel: ${cause.path.join(' > ')}.`, `It can be proved where these functions can be traced: ${cause.probes.join(', ')}.`],
    references: cause.references,
  };
}

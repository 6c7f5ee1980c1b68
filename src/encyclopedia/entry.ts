import type { Reference } from '../model/output.ts';
import type { Family } from '../model/route.ts';

/** What can be looked up. */
export type Topic = 'proto' | 'type' | 'table' | 'scope' | 'flag' | 'pref' | 'metric' | 'cause' | 'error';

/** Names that a host gives to numbers: its rt_protos and rt_tables. */
export interface HostNames { readonly protocols?: ReadonlyMap<number, string>; readonly tables?: ReadonlyMap<number, string> }

/**
 * What is known of one thing. The first sentence says what it is, for either family; a later one that holds for one family only
 * begins with "IPv4:" or "IPv6:".
 */
export interface Entry {
  readonly topic: Topic;
  /** As a person would type it to get here again: "zebra", "254", "linkdown". */
  readonly key: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly references: readonly Reference[];
}

/** The sentences that hold for a family, without its name in front. */
export const textFor = (entry: Entry, family: Family): readonly string[] => entry.text
  .filter(sentence => !sentence.startsWith(family === 'ipv4' ? 'IPv6: ' : 'IPv4: '))
  .map(sentence => sentence.replace(/^IPv[46]: (.)/, (_, first: string) => first.toUpperCase()));

/** A number as people write it: decimal, or hexadecimal with 0x; undefined: it is none, or above `max`. */
export function numberOf(key: string, max: number): number | undefined {
  if (!/^(0x[0-9a-f]{1,8}|\d{1,10})$/i.test(key)) return undefined;
  const number = Number(key);
  return number <= max ? number : undefined;
}

/** The lowest number that has this name in a table of names. */
export function numberNamed(key: string, names: Iterable<readonly [number, string]>): number | undefined {
  const numbers = [...names].filter(([, name]) => name === key).map(([number]) => number);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

import { causeEntry, causeKeys } from './cause-entries.ts';
import type { Entry, HostNames, Topic } from './entry.ts';
import { errorEntry, errorKeys } from './errors.ts';
import { flagEntry, flagKeys } from './flags.ts';
import { metricEntry, metricKeys } from './metrics.ts';
import { preferenceEntry, preferenceKeys } from './preferences.ts';
import { knownProtocols, protocolEntry } from './protocols.ts';
import { typeEntry, typeKeys } from './route-types.ts';
import { scopeEntry, scopeKeys } from './scopes.ts';
import { tableEntry, tableKeys } from './tables.ts';

export { textFor, type Entry, type HostNames, type Topic } from './entry.ts';

interface Chapter {
  readonly about: string;
  /** A key that shows what keys look like. */
  readonly example: string;
  /** What can be looked up besides the keys. */
  readonly besides?: string;
  /** Keys that have a text of their own; numbers beyond them may be looked up too. */
  keys(): readonly string[];
  entry(key: string, names: HostNames): Entry | undefined;
}

const CHAPTERS: Readonly<Record<Topic, Chapter>> = {
  proto: { about: 'who a route says it belongs to', example: 'zebra', besides: 'Every other number up to 255 can be looked up too, and each name of this host\'s rt_protos.', keys: () => knownProtocols().map(String), entry: protocolEntry },
  type: { about: 'what happens to packets that a route matches', example: 'anycast', keys: typeKeys, entry: typeEntry },
  table: { about: 'where a route stands', example: '0', besides: 'Every other number can be looked up too, and each name of this host\'s rt_tables.', keys: tableKeys, entry: tableEntry },
  scope: { about: 'how far away the destination of an IPv4 route is', example: 'link', besides: 'Every other number up to 255 can be looked up too.', keys: scopeKeys, entry: scopeEntry },
  flag: { about: 'the state of a route, and what an answer is', example: 'linkdown', keys: flagKeys, entry: flagEntry },
  pref: { about: 'the preference of an IPv6 router', example: 'high', keys: preferenceKeys, entry: preferenceEntry },
  metric: { about: 'which of several routes wins, and settings of a route', example: '1024', besides: 'Every other number can be looked up too.', keys: metricKeys, entry: metricEntry },
  error: { about: 'what applications and requests are told', example: 'EHOSTUNREACH', keys: errorKeys, entry: errorEntry },
  cause: { about: 'why routes come, change and go', example: 'route-request', keys: causeKeys, entry: causeEntry },
};

export const TOPICS = Object.keys(CHAPTERS) as readonly Topic[];
export const isTopic = (text: string): text is Topic => Object.hasOwn(CHAPTERS, text);
export const aboutTopic = (topic: Topic): string => CHAPTERS[topic].about;
export const exampleOf = (topic: Topic): string => CHAPTERS[topic].example;
export const besidesOf = (topic: Topic): string | undefined => CHAPTERS[topic].besides;

/** Entries that a topic has by itself, in their order; numbers beyond them can be looked up too. */
export const entriesOf = (topic: Topic, names: HostNames = {}): readonly Entry[] =>
  CHAPTERS[topic].keys().flatMap(key => CHAPTERS[topic].entry(key, names) ?? []);

/** The entry of a number or a name, as iproute2 and the kernel use them; undefined: there is no such thing. */
export const lookUp = (topic: Topic, key: string, names: HostNames = {}): Entry | undefined => CHAPTERS[topic].entry(key, names);

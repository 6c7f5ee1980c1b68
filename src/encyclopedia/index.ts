import type { Entry, HostNames, Topic } from './entry.ts';
import { protocolEntry } from './protocols.ts';

export type { Entry, HostNames, Topic } from './entry.ts';

type Reader = (key: string, names: HostNames) => Entry | undefined;

const READERS: Readonly<Record<Topic, Reader>> = {
  proto: protocolEntry,
  type: () => undefined,
  table: () => undefined,
  scope: () => undefined,
  flag: () => undefined,
  pref: () => undefined,
  metric: () => undefined,
  cause: () => undefined,
  error: () => undefined,
};

/** The entry of a number or a name, as iproute2 and the kernel use them; undefined: there is no such thing. */
export const lookUp = (topic: Topic, key: string, names: HostNames = {}): Entry | undefined => READERS[topic](key, names);

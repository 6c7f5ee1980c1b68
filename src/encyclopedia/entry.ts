import type { Reference } from '../model/output.ts';

/** What can be looked up. */
export type Topic = 'proto' | 'type' | 'table' | 'scope' | 'flag' | 'pref' | 'metric' | 'cause' | 'error';

/** Names that a host gives to numbers: its rt_protos and rt_tables, and the VRF devices of a namespace. */
export interface HostNames { readonly protocols?: ReadonlyMap<number, string>; readonly tables?: ReadonlyMap<number, string> }

/** What is known of one thing: sentences, each of which can stand alone. */
export interface Entry {
  readonly topic: Topic;
  /** As a person would type it to get here again: "zebra", "254", "linkdown". */
  readonly key: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly references: readonly Reference[];
}

import type { OUTPUT_SCHEMA, Reference } from './output.ts';

/** What `routecause explain --json` prints: one object. */
export type ExplainOutput = EntryOutput | EntriesOutput | TopicsOutput;

export interface EntryOutput {
  readonly kind: 'entry'; readonly schema: typeof OUTPUT_SCHEMA; readonly topic: string; readonly key: string; readonly title: string;
  readonly text: readonly string[]; readonly references: readonly Reference[];
}
export interface EntriesOutput {
  readonly kind: 'entries'; readonly schema: typeof OUTPUT_SCHEMA; readonly topic: string; readonly about: string;
  /** `meaning`: in one sentence. */
  readonly entries: readonly { readonly key: string; readonly title: string; readonly meaning: string }[];
  /** What can be looked up besides. */
  readonly besides?: string;
}
export interface TopicsOutput {
  readonly kind: 'topics'; readonly schema: typeof OUTPUT_SCHEMA; readonly topics: readonly { readonly topic: string; readonly about: string; readonly example: string }[];
}

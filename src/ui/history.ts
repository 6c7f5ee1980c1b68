import type { LossOutput, ChangeOutput, ImpactOutput } from '../model/output.ts';
import { isWeightier } from './lead.ts';

/** All changes of one root act, in order of arrival. */
export interface GroupEntry {
  readonly kind: 'group'; readonly key: string;
  /** Its headline speaks for the group, also after it was dropped from `changes`. */
  readonly lead: ChangeOutput;
  /** When the first one happened. */
  readonly time: string;
  readonly changes: readonly ChangeOutput[];
  /** What they do to sessions, tunnels and neighbours. */
  readonly impacts: readonly ImpactOutput[];
}
/** An impact of which no change is known. */
export interface ImpactEntry {
  readonly kind: 'impact'; readonly key: string; readonly impacts: readonly ImpactOutput[];
}
/** Neighbouring losses of one source. */
export interface LossEntry {
  readonly kind: 'loss'; readonly key: string; readonly loss: LossOutput;
}
export type Entry = GroupEntry | ImpactEntry | LossEntry;

/** What the list can show, oldest first, bounded. */
export interface History {
  readonly entries: readonly Entry[];
  /** Position of an entry plus `dropped.entries`, by key: dropping from the front changes no number. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly kept: number;
  readonly dropped: { readonly entries: number; readonly changes: number };
}

/** Changes kept for looking at; a day of a busy router would not fit into memory. */
export const HISTORY_LIMIT = 20_000;

/** Of one origin. */
const IMPACTS = 200;

export const EMPTY_HISTORY: History = { entries: [], numbers: new Map(), kept: 0, dropped: { entries: 0, changes: 0 } };

/** Adds a batch at once, so that a burst copies each list once and not once per record. */
export function addToHistory(history: History, records: readonly (ChangeOutput | ImpactOutput | LossOutput)[], limit = HISTORY_LIMIT): History {
  if (records.length === 0) return history;
  const entries = [...history.entries];
  const numbers = new Map(history.numbers);
  const growing = new Map<number, ChangeOutput[]>();
  const offset = history.dropped.entries;
  let kept = history.kept;

  const append = (entry: Entry): void => { numbers.set(entry.key, entries.length + offset); entries.push(entry); kept += 1; };
  const addImpact = (record: ImpactOutput): void => {
    const position = numbers.get(record.origin);
    const entry = position === undefined ? undefined : entries[position - offset];
    if (position === undefined || entry === undefined || entry.kind === 'loss') append({ kind: 'impact', key: record.origin, impacts: [record] });
    else entries[position - offset] = { ...entry, impacts: [...entry.impacts, record].slice(-IMPACTS) };
  };
  for (const record of records) {
    if (record.kind === 'loss') {
      const last = entries.at(-1);
      if (last?.kind === 'loss' && isSameLoss(last.loss, record)) entries[entries.length - 1] = { ...last, loss: joinLosses(last.loss, record) };
      else append({ kind: 'loss', key: `loss ${record.source} ${record.bootTimeNs}`, loss: record });
      continue;
    }
    if (record.kind === 'impact') {
      addImpact(record);
      continue;
    }
    const position = numbers.get(record.origin);
    const group = position === undefined ? undefined : entries[position - offset];
    if (position === undefined || group?.kind !== 'group') {
      const changes = [record];
      growing.set(entries.length, changes);
      append({ kind: 'group', key: record.origin, lead: record, time: record.time, changes, impacts: [] });
      continue;
    }
    const changes = growing.get(position - offset) ?? [...group.changes];
    growing.set(position - offset, changes);
    changes.push(record);
    entries[position - offset] = { ...group, changes, lead: isWeightier(record, group.lead) ? record : group.lead };
    kept += 1;
  }
  return dropOldest({ entries, numbers, kept, dropped: history.dropped }, numbers, limit);
}

function dropOldest(history: History, numbers: Map<string, number>, limit: number): History {
  let { kept } = history;
  let first = 0;
  while (kept > limit && first < history.entries.length - 1) {
    const oldest = history.entries[first];
    if (oldest === undefined) break;
    kept -= sizeOf(oldest);
    numbers.delete(oldest.key);
    first += 1;
  }
  const entries = first === 0 ? [...history.entries] : history.entries.slice(first);
  const only = entries[0];
  // One act alone can exceed the limit: a full table from one routing daemon.
  if (kept > limit && only?.kind === 'group') {
    entries[0] = { ...only, changes: only.changes.slice(-limit) };
    kept = limit;
  }
  const gone = history.kept - kept;
  return { entries, numbers, kept, dropped: { entries: history.dropped.entries + first, changes: history.dropped.changes + gone } };
}

const sizeOf = (entry: Entry): number => (entry.kind === 'group' ? entry.changes.length : 1);
const isSameLoss = (one: LossOutput, other: LossOutput): boolean => one.source === other.source && one.what === other.what;

function joinLosses(one: LossOutput, other: LossOutput): LossOutput {
  const { count: _, ...rest } = other;
  // An uncountable part makes the sum uncountable.
  const count = one.count === undefined || other.count === undefined ? {} : { count: one.count + other.count };
  return { ...rest, since: one.since, ...count };
}

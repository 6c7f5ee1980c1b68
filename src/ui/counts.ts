import { assertNever } from '../model/errors.ts';
import type { OutputRecord } from '../model/output.ts';

/** The numbers of the header. */
export interface Counts {
  readonly changes: number; readonly caused: number; readonly unknown: number; readonly silent: number; readonly lost: number;
  /** A source lost events that it cannot count. */
  readonly isLossUncounted: boolean;
}

export const NO_COUNTS: Counts = { changes: 0, caused: 0, unknown: 0, silent: 0, lost: 0, isLossUncounted: false };

/** The summary's numbers are exact, so they replace what was counted on the way. */
export function countRecord(counts: Counts, record: OutputRecord): Counts {
  switch (record.kind) {
    case 'route-change':
      return {
        ...counts,
        changes: counts.changes + 1,
        caused: counts.caused + (record.verdict === 'caused' ? 1 : 0),
        unknown: counts.unknown + (record.verdict === 'unknown' ? 1 : 0),
        silent: counts.silent + (record.silent ? 1 : 0),
      };
    case 'loss':
      return { ...counts, lost: counts.lost + (record.count ?? 0), isLossUncounted: counts.isLossUncounted || record.count === undefined };
    case 'summary': {
      const { changes, caused, unknown, silent, lost } = record;
      return { ...counts, changes, caused, unknown, silent, lost };
    }
    case 'session':
    case 'ready':
    case 'route-present':
    case 'rule-change':
    case 'route-flags':
    case 'exception':
    case 'attempt':
    case 'impact':
    case 'impact-scope': return counts;
    default: return assertNever(record);
  }
}

import type { LossOutput, ReadyOutput, SessionOutput, SummaryOutput } from '../model/output.ts';
import { clockText, netnsText, tierWord } from './words.ts';

/** What is being watched, how, and why only so. */
export function sessionSentence(session: SessionOutput): string {
  const verb = session.replayed === true ? 'replays a recording of' : 'watches';
  const where = session.netns === undefined ? 'all network namespaces' : `network namespace ${netnsText(session.netns)}`;
  return `routecause ${session.version} ${verb} ${session.host.hostname} (Linux ${session.host.kernel}), ${where}, `
    + `${tierWord(session.tier)}${session.tier === 'netlink' ? '' : ` by ${session.tier}`}: ${session.tierReason}`
    + `${blindPart(session.coverage.blind.map(({ cause }) => cause))}; times are UTC`;
}

/** More than these are counted, not named. */
const NAMED = 3;

function blindPart(causes: readonly string[]): string {
  if (causes.length === 0) return '';
  return causes.length > NAMED ? `; ${causes.length} causes cannot be seen here` : `; not seen here: ${causes.join(', ')}`;
}

export const readySentence = (ready: ReadyOutput): string => `${clockText(ready.time)}  ready: what changes from now on is seen`;

/** Short, for a row of a list. */
export function lossTitle(loss: LossOutput): string {
  const count = loss.count === undefined ? 'an unknown number of events' : `${loss.count} ${loss.count === 1 ? 'event' : 'events'}`;
  return `LOST ${count} (${loss.source}: ${loss.what})`;
}

export function lossSentence(loss: LossOutput): string {
  return `${lossTitle(loss)} between ${clockText(loss.since)} and ${clockText(loss.time)}; verdicts in between may be incomplete`;
}

export function summarySentence(summary: SummaryOutput): string {
  return `${summary.changes} ${summary.changes === 1 ? 'change' : 'changes'}: ${summary.caused} caused, ${summary.unknown} unknown, `
    + `${summary.silent} silent; ${summary.lost} events lost${summary.truncated === true ? '; the recording ends before its writer closed it' : ''}`;
}

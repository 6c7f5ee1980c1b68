import type { LossOutput, ReadyOutput, SessionOutput, SummaryOutput } from '../model/output.ts';
import { clockText, netnsText, tierWord } from './words.ts';

/** What is being watched, how, and why only so. */
export function sessionSentence(session: SessionOutput): string {
  const verb = session.replayed === true ? 'replays a recording of' : 'watches';
  const where = session.netns === undefined ? 'all network namespaces' : `network namespace ${netnsText(session.netns)}`;
  const blind = session.coverage.blind.length;
  return `routecause ${session.version} ${verb} ${session.host.hostname} (Linux ${session.host.kernel}), ${where}, `
    + `${tierWord(session.tier)}${session.tier === 'netlink' ? '' : ` by ${session.tier}`}: ${session.tierReason}`
    + `${blind === 0 ? '' : `; ${blind} ${blind === 1 ? 'cause' : 'causes'} cannot be seen here`}; times are UTC`;
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

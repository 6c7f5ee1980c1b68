import type { DumpObservation, NetlinkObservation, Observation } from '../../model/observation.ts';
import type { NetnsRef } from '../../model/netns.ts';
import { CACHE_PARTS, DUMP_PARTS } from '../../netlink/requests.ts';
import { dumpOnce, questionsOf } from './dump.ts';
import { libc } from './libc.ts';
import type { NetnsHandle } from './netns.ts';

export type DumpReason = DumpObservation['reason'];

const ATTEMPTS = 5;

export interface DumperOptions {
  readonly handle: NetnsHandle;
  readonly netns: NetnsRef;
  readonly deliver: (observation: Observation) => void;
  /** Brings the notifications up to now; false if they do not end. */
  readonly catchUp: () => Promise<boolean>;
  readonly isStopping: () => boolean;
}

/**
 * One dump, from `begin` to `end`, and again up to four times while something changed under it: each attempt is
 * delivered, `consistent` of its `end` says what it was worth. What was notified before `begin` is delivered before it,
 * and what was notified before the last answer is delivered before `end`. Returns whether one was consistent. @throws RoutecauseError
 */
export async function runDump(options: DumperOptions, reason: DumpReason): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS && !options.isStopping(); attempt++) {
    if (await attemptDump(options, reason) || reason === 'cache') return true;
  }
  return false;
}

async function attemptDump({ handle, netns, deliver, catchUp, isStopping }: DumperOptions, reason: DumpReason): Promise<boolean> {
  const mark = (phase: 'begin' | 'end', consistent: boolean): void =>
    deliver({ kind: 'dump', source: 'rtnetlink', time: libc().now(), netns, phase, reason, consistent });
  const answer = (bytes: Uint8Array): void => {
    const observation: NetlinkObservation = { kind: 'netlink', source: 'rtnetlink', time: libc().now(), netns, dump: true, bytes };
    deliver(observation);
  };
  await catchUp();
  mark('begin', true);
  let consistent = false;
  try {
    const isSnapshot = await dumpOnce({ netns: handle, deliver: answer, isCancelled: isStopping }, questionsOf(reason === 'cache' ? CACHE_PARTS : DUMP_PARTS));
    consistent = (await catchUp()) && isSnapshot;
  } finally {
    mark('end', consistent);
  }
  return consistent;
}

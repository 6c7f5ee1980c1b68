import { readFileSync } from 'node:fs';
import type { ChangeOutput } from '../model/output.ts';
import type { NetnsRef } from '../model/netns.ts';
import { formatRealTime, type BootTime } from '../model/time.ts';
import { readRecording } from '../recording/read.ts';
import { createSession } from '../session.ts';
import { libc } from '../sources/rtnetlink/libc.ts';
import type { History } from '../why/history.ts';

/** Clocks are set now and then; another boot lies at least this far off. */
const SAME_BOOT_NS = 60_000_000_000n;

/** What a recording tells of this namespace, explained as a replay would. @throws RoutecauseError where the file is none */
export async function readHistory(file: string, netns: NetnsRef): Promise<History> {
  await using recording = await readRecording(file);
  const { session } = recording.header;
  const explainer = createSession(session, { initial: true, impact: false });
  const changes: ChangeOutput[] = [];
  const cookies = new Set<bigint | undefined>();
  let newest: BootTime | undefined;
  const keep = (records: ReturnType<typeof explainer.flush>): void => { for (const record of records) if ('verdict' in record) changes.push(record); };
  for await (const observation of recording.observations) {
    newest = observation.time;
    if ('netns' in observation && observation.netns?.inode === netns.inode) cookies.add(observation.netns.cookie);
    keep(explainer.push(observation));
  }
  keep(explainer.flush());
  const offset = BigInt(session.clockOffsetNs);
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n - libc().now();
  const apart = now > offset ? now - offset : offset - now;
  return {
    // Inode numbers are used again, cookies are not.
    isOfThisNamespace: cookies.size > 0 && (netns.cookie === undefined || cookies.has(undefined) || cookies.has(netns.cookie)),
    file, changes, isWhole: recording.ended().kind === 'complete', isOfThisBoot: session.host.hostname === hostname() && apart < SAME_BOOT_NS,
    ...(newest === undefined ? {} : { until: formatRealTime(newest, offset) }),
  };
}

const hostname = (): string => readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();

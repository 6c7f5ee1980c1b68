import { readFileSync } from 'node:fs';
import type { ChangeOutput } from '../model/output.ts';
import { formatRealTime, type BootTime } from '../model/time.ts';
import { readRecording } from '../recording/read.ts';
import { createSession } from '../session.ts';
import { libc } from '../sources/rtnetlink/libc.ts';
import type { History } from '../why/history.ts';

/** Clocks are set now and then; another boot lies at least this far off. */
const SAME_BOOT_NS = 60_000_000_000n;

/** What a recording tells, explained as a replay would. @throws RoutecauseError where the file is none */
export async function readHistory(file: string): Promise<History> {
  await using recording = await readRecording(file);
  const { session } = recording.header;
  const explainer = createSession(session, { initial: true, impact: false });
  const changes: ChangeOutput[] = [];
  let newest: BootTime | undefined;
  const keep = (records: ReturnType<typeof explainer.flush>): void => { for (const record of records) if ('verdict' in record) changes.push(record); };
  for await (const observation of recording.observations) {
    newest = observation.time;
    keep(explainer.push(observation));
  }
  keep(explainer.flush());
  const offset = BigInt(session.clockOffsetNs);
  const now = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n - libc().now();
  const apart = now > offset ? now - offset : offset - now;
  return {
    file, changes, isWhole: recording.ended().kind === 'complete', isOfThisBoot: session.host.hostname === hostname() && apart < SAME_BOOT_NS,
    ...(newest === undefined ? {} : { until: formatRealTime(newest, offset) }),
  };
}

const hostname = (): string => readFileSync('/proc/sys/kernel/hostname', 'utf8').trim();

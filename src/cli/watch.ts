import { EXIT } from '../model/errors.ts';
import { tierNotice } from '../host/tiers.ts';
import type { Observation } from '../model/observation.ts';
import type { OutputRecord } from '../model/output.ts';
import type { Sink } from '../model/ports.ts';
import { openRecording } from '../recording/write.ts';
import { createSession } from '../session.ts';
import { checkHost, prepareLive, type LiveOptions } from './live.ts';
import { openSink, type ShowOptions } from './sinks.ts';
import { awaitEnding } from './until.ts';
import { answerScreen } from './why-screen.ts';

export interface WatchOptions extends LiveOptions, ShowOptions {
  readonly initial: boolean;
  /** Also record to this file. */
  readonly output?: string;
  readonly force: boolean;
}

/** Watches this host until told to stop. Returns the exit code. @throws RoutecauseError where it cannot begin */
export async function watch(options: WatchOptions, check = checkHost()): Promise<number> {
  const host = await check;
  // First: whoever ends it while probes are put into the kernel wants them out again.
  const ending = awaitEnding();
  const live = await prepareLive(host, options);
  const asked = options.attempts && live.session.tier === 'netlink' ? 'Refused requests (--attempts) are not seen without tracing.' : undefined;
  const notice = [asked, tierNotice(host.tiers, options.tier) ?? live.notice].filter(text => text !== undefined).join(' ') || undefined;
  const recording = options.output === undefined ? undefined : await openRecording(options.output, { session: live.session }, { force: options.force });
  const opened = openSink({ ...options, onWhy: answerScreen, ...(notice === undefined ? {} : { notice }) }, ending);
  const session = createSession(live.session, options);
  let lost = 0;
  let sink: Sink | undefined;
  // The screen takes longer to load than an incident to happen: the tracer does not wait for it.
  const early: OutputRecord[] = [];
  const show = (record: OutputRecord): void => {
    if (record.kind === 'summary') lost = record.lost;
    if (sink === undefined) early.push(record); else sink.show(record);
  };
  const deliver = (observation: Observation): void => {
    recording?.observe(observation);
    for (const record of session.push(observation)) show(record);
  };
  void recording?.failed.then(error => { process.stderr.write(`${error.message}; ${error.remedy}; watching goes on\n`); });

  if (options.json) for (const text of [asked, live.notice]) if (text !== undefined) process.stderr.write(`${text}\n`);
  show(live.session);
  let code: number;
  try {
    const started = live.start(deliver);
    started.catch(() => undefined);
    ({ sink } = await opened);
    for (const record of early.splice(0)) sink.show(record);
    code = await Promise.race([ending.promise, started.then(() => ending.promise)]);
  } catch (error) {
    await sink?.close();
    await recording?.close();
    throw error;
  }
  await live.stop();
  for (const record of session.flush()) show(record);
  await recording?.close();
  await sink.close();
  await live.gone();
  ending.dispose();
  if (recording?.failure !== undefined) throw recording.failure;
  return code === EXIT.ok && lost > 0 ? EXIT.partial : code;
}

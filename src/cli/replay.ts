import { EXIT } from '../model/errors.ts';
import type { OutputRecord, SessionOutput } from '../model/output.ts';
import { readRecording } from '../recording/read.ts';
import { createSession } from '../session.ts';
import { openSink, type ShowOptions } from './sinks.ts';
import { awaitEnding } from './until.ts';

export interface ReplayOptions extends ShowOptions { readonly initial: boolean; readonly attempts: boolean; readonly impact: boolean }

/** Explains a recording as if it happened now. Returns the exit code. @throws RoutecauseError where the file is no recording */
export async function replay(file: string, options: ReplayOptions): Promise<number> {
  await using recording = await readRecording(file);
  const ending = awaitEnding();
  const { sink, interactive } = await openSink({ ...options, recordingFile: file }, ending);
  const session = createSession(recording.header.session, options);
  let stopped: number | undefined;
  void ending.promise.then(code => { stopped = code; });

  const replayed: SessionOutput = { ...recording.header.session, replayed: true };
  sink.show(replayed);
  let summary: Extract<OutputRecord, { kind: 'summary' }> | undefined;
  for await (const observation of recording.observations) {
    if (stopped !== undefined) break;
    for (const record of session.push(observation)) sink.show(record);
  }
  // A reader who has seen enough (q, `| head`) misses nothing that was wanted.
  const left = stopped;
  const end = recording.ended();
  const whole = end.kind === 'complete';
  for (const record of session.flush()) {
    if (record.kind !== 'summary') { sink.show(record); continue; }
    summary = whole ? record : { ...record, truncated: true };
    sink.show(summary);
  }
  if (interactive) await ending.promise;
  await sink.close();
  ending.dispose();
  if (stopped === undefined && !whole) process.stderr.write(`${endSentence(file, end)}\n`);
  if (left !== undefined) return left;
  if (stopped !== undefined && stopped !== EXIT.ok) return stopped;
  return whole && (summary?.lost ?? 0) === 0 ? EXIT.ok : EXIT.partial;
}

function endSentence(file: string, end: ReturnType<Awaited<ReturnType<typeof readRecording>>['ended']>): string {
  switch (end.kind) {
    case 'truncated': return `${file} ends at byte ${end.atByte} without its end mark: the recorder was cut off; everything before that is shown`;
    case 'damaged': return `${file} is damaged at byte ${end.atByte} (${end.problem}); what could be read is shown`;
    default: return `${file} was not read to its end`;
  }
}

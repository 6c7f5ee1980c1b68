import type { FileHandle } from 'node:fs/promises';
import type { Observation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import type { RecordingHeader } from './format.ts';
import { readFrames } from './frame-reader.ts';
import { decodeLines } from './lines.ts';
import { openRecordingFile, readAt } from './open-file.ts';
import { createReadState } from './read-state.ts';
import type { RecordingEnd } from './read-state.ts';

/** A recording being read. `observations` can be gone through once; leaving it early closes the file. */
export interface RecordingReader extends AsyncDisposable {
  readonly header: RecordingHeader;
  /** Never throws: what cannot be read is a `lost` or an `undecodable` observation. */
  readonly observations: AsyncIterable<Observation>;
  /** How the recording ends; `reading` as long as `observations` has not come to its end. */
  ended(): RecordingEnd;
  /** Only needed where `observations` was never begun. Safe to call twice. */
  close(): Promise<void>;
}

/** Opens a recording and reads its header. Holds one frame at a time. @throws RoutecauseError where it is none. */
export async function readRecording(path: string): Promise<RecordingReader> {
  const { handle, header, bodyAt } = await openRecordingFile(path);
  const state = createReadState();
  let closing: Promise<void> | undefined;
  // Nothing was written through it, so a failing close loses nothing.
  const close = (): Promise<void> => (closing ??= handle.close().catch(() => undefined));
  return {
    header,
    observations: readObservations(handle, bodyAt, state, close),
    ended: () => state.end(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function* readObservations(
  handle: FileHandle, bodyAt: number, state: ReturnType<typeof createReadState>, close: () => Promise<void>,
): AsyncGenerator<Observation, void, void> {
  const read = (position: number, length: number): Promise<Buffer> => readAt(handle, position, length);
  try {
    for await (const step of readFrames(read, bodyAt)) {
      let records = 0;
      let newest: BootTime | undefined;
      if (step.kind === 'frame') {
        for (const observation of decodeLines(step.text, step.interval.oldest)) {
          records += 1;
          if (newest === undefined || observation.time > newest) newest = observation.time;
          yield observation;
        }
      }
      const lost = state.note(step, records, newest);
      if (lost !== undefined) yield lost;
    }
  } finally {
    await close();
  }
}

import { unlink } from 'node:fs/promises';
import type { RoutecauseError } from '../model/errors.ts';
import type { LostObservation, Observation } from '../model/observation.ts';
import { createPrivateFile } from './create-file.ts';
import { createFileQueue } from './file-queue.ts';
import { encodeHead } from './format.ts';
import type { RecordingHeader } from './format.ts';
import { createFrameBuilder } from './frame-builder.ts';
import { encodeEnd } from './frame.ts';
import { writeProblem } from './problems.ts';

/** Below a second, because the write itself and a busy event loop take their time too. */
const FLUSH_AFTER_MS = 750;
/** What a disk slower than the events may keep waiting in memory. */
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

/** A recording being made. No call throws, and none makes the live session wait. */
export interface Recording {
  /** Takes one observation; at most a second later it is in the file. After a failure or `close` it does nothing. */
  observe(observation: Observation): void;
  /** Resolves once all observations so far are in the file, or writing has failed. */
  flush(): Promise<void>;
  /** Writes the rest and the end mark. Safe to call twice. */
  close(): Promise<void>;
  /** Bytes in the file so far. */
  readonly bytesWritten: number;
  /** Resolves, and never rejects, when writing fails; otherwise stays pending. */
  readonly failed: Promise<RoutecauseError>;
  /** What `failed` resolved with. */
  readonly failure: RoutecauseError | undefined;
}

/** `force`: replace an existing file. @default false. `maxQueuedBytes`: see the constant. */
export interface RecordingOptions { readonly force?: boolean; readonly maxQueuedBytes?: number }

/** Creates the file, readable by its owner only, and writes the header. @throws RoutecauseError where that fails. */
export async function openRecording(path: string, header: RecordingHeader, options: RecordingOptions = {}): Promise<Recording> {
  const head = encodeHead(header);
  const handle = await createPrivateFile(path, options.force ?? false);
  const maxQueuedBytes = options.maxQueuedBytes ?? MAX_QUEUED_BYTES;
  const { promise: failed, resolve } = Promise.withResolvers<RoutecauseError>();
  const builder = createFrameBuilder();
  let failure: RoutecauseError | undefined;
  let frames = 0;
  let timer: NodeJS.Timeout | undefined;
  let behind: LostObservation | undefined;
  let closing: Promise<void> | undefined;

  const fail = (error: unknown): void => {
    if (failure !== undefined) return;
    failure = writeProblem(path, error);
    resolve(failure);
  };
  const queue = createFileQueue(handle, fail);

  function endFrame(): void {
    clearTimeout(timer);
    timer = undefined;
    if (builder.isEmpty() || failure !== undefined) return;
    queue.append(builder.take());
    frames += 1;
  }

  function add(observation: Observation): void {
    builder.add(observation);
    if (builder.isFull()) endFrame();
    else timer ??= setTimeout(endFrame, FLUSH_AFTER_MS).unref();
  }

  function tellBehind(): void {
    if (behind === undefined) return;
    add(behind);
    behind = undefined;
  }

  async function finish(): Promise<void> {
    tellBehind();
    endFrame();
    queue.append(encodeEnd(frames));
    await queue.drained();
    try {
      if (failure === undefined) await handle.datasync();
    } catch (error) {
      fail(error);
    } finally {
      // Some file systems (NFS) tell only now that there was no space.
      await handle.close().catch(fail);
    }
  }

  queue.append(head);
  await queue.drained();
  if (failure !== undefined) {
    await handle.close().catch(() => undefined);
    // An empty file would only be in the way of the next attempt.
    await unlink(path).catch(() => undefined);
    throw failure;
  }

  return {
    observe(observation) {
      if (closing !== undefined || failure !== undefined) return;
      if (queue.queuedBytes() > maxQueuedBytes) {
        behind = countBehind(behind, observation);
        return;
      }
      tellBehind();
      add(observation);
    },
    async flush() {
      endFrame();
      await queue.drained();
    },
    close: () => (closing ??= finish()),
    get bytesWritten() { return queue.writtenBytes(); },
    failed,
    get failure() { return failure; },
  };
}

function countBehind(behind: LostObservation | undefined, { time }: Observation): LostObservation {
  const before = behind ?? { time, since: time, count: 0 };
  return {
    kind: 'lost', source: 'host', what: 'recording fell behind', count: (before.count ?? 0) + 1,
    since: time < before.since ? time : before.since,
    time: time > before.time ? time : before.time,
  };
}

import type { FileHandle } from 'node:fs/promises';

/** Appends buffers one after the other without making anybody wait. */
export interface FileQueue {
  append(buffer: Buffer): void;
  /** When all that was appended so far is written, or writing has failed. Never rejects. */
  drained(): Promise<void>;
  /** Bytes appended and not yet written. */
  queuedBytes(): number;
  writtenBytes(): number;
}

/** `fail` is called once, at the first error; after it nothing more is written. */
export function createFileQueue(handle: FileHandle, fail: (error: unknown) => void): FileQueue {
  let tail = Promise.resolve();
  let queued = 0;
  let written = 0;
  let hasFailed = false;

  async function writeNext(buffer: Buffer): Promise<void> {
    try {
      if (hasFailed) return;
      await writeAll(handle, buffer, written);
      written += buffer.length;
    } catch (error) {
      hasFailed = true;
      // Half a frame is of no use. That this fails too changes nothing: a reader takes it for a cut.
      await handle.truncate(written).catch(() => undefined);
      fail(error);
    } finally {
      queued -= buffer.length;
    }
  }

  return {
    append(buffer) {
      queued += buffer.length;
      tail = tail.then(() => writeNext(buffer));
    },
    drained: () => tail,
    queuedBytes: () => queued,
    writtenBytes: () => written,
  };
}

async function writeAll(handle: FileHandle, buffer: Buffer, position: number): Promise<void> {
  let done = 0;
  while (done < buffer.length) {
    const { bytesWritten } = await handle.write(buffer, done, buffer.length - done, position + done);
    done += bytesWritten;
  }
}

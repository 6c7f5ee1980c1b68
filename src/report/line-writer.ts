import type { Writable } from 'node:stream';
import { RoutecauseError } from '../model/errors.ts';

/** Writes lines to a stream that is not ours to close. */
export interface LineWriter {
  write(line: string): void;
  /** Resolves when everything is with the operating system, or the reader is gone. @throws RoutecauseError when it cannot be written */
  close(): Promise<void>;
}

/**
 * While the stream asks to wait, lines are kept here and leave in one write when it drains. A reader that goes away
 * (EPIPE, as with `| head`) is a quiet end: `onEnd` is called once, later lines are dropped.
 */
export function createLineWriter(stream: Writable, onEnd?: () => void): LineWriter {
  let waiting: string[] = [];
  let isBlocked = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;

  const end = (error: Error): void => {
    if (failure !== undefined) return;
    failure = error;
    waiting = [];
    wake();
    onEnd?.();
  };
  const send = (text: string): void => {
    isBlocked = !stream.write(text, (error) => (error ? end(error) : undefined));
    if (isBlocked) stream.once('drain', drain);
  };
  const drain = (): void => {
    isBlocked = false;
    const text = waiting.join('');
    waiting = [];
    if (text !== '') send(text);
    if (!isBlocked) wake();
  };
  // Without a listener a broken pipe would be an uncaught exception.
  stream.on('error', end);

  return {
    write(line) {
      if (failure !== undefined) return;
      if (isBlocked) waiting.push(`${line}\n`);
      else send(`${line}\n`);
    },
    async close() {
      if (isBlocked && failure === undefined) await new Promise<void>((resolve) => { wake = resolve; });
      if (failure === undefined) await new Promise<void>((resolve) => { wake = resolve; stream.write('', () => resolve()); });
      stream.off('drain', drain);
      if (failure !== undefined && !isReaderGone(failure)) {
        throw new RoutecauseError(`the output could not be written: ${failure.message}`, 'write to a place with free space', { cause: failure });
      }
    },
  };
}

/** Writes a whole answer. @throws RoutecauseError when it cannot be written: what nobody got was not told */
export async function writeAnswer(stream: Writable, text: string): Promise<void> {
  const writer = createLineWriter(stream);
  writer.write(text.replace(/\n$/, ''));
  await writer.close();
}

const READER_GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'EIO', 'ECONNRESET']);
const isReaderGone = (error: Error): boolean => 'code' in error && READER_GONE.has(String(error.code));

import type { Writable } from 'node:stream';
import type { OutputRecord } from '../model/output.ts';
import type { Sink } from '../model/ports.ts';
import { createLineWriter } from './line-writer.ts';
import { createPlainText, type PlainOptions } from './plain-text.ts';

/** Prints records as lines to read, for pipes and dumb terminals; `onEnd` tells that nobody reads any more. */
export function createPlain(stream: Writable, options: PlainOptions = {}, onEnd?: () => void): Sink {
  const writer = createLineWriter(stream, onEnd);
  const text = createPlainText(options);
  return {
    show(record: OutputRecord) {
      for (const line of text.push(record)) writer.write(line);
    },
    close: () => writer.close(),
  };
}

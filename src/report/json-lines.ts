import type { Writable } from 'node:stream';
import type { OutputRecord } from '../model/output.ts';
import type { Sink } from '../model/ports.ts';
import { createLineWriter } from './line-writer.ts';
import { safeJson } from './sanitize.ts';

/** Prints each record as one line of JSON; `onEnd` tells that nobody reads any more. */
export function createJsonLines(stream: Writable, onEnd?: () => void): Sink {
  const writer = createLineWriter(stream, onEnd);
  return {
    show: (record: OutputRecord) => writer.write(safeJson(record)),
    close: () => writer.close(),
  };
}

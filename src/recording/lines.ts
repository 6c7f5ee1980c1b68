import type { Observation } from '../model/observation.ts';
import { bootTime } from '../model/time.ts';
import type { BootTime } from '../model/time.ts';
import { decodeObservation } from './codec.ts';
import { LIMITS } from './format.ts';

const SAMPLE_CHARS = 200;

/**
 * The observations of a frame's text, one by one, so that a frame of millions of tiny lines takes no more memory than
 * its text. A line that is none becomes `undecodable`, at its own time or else at `fallback`.
 */
export function* decodeLines(text: string, fallback: BootTime): Generator<Observation, void, void> {
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline === -1 ? text.length : newline;
    yield decodeLine(text.slice(start, end), fallback);
    start = end + 1;
  }
}

function decodeLine(line: string, fallback: BootTime): Observation {
  const decoded = line.length > LIMITS.lineChars ? ({ kind: 'invalid' } as const) : decodeObservation(line);
  if (decoded.kind === 'observation') return decoded.observation;
  const time = decoded.time === undefined ? fallback : bootTime(decoded.time);
  return { kind: 'undecodable', time, source: 'host', sample: copyOf(line.slice(0, SAMPLE_CHARS)) };
}

// A slice keeps the whole text of the frame in memory for as long as somebody keeps the slice.
const copyOf = (sample: string): string => Buffer.from(sample).toString('utf8');

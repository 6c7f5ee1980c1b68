import type { Observation } from '../model/observation.ts';
import type { BootTime } from '../model/time.ts';
import { encodeObservation } from './codec.ts';
import { LIMITS } from './format.ts';
import { encodeFrame } from './frame.ts';

/** Text that a frame should not much exceed: what a damaged frame costs. */
const FULL_CHARS = 256 * 1024;

/** Collects observations until they are worth a frame. */
export interface FrameBuilder {
  add(observation: Observation): void;
  isEmpty(): boolean;
  isFull(): boolean;
  /** The frame of all that was added since the last one. Not to be called when empty. */
  take(): Buffer;
}

export function createFrameBuilder(): FrameBuilder {
  let text = '';
  let records = 0;
  let oldest = 0n as BootTime;
  let newest = 0n as BootTime;

  return {
    add(observation) {
      text += `${encodeLine(observation)}\n`;
      const { time } = observation;
      if (records === 0 || time < oldest) oldest = time;
      if (records === 0 || time > newest) newest = time;
      records += 1;
    },
    isEmpty: () => records === 0,
    isFull: () => text.length >= FULL_CHARS,
    take() {
      const frame = encodeFrame(Buffer.from(text), records, { oldest, newest });
      text = '';
      records = 0;
      return frame;
    },
  };
}

// A reader would refuse a longer line, so that it says less but says it.
function encodeLine(observation: Observation): string {
  const line = encodeObservation(observation);
  if (line.length <= LIMITS.lineChars) return line;
  const { time, source, kind } = observation;
  return encodeObservation({ kind: 'undecodable', time, source, sample: `a ${kind} observation of ${line.length} characters, too long to be recorded` });
}

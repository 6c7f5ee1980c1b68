import { assertNever } from '../model/errors.ts';
import type { LostObservation } from '../model/observation.ts';
import { bootTime } from '../model/time.ts';
import type { BootTime } from '../model/time.ts';
import type { FrameStep } from './frame-reader.ts';
import type { Interval } from './frame.ts';

/**
 * How a recording ends. `atByte`: of a cut, behind the last whole frame; of damage, the first damaged frame.
 * `atTime`: the newest observation before it. `rest` of a damaged one: `complete` when all that follows the damage
 * could be read, `truncated` when the file is cut as well, `unreadable` when reading had to stop.
 */
export type RecordingEnd =
  | { readonly kind: 'reading' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'truncated'; readonly atByte: number; readonly atTime?: BootTime }
  | {
    readonly kind: 'damaged'; readonly atByte: number; readonly atTime?: BootTime; readonly problem: string;
    readonly skippedFrames: number; readonly skippedRecords: number; readonly rest: 'complete' | 'truncated' | 'unreadable';
  };

interface Damage { readonly atByte: number; readonly atTime?: BootTime; readonly problem: string }

/** Keeps count of what was read and what was not. */
export interface ReadState {
  /** Takes what a frame turned out to be; gives the loss to be told where there is one. */
  note(step: FrameStep, records: number, newest: BootTime | undefined): LostObservation | undefined;
  end(): RecordingEnd;
}

export function createReadState(): ReadState {
  let newest: BootTime | undefined;
  let first: Damage | undefined;
  let skippedFrames = 0;
  let skippedRecords = 0;
  let end: RecordingEnd = { kind: 'reading' };

  const place = (atByte: number) => (newest === undefined ? { atByte } : { atByte, atTime: newest });

  function damage(at: number, problem: string, interval: Interval, count?: number): LostObservation {
    first ??= { ...place(at), problem };
    if (count !== undefined) skippedFrames += 1;
    skippedRecords += count ?? 0;
    const [since, time] = interval.oldest <= interval.newest ? [interval.oldest, interval.newest] : [interval.newest, interval.oldest];
    const lost = { kind: 'lost', time, source: 'host', since, what: 'recording damaged' } as const;
    return count === undefined ? lost : { ...lost, count };
  }

  function finish(rest: 'complete' | 'truncated' | 'unreadable', at: number): undefined {
    if (first !== undefined) end = { kind: 'damaged', ...first, skippedFrames, skippedRecords, rest };
    else end = rest === 'complete' ? { kind: 'complete' } : { kind: 'truncated', ...place(at) };
  }

  return {
    note(step, records, newestOfFrame) {
      switch (step.kind) {
        case 'frame': {
          const lost = records === step.records ? undefined
            : damage(step.at, 'a frame has not as many records as it says', step.interval, Math.max(0, step.records - records));
          if (newestOfFrame !== undefined && (newest === undefined || newestOfFrame > newest)) newest = newestOfFrame;
          return lost;
        }
        case 'skipped': return damage(step.at, 'the content of a frame is damaged', step.interval, step.records);
        case 'unreadable': {
          // Nothing can come after it, so that the loss begins and ends where the recording does.
          const now = newest ?? bootTime(0n);
          const lost = damage(step.at, step.problem, { oldest: now, newest: now });
          finish('unreadable', step.at);
          return lost;
        }
        case 'cut': return finish('truncated', step.at);
        case 'end': return finish('complete', step.at);
        default: return assertNever(step);
      }
    },
    end: () => end,
  };
}

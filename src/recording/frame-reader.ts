import { decodeFrameHeader, decodePayload, FRAME_HEADER_BYTES } from './frame.ts';
import type { Interval } from './frame.ts';

/** What lies at `at`, the offset of a frame. `unreadable`: where the next frame begins is not known either. */
export type FrameStep =
  | { readonly kind: 'frame'; readonly at: number; readonly text: string; readonly records: number; readonly interval: Interval }
  | { readonly kind: 'skipped'; readonly at: number; readonly records: number; readonly interval: Interval }
  | { readonly kind: 'unreadable'; readonly at: number; readonly problem: string }
  | { readonly kind: 'cut'; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

/** Gives fewer bytes than asked for only where the file ends. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** Frame by frame; the last step is `unreadable`, `cut` or `end`. Holds one frame at a time and never throws. */
export async function* readFrames(readAt: ReadAt, bodyAt: number): AsyncGenerator<FrameStep, void, void> {
  let at = bodyAt;
  let frames = 0;
  try {
    for (;;) {
      const bytes = await readAt(at, FRAME_HEADER_BYTES);
      if (bytes.length < FRAME_HEADER_BYTES) return yield { kind: 'cut', at };
      const header = decodeFrameHeader(bytes);
      if (header === undefined) return yield { kind: 'unreadable', at, problem: 'a frame header is damaged' };
      if (header.kind === 'end') return yield await checkEnd(readAt, at, header.frames - frames);
      const payload = await readAt(at + FRAME_HEADER_BYTES, header.payloadBytes);
      if (payload.length < header.payloadBytes) return yield { kind: 'cut', at };
      const text = decodePayload(payload, header);
      const { records, interval } = header;
      yield text === undefined ? { kind: 'skipped', at, records, interval } : { kind: 'frame', at, text, records, interval };
      at += FRAME_HEADER_BYTES + header.payloadBytes;
      frames += 1;
    }
  } catch (error) {
    yield { kind: 'unreadable', at, problem: `the file cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function checkEnd(readAt: ReadAt, at: number, missing: number): Promise<FrameStep> {
  if (missing !== 0) return { kind: 'unreadable', at, problem: `the number of frames is not what the end mark says` };
  const after = await readAt(at + FRAME_HEADER_BYTES, 1);
  return after.length > 0 ? { kind: 'unreadable', at, problem: 'there are bytes behind the end mark' } : { kind: 'end', at };
}

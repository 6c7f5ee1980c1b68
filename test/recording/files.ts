import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import { encodeHead } from '../../src/recording/format.ts';
import type { RecordingHeader } from '../../src/recording/format.ts';
import { createFrameBuilder } from '../../src/recording/frame-builder.ts';
import { encodeEnd } from '../../src/recording/frame.ts';
import type { RecordingEnd } from '../../src/recording/read-state.ts';
import { readRecording } from '../../src/recording/read.ts';
import { HEADER } from './header.ts';

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'routecause-recording-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A whole recording as bytes, a frame for every `perFrame` observations; `frameEnds` are offsets in `bytes`. */
export function buildRecording(observations: readonly Observation[], perFrame: number): { bytes: Buffer; frameEnds: readonly number[] } {
  const parts = [encodeHead(HEADER)];
  const frameEnds: number[] = [];
  let length = parts[0]?.length ?? 0;
  const builder = createFrameBuilder();
  observations.forEach((observation, index) => {
    builder.add(observation);
    if (index % perFrame !== perFrame - 1 && index !== observations.length - 1) return;
    const frame = builder.take();
    parts.push(frame);
    frameEnds.push(length += frame.length);
  });
  return { bytes: Buffer.concat([...parts, encodeEnd(frameEnds.length)]), frameEnds };
}

export interface ReadResult { readonly observations: readonly Observation[]; readonly end: RecordingEnd; readonly header: RecordingHeader }

export async function readAll(path: string): Promise<ReadResult> {
  const reader = await readRecording(path);
  const observations: Observation[] = [];
  for await (const observation of reader.observations) observations.push(observation);
  return { observations, end: reader.ended(), header: reader.header };
}

export async function readBytes(path: string, bytes: Uint8Array): Promise<ReadResult> {
  writeFileSync(path, bytes);
  return readAll(path);
}

export const fileBytes = (path: string): Buffer => readFileSync(path);

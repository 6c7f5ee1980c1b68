import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { decodeHeader, FORMAT_VERSION, headCrc, LIMITS, MAGIC, PREAMBLE_BYTES } from './format.ts';
import type { RecordingHeader } from './format.ts';
import { damagedHead, emptyProblem, newerVersion, notRecording, notRegular, readProblem } from './problems.ts';

/** A recording whose header has been read; `bodyAt` is where its frames begin. Whoever opened it closes `handle`. */
export interface OpenedRecording { readonly handle: FileHandle; readonly header: RecordingHeader; readonly bodyAt: number }

/** @throws RoutecauseError where there is no recording that this version reads. */
export async function openRecordingFile(path: string): Promise<OpenedRecording> {
  // O_NONBLOCK: opening a FIFO would wait for a writer that may never come.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => { throw readProblem(path, error); });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notRegular(path, stats.isDirectory() ? 'directory' : 'special file');
    return { handle, ...(await readHead(handle, path)) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Fewer bytes than asked for: the file ends there. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

async function readHead(handle: FileHandle, path: string): Promise<Omit<OpenedRecording, 'handle'>> {
  const read = (position: number, length: number) =>
    readAt(handle, position, length).catch((error: unknown) => { throw readProblem(path, error); });
  const preamble = await read(0, PREAMBLE_BYTES);
  if (preamble.length === 0) throw emptyProblem(path);
  // A cut inside the magic is a cut recording; anything else that differs is another kind of file.
  const magic = preamble.subarray(0, MAGIC.length);
  if (!magic.equals(MAGIC.subarray(0, magic.length))) throw notRecording(path);
  if (preamble.length < PREAMBLE_BYTES) throw damagedHead(path);
  // Before the CRC, because a newer major version may have another layout from here on.
  const major = preamble.readUInt16LE(8);
  if (major > FORMAT_VERSION.major) throw newerVersion(path, major, FORMAT_VERSION.major);
  const jsonBytes = preamble.readUInt32LE(12);
  if (major !== FORMAT_VERSION.major || jsonBytes > LIMITS.headerBytes) throw damagedHead(path);
  const json = await read(PREAMBLE_BYTES, jsonBytes);
  if (json.length < jsonBytes || headCrc(preamble, json) !== preamble.readUInt32LE(16)) throw damagedHead(path);
  const header = decodeHeader(json.toString('utf8'));
  if (header === undefined) throw damagedHead(path);
  return { header, bodyAt: PREAMBLE_BYTES + jsonBytes };
}

import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { bootTime } from '../model/time.ts';
import type { BootTime } from '../model/time.ts';
import { LIMITS } from './format.ts';

/** Bytes in front of every frame; the end mark is nothing else. */
export const FRAME_HEADER_BYTES = 40;

// "rcFR" and "rcEN" as they lie in the file.
const FRAME_MARK = 0x52466372;
const END_MARK = 0x4e456372;
const U64_MAX = (1n << 64n) - 1n;

/** The interval of time that the observations of a frame lie in: they come unordered. */
export interface Interval { readonly oldest: BootTime; readonly newest: BootTime }

/** What stands in front of a frame, or at the end, where `frames` is how many there should have been. */
export type FrameHeader =
  | { readonly kind: 'frame'; readonly payloadBytes: number; readonly textBytes: number; readonly records: number; readonly payloadCrc: number; readonly interval: Interval }
  | { readonly kind: 'end'; readonly frames: number };

/** One independent zstd frame with its header in front. `text` ends with a newline. */
export function encodeFrame(text: Uint8Array, records: number, interval: Interval): Buffer {
  const payload = zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(FRAME_MARK, 0);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(text.length, 8);
  header.writeUInt32LE(records, 12);
  header.writeUInt32LE(crc32(payload), 16);
  header.writeBigUInt64LE(clampToU64(interval.oldest), 20);
  header.writeBigUInt64LE(clampToU64(interval.newest), 28);
  return Buffer.concat([sealHeader(header), payload]);
}

/** What an orderly close writes last. */
export function encodeEnd(frames: number): Buffer {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  header.writeUInt32LE(END_MARK, 0);
  header.writeUInt32LE(frames, 12);
  return sealHeader(header);
}

/** Undefined: not a header, or a damaged one, or one beyond the limits. */
export function decodeFrameHeader(bytes: Buffer): FrameHeader | undefined {
  if (crc32(bytes.subarray(0, 36)) !== bytes.readUInt32LE(36)) return undefined;
  const mark = bytes.readUInt32LE(0);
  const records = bytes.readUInt32LE(12);
  if (mark === END_MARK) return { kind: 'end', frames: records };
  const payloadBytes = bytes.readUInt32LE(4);
  const textBytes = bytes.readUInt32LE(8);
  if (mark !== FRAME_MARK || payloadBytes > LIMITS.framePayloadBytes || textBytes > LIMITS.frameTextBytes) return undefined;
  const interval = { oldest: bootTime(bytes.readBigUInt64LE(20)), newest: bootTime(bytes.readBigUInt64LE(28)) };
  return { kind: 'frame', payloadBytes, textBytes, records, payloadCrc: bytes.readUInt32LE(16), interval };
}

/** The text of a frame. Undefined: it is not what its header says. */
export function decodePayload(payload: Uint8Array, header: FrameHeader & { kind: 'frame' }): string | undefined {
  if (crc32(payload) !== header.payloadCrc) return undefined;
  try {
    // The header's own size is the limit, so that nothing may grow beyond what was announced.
    const params = { [constants.ZSTD_d_windowLogMax]: LIMITS.windowLog };
    const text = zstdDecompressSync(payload, { maxOutputLength: Math.max(1, header.textBytes), params });
    return text.length === header.textBytes ? text.toString('utf8') : undefined;
  } catch {
    return undefined;
  }
}

function sealHeader(header: Buffer): Buffer {
  header.writeUInt32LE(crc32(header.subarray(0, 36)), 36);
  return header;
}

const clampToU64 = (time: bigint): bigint => (time < 0n ? 0n : time > U64_MAX ? U64_MAX : time);

import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { OUTPUT_SCHEMA } from '../model/output.ts';
import type { SessionOutput } from '../model/output.ts';

/** First bytes of every recording. The first is no text and the last two show a transfer that changed line ends. */
export const MAGIC = Buffer.from([0x89, 0x72, 0x63, 0x72, 0x65, 0x63, 0x0d, 0x0a]);

/** A reader refuses a larger major version and reads any minor one. */
export const FORMAT_VERSION = { major: 1, minor: 0 } as const;

/** Magic, major, minor, length of the JSON, CRC. */
export const PREAMBLE_BYTES = 20;

export const LIMITS = {
  /** JSON of the session header. */
  headerBytes: 1 << 20,
  /** Nesting of the session header: deeper ones would overflow the stack of whoever prints it again. */
  headerDepth: 32,
  /** One observation as JSON. */
  lineChars: 1 << 20,
  /** A frame after decompression. */
  frameTextBytes: 16 << 20,
  /** A frame as it lies in the file: what incompressible text of that size would take, and some. */
  framePayloadBytes: 17 << 20,
  /** log2 of the window that a frame may ask the decompressor to keep. */
  windowLog: 23,
} as const;

/** What is known of a session when its recording begins. */
export interface RecordingHeader {
  readonly session: SessionOutput;
}

const text = z.string();
const HEADER = z.looseObject({
  session: z.looseObject({
    kind: z.literal('session'),
    // The schema of lines that the recorder would have printed then. A replay prints its own.
    schema: z.int().transform((): typeof OUTPUT_SCHEMA => OUTPUT_SCHEMA),
    version: text,
    host: z.looseObject({ hostname: text, kernel: text, machine: text, cpus: z.number(), bpftrace: text.exactOptional() }),
    tier: z.enum(['bpftrace', 'ftrace', 'netlink']),
    tierReason: text,
    coverage: z.looseObject({
      armed: z.array(text),
      replaced: z.array(z.looseObject({ probe: text, by: text })),
      blind: z.array(z.looseObject({ cause: text, missing: z.array(text) })),
    }),
    clockOffsetNs: text.regex(/^-?[0-9]{1,20}$/),
    netns: z.looseObject({ inode: z.number(), name: text.exactOptional() }).exactOptional(),
    replayed: z.literal(true).exactOptional(),
  }),
});

/** The start of a recording: preamble and session header. @throws RangeError where the header is beyond the limits. */
export function encodeHead(header: RecordingHeader): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  if (json.length > LIMITS.headerBytes) throw new RangeError(`session header of ${json.length} bytes`);
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  MAGIC.copy(preamble);
  preamble.writeUInt16LE(FORMAT_VERSION.major, 8);
  preamble.writeUInt16LE(FORMAT_VERSION.minor, 10);
  preamble.writeUInt32LE(json.length, 12);
  preamble.writeUInt32LE(headCrc(preamble, json), 16);
  return Buffer.concat([preamble, json]);
}

/** The CRC covers everything before it and the JSON behind it. */
export const headCrc = (preamble: Uint8Array, json: Uint8Array): number => crc32(json, crc32(preamble.subarray(0, 16)));

/** Keys that it does not know stay. Undefined: not a session header. */
export function decodeHeader(json: string): RecordingHeader | undefined {
  try {
    const raw: unknown = JSON.parse(json);
    if (!isShallow(raw, LIMITS.headerDepth)) return undefined;
    return HEADER.safeParse(raw).data;
  } catch {
    return undefined;
  }
}

const isShallow = (value: unknown, depth: number): boolean =>
  typeof value !== 'object' || value === null || (depth > 0 && Object.values(value).every((inner) => isShallow(inner, depth - 1)));

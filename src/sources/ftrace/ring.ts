/** One event as it lies in a per-CPU buffer: its payload begins with the common fields. */
export interface RawEvent { readonly time: bigint; readonly data: Uint8Array }

/** What a page of trace_pipe_raw holds. `missed`: events were overwritten before it was read. */
export interface Page { readonly events: readonly RawEvent[]; readonly missed: boolean }

/** Source: include/linux/ring_buffer.h and kernel/trace/ring_buffer.c of 6.1; the layout of a page is in events/header_page. */
const MISSED = 0x8000_0000;
const COMMIT = 0x000f_ffff;
const TYPE = { large: 0, lastSmall: 28, padding: 29, extend: 30, stamp: 31 } as const;
const DELTA_BITS = 27n;
/** Absolute times have 59 bits; the rest comes from the page. */
const STAMP_BITS = 59n;

/** Takes a page apart, as a little-endian 64-bit kernel writes it. Whatever the bytes are, it never throws. */
export function readPage(bytes: Uint8Array, headerBytes = 16): Page {
  if (bytes.length < headerBytes) return { events: [], missed: false };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint32(8, true);
  const end = Math.min(bytes.length, headerBytes + (flags & COMMIT));
  const start = view.getBigUint64(0, true);
  const events: RawEvent[] = [];
  let time = start;
  for (let at = headerBytes; at + 4 <= end;) {
    const head = view.getUint32(at, true);
    const type = head & 0x1f;
    const delta = BigInt(head >>> 5);
    const extra = at + 8 <= end ? view.getUint32(at + 4, true) : 0;
    if (type === TYPE.extend || type === TYPE.stamp) {
      const long = (BigInt(extra) << DELTA_BITS) + delta;
      time = type === TYPE.extend ? time + long : (start >> STAMP_BITS << STAMP_BITS) + long;
      at += 8;
      continue;
    }
    if (type === TYPE.padding && delta === 0n) break;
    time += delta;
    const length = type === TYPE.large || type === TYPE.padding ? extra : type * 4 + 4;
    const payload = type === TYPE.large ? 8 : 4;
    const next = at + (type === TYPE.large || type === TYPE.padding ? 4 : 0) + length;
    if (length < 4 || next > end) break;
    if (type !== TYPE.padding) events.push({ time, data: bytes.subarray(at + payload, next) });
    at = next;
  }
  return { events, missed: (flags & MISSED) !== 0 };
}

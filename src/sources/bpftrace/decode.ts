import { FIELD_FORMS, type FieldName, type ProbeFields, type ProbeRecordType } from '../../model/fields.ts';
import type { Observation, SourceName } from '../../model/observation.ts';
import { bootTime, type BootTime } from '../../model/time.ts';

const RECORD_TYPES: ReadonlySet<string> = new Set<ProbeRecordType>([
  'call', 'return', 'request', 'via', 'notify', 'remove', 'alter', 'exception', 'refuse', 'defer', 'exec', 'argv', 'fork', 'exit', 'user', 'close', 'sentinel']);
const MAX_WORDS = 64;

/** The function of a module at an address; undefined: the tracer's own answer holds. */
export type SymbolAt = (address: bigint) => string | undefined;

/** What a line of `bpftrace -f json` holds: a record, a loss, or nothing of interest. */
export type Decoded =
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'lost'; readonly count: number }
  | { readonly kind: 'attached' }
  | undefined;

/** Never throws: what makes no sense becomes an `undecodable` observation stamped `now`. */
export function decodeLine(line: string, now: BootTime, symbolAt?: SymbolAt): Decoded {
  if (line === '') return undefined;
  const undecodable = (): Decoded =>
    ({ kind: 'observation', observation: { kind: 'undecodable', source: 'bpftrace', time: now, sample: line.slice(0, 200) } });
  let envelope: { type?: unknown; data?: unknown };
  try {
    envelope = JSON.parse(line) as { type?: unknown; data?: unknown };
  } catch {
    return undecodable();
  }
  if (envelope?.type === 'lost_events') {
    const count = Number((envelope.data as { events?: unknown } | undefined)?.events);
    return { kind: 'lost', count: Number.isFinite(count) ? count : 0 };
  }
  if (envelope?.type === 'attached_probes') return { kind: 'attached' };
  if (envelope?.type !== 'printf' || typeof envelope.data !== 'string') return undefined;
  const observation = decodeRecord(envelope.data, symbolAt);
  return observation === undefined ? undecodable() : { kind: 'observation', observation };
}

/** One `printf` of a probe script; see probes/README.md for its form. */
export function decodeRecord(data: string, symbolAt?: SymbolAt, source: SourceName = 'bpftrace'): Observation | undefined {
  const text = data.endsWith('\n') ? data.slice(0, -1) : data;
  const head = /^(\w+) (\w+) (\d+) (\d+)(?: (\d+)(?: (\d+))?)?/.exec(text);
  if (head === null) return undefined;
  const [whole, type = '', fn = '', timeText = '', cpuText = '', third, fourth] = head;
  const time = bootTime(BigInt(timeText));
  const cpu = Number(cpuText);
  if (type === 'tick') return { kind: 'tick', source, time, cpu };
  if (type === 'stack') {
    return third === undefined ? undefined
      : { kind: 'stack', source, time, cpu, id: BigInt(third), frames: framesOf(text, symbolAt) };
  }
  if (!RECORD_TYPES.has(type) || third === undefined || fourth === undefined) return undefined;
  const fields = decodeFields(text.slice(whole.length));
  if (fields?.argv !== undefined) {
    // The words read run past the arguments into the environment, which is nobody's business.
    const left = Math.max(0, (fields.arglen ?? 0) - (fields.offset ?? 0));
    return { kind: 'probe', source, type: type as ProbeRecordType, fn, time, cpu, tid: Number(third), pid: Number(fourth),
      fields: { ...fields, argv: fields.argv.subarray(0, left) } };
  }
  return fields && { kind: 'probe', source, type: type as ProbeRecordType, fn, time, cpu, tid: Number(third), pid: Number(fourth), fields };
}

/** For programs without cookies, which print something else in that place. */
export function withoutCookie(observation: Observation): Observation {
  if (observation.kind !== 'probe' || observation.fields.cookie === undefined) return observation;
  const { cookie: _, ...fields } = observation.fields;
  return { ...observation, fields };
}

/** Lines are "address symbol+offset"; newer bpftrace adds "[inlined]" and source positions. */
function framesOf(text: string, symbolAt: SymbolAt | undefined): string[] {
  const newline = text.indexOf('\n');
  if (newline < 0) return [];
  return text.slice(newline).split('\n').flatMap(line => {
    const [, address, symbol = ''] = /^\s*(?:([0-9a-f]{8,16})\s+)?(?:\[inlined\] )?([^\s+@(]+)/.exec(line) ?? [];
    const name = (address === undefined ? undefined : symbolAt?.(BigInt(`0x${address}`))) ?? symbol;
    return name === '' ? [] : [name];
  });
}

/** Words of text come last and run to the end, so that what a process calls itself cannot pose as another field. */
function decodeFields(text: string): ProbeFields | undefined {
  const fields: Record<string, unknown> = {};
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ') { at += 1; continue; }
    const equals = text.indexOf('=', at);
    if (equals < 0) return undefined;
    const key = text.slice(at, equals);
    if (!Object.hasOwn(FIELD_FORMS, key)) return undefined;
    const form = FIELD_FORMS[key as FieldName];
    const space = form === 'text' || form === 'bytes' ? -1 : text.indexOf(' ', equals);
    const end = space < 0 ? text.length : space;
    const value = readValue(form, text.slice(equals + 1, end));
    if (value === undefined) return undefined;
    fields[key] = value;
    at = end;
  }
  return fields;
}

function readValue(form: (typeof FIELD_FORMS)[FieldName], text: string): unknown {
  switch (form) {
    // The stream is read as Latin-1, so that no byte is lost before it is known to be text.
    case 'text': return Buffer.from(text, 'latin1').toString('utf8');
    case 'decimal': return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'bigint': return /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
    case 'words': return bytesOfWords(text);
    case 'bytes': return /^[0-9a-f ,]*$/.test(text) ? new Uint8Array(Buffer.from(text.replace(/[ ,]/g, ''), 'hex')) : undefined;
  }
}

/** Eight-byte words as a little-endian CPU loads them: back to the bytes in memory. */
export function bytesOfWords(text: string): Uint8Array | undefined {
  const words = text.split(',');
  if (words.length > MAX_WORDS || !words.every(word => /^[0-9a-f]{1,16}$/.test(word))) return undefined;
  const bytes = Buffer.alloc(words.length * 8);
  words.forEach((word, index) => bytes.writeBigUInt64LE(BigInt(`0x${word}`), index * 8));
  return new Uint8Array(bytes);
}

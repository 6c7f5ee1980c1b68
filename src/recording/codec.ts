import type { Observation } from '../model/observation.ts';
import { bigint, isRecord } from './forms.ts';
import { SHAPES } from './shapes.ts';

interface Slot {
  readonly key: string; readonly prefix: string; readonly optional: boolean;
  readonly encode: (value: unknown) => string; readonly decode: (raw: unknown) => unknown;
}

// Slots forget the types of SHAPES, whose own type has checked that each form fits its key.
const SLOTS: ReadonlyMap<string, readonly Slot[]> = new Map(Object.entries(SHAPES).map(([kind, shape]) => [
  kind,
  Object.entries(shape as Readonly<Record<string, Pick<Slot, 'optional' | 'encode' | 'decode'>>>).map(([key, form]) => ({
    key, prefix: `,${JSON.stringify(key)}:`, optional: form.optional,
    encode: form.encode, decode: form.decode,
  })),
]));

/** One line of JSON without its newline, from which `decodeObservation` makes an equal observation. */
export function encodeObservation(observation: Observation): string {
  const values = observation as unknown as Readonly<Record<string, unknown>>;
  let json = `{"kind":"${observation.kind}"`;
  for (const slot of SLOTS.get(observation.kind) ?? []) {
    const value = values[slot.key];
    if (value !== undefined) json += slot.prefix + slot.encode(value);
  }
  return `${json}}`;
}

/** What one line tells. `invalid` is a line that no observation is written as; its time is given where it could be read. */
export type DecodedLine =
  | { readonly kind: 'observation'; readonly observation: Observation }
  | { readonly kind: 'invalid'; readonly time?: bigint };

/** Checks every value: a recording is a stranger's text. Keys that this version does not know are passed over. */
export function decodeObservation(line: string): DecodedLine {
  const raw = parseJson(line);
  if (!isRecord(raw) || typeof raw['kind'] !== 'string') return { kind: 'invalid' };
  const slots = SLOTS.get(raw['kind']);
  if (slots === undefined) return invalid(raw);
  const observation: Record<string, unknown> = { kind: raw['kind'] };
  for (const slot of slots) {
    const value = raw[slot.key];
    if (value === undefined && slot.optional) continue;
    const decoded = slot.decode(value);
    if (decoded === undefined) return invalid(raw);
    observation[slot.key] = decoded;
  }
  return { kind: 'observation', observation: observation as unknown as Observation };
}

function invalid(raw: Readonly<Record<string, unknown>>): DecodedLine {
  const time = bigint.decode(raw['time']);
  return time === undefined ? { kind: 'invalid' } : { kind: 'invalid', time };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

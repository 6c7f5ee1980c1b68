import { FIELD_FORMS } from '../model/fields.ts';
import type { FieldForm, ProbeFields } from '../model/fields.ts';
import { bigint, bytes, isRecord, number, text } from './forms.ts';
import type { Form } from './forms.ts';

interface FieldCodec { readonly prefix: string; readonly encode: (value: unknown) => string; readonly decode: (raw: unknown) => unknown }

// Forgetting the type is sound here: a name and the form of its values come out of the same row of FIELD_FORMS.
const untyped = <T>({ encode, decode }: Form<T>) => ({ encode: (value: unknown) => encode(value as T), decode });

const FORMS = { decimal: untyped(number), bigint: untyped(bigint), words: untyped(bytes), bytes: untyped(bytes), text: untyped(text) } as const satisfies Record<FieldForm, unknown>;

const FIELDS: ReadonlyMap<string, FieldCodec> = new Map(
  Object.entries(FIELD_FORMS).map(([name, form]) => [name, { prefix: `${JSON.stringify(name)}:`, ...FORMS[form] }]),
);

function encodeFields(fields: ProbeFields): string {
  let json = '{';
  for (const [name, value] of Object.entries(fields)) {
    const field = FIELDS.get(name);
    if (field === undefined || value === undefined) continue;
    json += (json.length > 1 ? ',' : '') + field.prefix + field.encode(value);
  }
  return `${json}}`;
}

function decodeFields(raw: unknown): ProbeFields | undefined {
  if (!isRecord(raw)) return undefined;
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const field = FIELDS.get(name);
    // A newer minor version may know more fields.
    if (field === undefined) continue;
    const decoded = field.decode(value);
    if (decoded === undefined) return undefined;
    fields[name] = decoded;
  }
  return fields;
}

/** What a probe could read: the vocabulary and the form of each value are those of model/fields.ts. */
export const probeFields: Form<ProbeFields> = { encode: encodeFields, decode: decodeFields, optional: false };

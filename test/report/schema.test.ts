import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { z } from 'zod';
import type { OutputRecord } from '../../src/model/output.ts';
import { outputJsonSchemaText } from '../../src/report/json-schema.ts';
import { outputRecordSchema } from '../../src/report/schema.ts';
import { anycast, hostile, loss, redirect, refused, session, story, summary, tooBig } from './records.ts';

/** The types promise not to write; for comparing shapes that is noise. */
type Writable<T> = T extends readonly (infer Member)[] ? Writable<Member>[] : T extends object ? { -readonly [Key in keyof T]: Writable<T[Key]> } : T;

describe('outputRecordSchema', () => {
  test('has the very shape of the types', () => {
    expectTypeOf<Writable<z.output<typeof outputRecordSchema>>>().toEqualTypeOf<Writable<OutputRecord>>();
  });
  test.each([...story, summary, hostile, refused, redirect, tooBig].map((record) => [record.kind, record] as const))('accepts %s', (_, record) => {
    expect(outputRecordSchema.parse(record)).toEqual(record);
  });
  test.each([
    ['an unknown field', { ...summary, extra: 1 }],
    ['an unknown field inside', { ...anycast, route: { ...anycast.route, extra: 1 } }],
    ['a missing field', { ...loss, what: undefined }],
    ['present but undefined', { ...anycast, advice: undefined }],
    ['a prefix without length', { ...anycast, route: { ...anycast.route, dst: '::' } }],
    ['an exception without its event', { ...redirect, event: undefined }],
    ['an exception for a bare address', { ...redirect, dst: '203.0.113.7' }],
    ['a number for nanoseconds', { ...session, clockOffsetNs: 1 }],
    ['another schema version', { ...session, schema: 2 }],
    ['an unknown kind', { kind: 'gossip' }],
  ])('refuses %s', (_, record) => expect(outputRecordSchema.safeParse(record).success).toBe(false));
});

describe('docs/output.schema.json', () => {
  const file = new URL('../../docs/output.schema.json', import.meta.url);
  // Regenerate with: node src/report/write-schema.ts
  test.skipIf(!existsSync(file))('is what the schemas give', () => expect(readFileSync(file, 'utf8')).toBe(outputJsonSchemaText()));

  test('is draft 2020-12 with a definition for each kind of line', () => {
    const schema = JSON.parse(outputJsonSchemaText()) as { $schema: string; $defs: Record<string, unknown>; oneOf: unknown[] };
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.oneOf).toHaveLength(outputRecordSchema.options.length);
    expect(Object.keys(schema.$defs)).toEqual(expect.arrayContaining(['session', 'route-change', 'rule-change', 'exception', 'attempt', 'route', 'rule', 'actor', 'trigger']));
    expect(outputJsonSchemaText()).not.toContain('9007199254740991');
  });
});

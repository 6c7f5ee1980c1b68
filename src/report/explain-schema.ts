import { z } from 'zod';
import type { EntriesOutput, EntryOutput, ExplainOutput, TopicsOutput } from '../model/explain-output.ts';
import { OUTPUT_SCHEMA } from '../model/output.ts';

const text = z.string();
const maybe = z.exactOptional;
const schema = z.literal(OUTPUT_SCHEMA);

const entrySchema = z.strictObject({
  kind: z.literal('entry'), schema, topic: text, key: text, title: text, text: z.array(text),
  references: z.array(z.strictObject({ id: text, title: text, section: maybe(text), url: maybe(text) })),
}) satisfies z.ZodType<EntryOutput>;
const entriesSchema = z.strictObject({
  kind: z.literal('entries'), schema, topic: text, about: text, entries: z.array(z.strictObject({ key: text, title: text, meaning: text })), besides: maybe(text),
}) satisfies z.ZodType<EntriesOutput>;
const topicsSchema = z.strictObject({
  kind: z.literal('topics'), schema, topics: z.array(z.strictObject({ topic: text, about: text, example: text })),
}) satisfies z.ZodType<TopicsOutput>;

/** What `routecause explain --json` prints. */
export const explainOutputSchema = z.discriminatedUnion('kind', [entrySchema, entriesSchema, topicsSchema]) satisfies z.ZodType<ExplainOutput>;

/** As docs/explain.schema.json holds it: JSON Schema, draft 2020-12. */
export const explainJsonSchemaText = (): string =>
  `${JSON.stringify({ title: 'routecause explain --json', ...z.toJSONSchema(explainOutputSchema, { target: 'draft-2020-12' }) }, undefined, 2)}\n`;

import { z } from 'zod';
import { WHY_SCHEMA, type LoserOutput, type MeaningOutput, type OriginOutput, type RuleStepOutput, type Statement, type WhyAnswer, type WhyExceptionOutput } from '../model/why.ts';
import { netnsSchema, routeSchema, ruleSchema } from './schema-route.ts';

const integer = z.int();
const text = z.string();
const texts = z.array(text);
const maybe = z.exactOptional;
const family = z.enum(['ipv4', 'ipv6']);

export const statementSchema = z.discriminatedUnion('basis', [
  z.strictObject({ basis: z.enum(['read', 'observed']), text }),
  z.strictObject({ basis: z.literal('inferred'), text, reasons: texts, confirm: text }),
]) satisfies z.ZodType<Statement>;

export const ruleStepSchema = z.strictObject({
  rule: ruleSchema,
  outcome: z.enum(['no-match', 'goto', 'nop', 'unresolved-goto', 'fell-through', 'answered', 'throw', 'suppressed', 'rejected', 'jumped-over', 'not-asked']),
  table: maybe(integer), text,
}) satisfies z.ZodType<RuleStepOutput>;

export const loserSchema = z.strictObject({ route: routeSchema, because: text, text }) satisfies z.ZodType<LoserOutput>;

export const originSchema = z.strictObject({
  id: text, standing: z.enum(['observed', 'likely', 'possible', 'unlikely']), said: statementSchema, for: z.array(statementSchema), against: z.array(statementSchema),
  cause: maybe(z.strictObject({ id: text, title: text })),
}) satisfies z.ZodType<OriginOutput>;

export const whyExceptionSchema = z.strictObject({
  event: z.enum(['redirect', 'path-mtu']), dst: text, gateway: maybe(text), mtu: maybe(integer), dev: maybe(text), expires: maybe(z.number()),
}) satisfies z.ZodType<WhyExceptionOutput>;

export const meaningSchema = z.strictObject({ topic: text, key: text, title: text, text: texts }) satisfies z.ZodType<MeaningOutput>;

/** What `why --json` prints. */
export const whySchema = z.strictObject({
  kind: z.literal('why'), schema: z.literal(WHY_SCHEMA), version: text,
  query: z.strictObject({
    target: text, address: text, family, from: maybe(text), vrf: maybe(text), dev: maybe(text), mark: maybe(integer), uid: integer, recording: maybe(text),
  }),
  netns: netnsSchema, outcome: z.enum(['delivered-here', 'sent', 'refused', 'no-route']), answer: z.array(statementSchema),
  kernel: z.strictObject({ used: maybe(routeSchema), entry: maybe(routeSchema), errno: maybe(integer), error: maybe(text), message: maybe(text), agrees: z.boolean() }),
  exception: maybe(whyExceptionSchema), route: maybe(routeSchema), rules: z.array(ruleStepSchema), losers: z.array(loserSchema), origins: z.array(originSchema),
  details: z.array(statementSchema), meanings: z.array(meaningSchema), advice: texts, caveats: texts,
  references: z.array(z.strictObject({ id: text, title: text, section: maybe(text), url: maybe(text) })),
}) satisfies z.ZodType<WhyAnswer>;

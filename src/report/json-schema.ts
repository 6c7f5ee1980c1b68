import { z } from 'zod';
import { netnsSchema, actorSchema, routeSchema, ruleSchema, triggerSchema, legSchema } from './schema-route.ts';
import { loserSchema, meaningSchema, originSchema, ruleStepSchema, statementSchema, whyExceptionSchema, whySchema } from './schema-why.ts';
import { attemptSchema, exceptionSchema, impactedSchema, impactSchema, impactScopeSchema, lossSchema, outputRecordSchema, readySchema, routeChangeSchema, routeFlagsSchema, ruleChangeSchema, sessionSchema, summarySchema, warSchema } from './schema.ts';

/** The published description of one line of `--json`: JSON Schema, draft 2020-12. */
export function outputJsonSchema(): object {
  return describe('routecause output, one line', outputRecordSchema, {
    netns: netnsSchema, leg: legSchema, route: routeSchema, rule: ruleSchema, trigger: triggerSchema, actor: actorSchema, war: warSchema,
    session: sessionSchema, ready: readySchema, 'route-change': routeChangeSchema, 'rule-change': ruleChangeSchema, 'route-flags': routeFlagsSchema, exception: exceptionSchema, attempt: attemptSchema, impacted: impactedSchema, impact: impactSchema, 'impact-scope': impactScopeSchema, loss: lossSchema, summary: summarySchema,
  });
}

/** And of the one object that `why --json` prints. */
export function whyJsonSchema(): object {
  return describe('routecause why, the answer', z.strictObject({ ...whySchema.shape }), {
    netns: netnsSchema, leg: legSchema, route: routeSchema, rule: ruleSchema,
    why: whySchema, statement: statementSchema, 'rule-step': ruleStepSchema, loser: loserSchema, origin: originSchema, 'why-exception': whyExceptionSchema, meaning: meaningSchema,
  });
}

/** `named` become definitions of their own. */
function describe(title: string, root: z.ZodType, named: Readonly<Record<string, z.ZodType>>): object {
  const metadata = z.registry<{ id: string; title?: string }>();
  for (const [id, schema] of Object.entries(named)) metadata.add(schema, { id });
  const { $schema, ...body } = z.toJSONSchema(root, { target: 'draft-2020-12', metadata, override: ({ jsonSchema }) => dropSafeIntegerBounds(jsonSchema) });
  return { $schema, title, ...body };
}

/** That integers fit a double is no news to a reader of the schema. */
function dropSafeIntegerBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** The schemas as the files in docs/ hold them. */
export const outputJsonSchemaText = (): string => `${JSON.stringify(outputJsonSchema(), undefined, 2)}\n`;
export const whyJsonSchemaText = (): string => `${JSON.stringify(whyJsonSchema(), undefined, 2)}\n`;

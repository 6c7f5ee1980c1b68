import { z } from 'zod';
import { netnsSchema, actorSchema, routeSchema, ruleSchema, triggerSchema, legSchema } from './schema-route.ts';
import { attemptSchema, exceptionSchema, lossSchema, outputRecordSchema, readySchema, routeChangeSchema, routeFlagsSchema, ruleChangeSchema, sessionSchema, summarySchema, warSchema } from './schema.ts';

/** The published description of one line of `--json`: JSON Schema, draft 2020-12. */
export function outputJsonSchema(): object {
  const metadata = z.registry<{ id: string; title?: string }>();
  const named = {
    netns: netnsSchema, leg: legSchema, route: routeSchema, rule: ruleSchema, trigger: triggerSchema, actor: actorSchema, war: warSchema,
    session: sessionSchema, ready: readySchema, 'route-change': routeChangeSchema, 'rule-change': ruleChangeSchema, 'route-flags': routeFlagsSchema, exception: exceptionSchema, attempt: attemptSchema, loss: lossSchema, summary: summarySchema,
  };
  for (const [id, schema] of Object.entries(named)) metadata.add(schema, { id });
  const { $schema, ...body } = z.toJSONSchema(outputRecordSchema, {
    target: 'draft-2020-12',
    metadata,
    override: ({ jsonSchema }) => dropSafeIntegerBounds(jsonSchema),
  });
  return { $schema, title: 'routecause output, one line', ...body };
}

/** That integers fit a double is no news to a reader of the schema. */
function dropSafeIntegerBounds(schema: { minimum?: number; maximum?: number }): void {
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
}

/** The schema as the file in docs/ holds it. */
export const outputJsonSchemaText = (): string => `${JSON.stringify(outputJsonSchema(), undefined, 2)}\n`;

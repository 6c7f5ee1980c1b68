import { outputJsonSchema, whyJsonSchema } from '../report/json-schema.ts';
import { FIELD_MEANINGS } from './field-meanings.ts';
import { WHY_MEANINGS } from './why-meanings.ts';

interface Schema {
  readonly type?: string | readonly string[]; readonly const?: unknown; readonly enum?: readonly unknown[]; readonly format?: string; readonly pattern?: string;
  readonly $ref?: string; readonly items?: Schema; readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>; readonly required?: readonly string[]; readonly additionalProperties?: Schema | false;
}

/** The fields of every kind of line, as tables. @throws Error for a field that nobody has described */
export function schemaTables(): string[] {
  const { $defs: definitions } = outputJsonSchema() as { $defs: Readonly<Record<string, Schema>> };
  const sections = Object.entries(FIELD_MEANINGS).map(([name, meanings]) => ['', `### ${name}`, '', ...fieldTable(name, definitions[name] ?? {}, meanings)]);
  return [...sections.flat(), '', '### trigger', '', ...triggerTable(definitions['trigger'] ?? {}), ''];
}

/** The fields of the answer of `why`; those of routes, rules and namespaces are described above. @throws Error for a field that nobody has described */
export function whyTables(): string[] {
  const { $defs: definitions, ...root } = whyJsonSchema() as Schema & { $defs: Readonly<Record<string, Schema>> };
  const sections = Object.entries(WHY_MEANINGS).map(([name, meanings]) => {
    const schema = name === 'why' ? root : definitions[name] ?? {};
    return ['', `### ${name}`, '', ...fieldTable(name, schema.oneOf === undefined ? schema : mergedOf(schema.oneOf), meanings)];
  });
  return [...sections.flat(), ''];
}

/** The fields of whichever kind; those that all have are no choice. */
function mergedOf(kinds: readonly Schema[]): Schema {
  const fields = new Set(kinds.flatMap(({ properties = {} }) => Object.keys(properties)));
  const merge = (field: string): Schema => {
    const found = kinds.flatMap(({ properties = {} }) => properties[field] ?? []);
    const values = found.flatMap(schema => schema.const === undefined ? schema.enum ?? [] : [schema.const]);
    return values.length > 0 ? { enum: values } : found[0] ?? {};
  };
  return { properties: Object.fromEntries([...fields].map(field => [field, merge(field)])), required: [...fields].filter(field => kinds.every(({ required = [] }) => required.includes(field))) };
}

function fieldTable(name: string, { properties = {}, required = [] }: Schema, meanings: Readonly<Record<string, string>>): string[] {
  const gone = Object.keys(meanings).filter(field => !(field in properties));
  if (gone.length > 0) throw new Error(`${name} has no ${gone.join(', ')}: change field-meanings.ts`);
  return ['| field | type | meaning |', '| --- | --- | --- |', ...Object.entries(properties).map(([field, schema]) => {
    const meaning = meanings[field];
    if (meaning === undefined) throw new Error(`${name}.${field} is not described: change field-meanings.ts`);
    return `| \`${field}\`${required.includes(field) ? '' : '?'} | ${typeWords(schema)} | ${meaning} |`;
  })];
}

function triggerTable({ oneOf = [] }: Schema): string[] {
  return ['| `kind` | other fields |', '| --- | --- |', ...oneOf.map(({ properties = {}, required = [] }) => {
    const { kind, ...fields } = properties;
    return `| \`${String(kind?.const)}\` | ${Object.entries(fields).map(([field, schema]) => `\`${field}\`${required.includes(field) ? '' : '?'}: ${typeWords(schema)}`).join(', ')} |`;
  })];
}

function typeWords(schema: Schema): string {
  if (schema.$ref !== undefined) return `[${schema.$ref.replace('#/$defs/', '')}](#${schema.$ref.replace('#/$defs/', '')})`;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map(value => `\`${JSON.stringify(value)}\``).join(' or ');
  if (schema.format === 'date-time') return 'RFC 3339, UTC';
  if (schema.type === 'array') return `list of ${typeWords(schema.items ?? {})}`;
  if (schema.properties !== undefined) {
    const { properties, required = [] } = schema;
    return `{ ${Object.keys(properties).map(field => `\`${field}\`${required.includes(field) ? '' : '?'}`).join(', ')} }`;
  }
  if (schema.type === 'object') return 'object of numbers';
  if (schema.pattern === '^-?\\d+$') return 'decimal digits as text';
  return typeof schema.type === 'string' ? schema.type : (schema.type ?? ['any']).join(' or ');
}

// Regenerates docs/output.schema.json and docs/why.schema.json: node src/report/write-schema.ts
import { writeFileSync } from 'node:fs';
import { outputJsonSchemaText, whyJsonSchemaText } from './json-schema.ts';

writeFileSync(new URL('../../docs/output.schema.json', import.meta.url), outputJsonSchemaText());
writeFileSync(new URL('../../docs/why.schema.json', import.meta.url), whyJsonSchemaText());

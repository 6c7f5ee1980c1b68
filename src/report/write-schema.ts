// Regenerates docs/output.schema.json: node src/report/write-schema.ts
import { writeFileSync } from 'node:fs';
import { outputJsonSchemaText } from './json-schema.ts';

writeFileSync(new URL('../../docs/output.schema.json', import.meta.url), outputJsonSchemaText());

// Writes what is derived from the code into docs/ and README.md: npm run docs
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_CAUSES } from '../causes/index.ts';
import { explainJsonSchemaText } from '../report/explain-schema.ts';
import { outputJsonSchemaText, whyJsonSchemaText } from '../report/json-schema.ts';
import { causePage, causesIndex, causesTable } from './cause-pages.ts';
import { encyclopediaPage } from './encyclopedia-page.ts';
import { lessonFiles } from './lessons.ts';
import { withSection } from './sections.ts';
import { schemaTables, whyTables } from './schema-tables.ts';

const root = join(import.meta.dirname, '../..');
const pages = join(root, 'docs/causes');
mkdirSync(pages, { recursive: true });
for (const cause of ALL_CAUSES) {
  const path = join(pages, `${cause.id}.md`);
  writeFileSync(path, causePage(cause, existsSync(path) ? readFileSync(path, 'utf8') : ''));
}
for (const name of readdirSync(pages)) {
  if (name !== 'README.md' && !ALL_CAUSES.some(cause => `${cause.id}.md` === name)) rmSync(join(pages, name));
}
writeFileSync(join(pages, 'README.md'), causesIndex(ALL_CAUSES));
writeFileSync(join(root, 'docs/encyclopedia.md'), encyclopediaPage());
writeFileSync(join(root, 'docs/explain.schema.json'), explainJsonSchemaText());
writeFileSync(join(root, 'docs/output.schema.json'), outputJsonSchemaText());
writeFileSync(join(root, 'docs/why.schema.json'), whyJsonSchemaText());
rewrite('README.md', 'causes', causesTable(ALL_CAUSES, 'docs/causes/'));
rewrite('docs/json-output.md', 'fields', schemaTables());
rewrite('docs/json-output.md', 'why', whyTables());
for (const { path, should } of await lessonFiles(root)) writeFileSync(path, should);

function rewrite(file: string, section: string, lines: readonly string[]): void {
  const path = join(root, file);
  writeFileSync(path, withSection(readFileSync(path, 'utf8'), section, lines));
}

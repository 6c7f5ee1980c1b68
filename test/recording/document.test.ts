import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FIELD_FORMS } from '../../src/model/fields.ts';
import { FORMAT_VERSION } from '../../src/recording/format.ts';
import { SHAPES } from '../../src/recording/shapes.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/recording-format.md'), 'utf8');
const rowOf = (first: string): string => page.split('\n').find((line) => line.startsWith(`| ${first} |`)) ?? '';

describe('docs/recording-format.md', () => {
  test('describes this version', () => {
    expect(page).toContain(`**${FORMAT_VERSION.major}.${FORMAT_VERSION.minor}**`);
  });

  test.each(Object.entries(SHAPES))('has every key of %s', (kind, shape) => {
    const row = rowOf(`\`${kind}\``);
    expect(row).not.toBe('');
    for (const [key, form] of Object.entries(shape)) {
      if (key === 'time' || key === 'source') continue;
      expect(row).toContain(`\`${key}\``);
      expect(row.includes(`\`${key}\`?`)).toBe(form.optional);
    }
  });

  test.each(Object.entries(FIELD_FORMS))('has the field %s', (name, form) => {
    const fields = page.slice(page.indexOf('### Fields'));
    expect(fields.split('\n').find((line) => line.startsWith(`| ${form} |`))).toContain(`\`${name}\``);
  });
});

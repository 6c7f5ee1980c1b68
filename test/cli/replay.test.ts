import { execaSync } from 'execa';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { incidentRecording } from '../../src/cli/places.ts';
import { buildRecording } from '../recording/files.ts';
import { sampleObservations } from '../recording/arbitraries.ts';
import { outputRecordSchema } from '../../src/report/schema.ts';
import { ROOT } from '../source-tree.ts';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'routecause-cli-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const whole = file('whole.rcr', existsSync(incidentRecording()) ? readFileSync(incidentRecording()) : buildRecording(sampleObservations(400, 3).filter(({ kind }) => kind !== 'lost'), 50).bytes);
const recordsOf = (stdout: string): { kind: string; truncated?: boolean; replayed?: boolean }[] =>
  stdout.split('\n').map(line => outputRecordSchema.parse(JSON.parse(line)));

describe('replay of what is no recording: exit code 1, one sentence and a remedy on stderr, nothing on stdout', () => {
  test.each([
    ['a file that is not there', join(folder, 'nowhere.rcr'), /no file/],
    ['a directory', folder, /directory/],
    ['a device', '/dev/null', /special file/],
    ['an empty file', file('empty.rcr', ''), /empty/],
    ['garbage', file('garbage.rcr', Buffer.alloc(4096, 'routes and routes ')), /not a routecause recording/],
    ['a recording cut in its first bytes', file('head.rcr', readFileSync(whole).subarray(0, 40)), /damaged|cut/],
    ['a file name with escape sequences', join(folder, '\x1b[31mred'), /no file/],
  ])('%s', async (_case, path, told) => {
    for (const args of [['replay', path], ['replay', '--json', path]]) {
      const { exitCode, stdout, stderr } = await routecause(args);
      expect(stderr).toMatch(SENTENCE_AND_REMEDY);
      expect(stderr).toMatch(told);
      expect(stderr).not.toContain('\x1b');
      expect(stdout).toBe('');
      expect(exitCode).toBe(1);
    }
  });

  const nobody = 65_534;
  const runsAsNobody = process.getuid?.() !== 0 || execaSync(process.execPath, [join(ROOT, 'src/main.ts'), '--version'], { reject: false, uid: nobody, gid: nobody }).exitCode === 0;
  test.skipIf(!runsAsNobody)('a file that one may not read', async () => {
    const path = join(tmpdir(), `routecause-unreadable-${process.pid}.rcr`);
    copyFileSync(whole, path);
    try {
      execaSync('chmod', ['000', path]);
      const { exitCode, stdout, stderr } = await routecause(['replay', path], process.getuid?.() === 0 ? { uid: nobody } : {});
      expect(stderr).toMatch(SENTENCE_AND_REMEDY);
      expect(stderr).toContain('permission denied');
      expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
    } finally {
      rmSync(path, { force: true });
    }
  });
});

describe('replay of a recording', () => {
  test('whole: every line of --json fits the schema, and only the session line tells that it is a replay', async () => {
    const { stdout } = await routecause(['replay', '--json', whole]);
    const records = recordsOf(stdout);
    expect(records[0]).toMatchObject({ kind: 'session', replayed: true });
    expect(records.at(-1)?.kind).toBe('summary');
    expect(records.at(-1)).not.toHaveProperty('truncated');
  });

  test('cut: tells what it has, says so in the summary and on stderr, exit code 4', async () => {
    const bytes = readFileSync(whole);
    const cut = file('cut.rcr', bytes.subarray(0, Math.floor(bytes.length * 0.8)));
    const { exitCode, stdout, stderr } = await routecause(['replay', '--json', cut]);
    expect(recordsOf(stdout).at(-1)).toMatchObject({ kind: 'summary', truncated: true });
    expect(stderr).toContain(cut);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(exitCode).toBe(4);
  });

  test('refused requests are told with --attempts only, and not counted', async () => {
    const path = join(ROOT, 'fixtures/scenarios/refused-requests/6.1-bpftrace0.17/recording.rcr');
    const [without, withThem] = await Promise.all([routecause(['replay', '--json', path]), routecause(['replay', '--json', '--attempts', path])]);
    const lines = (stdout: string): string[] => stdout.split('\n').filter(line => (JSON.parse(line) as { kind: string }).kind !== 'attempt');
    expect(recordsOf(withThem.stdout).filter(record => record.kind === 'attempt')).toHaveLength(19);
    expect(recordsOf(without.stdout).map(record => record.kind)).toStrictEqual(['session', 'ready', 'route-change', 'summary']);
    expect(lines(withThem.stdout)).toStrictEqual(without.stdout.split('\n'));
  });

  test.skipIf(!existsSync(incidentRecording()))('the incident is whole, proved, and tells what happened', async () => {
    const { exitCode, stdout, stderr } = await routecause(['replay', '--json', incidentRecording()]);
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: 0, stderr: '' });
    const changes = stdout.split('\n').map(line => JSON.parse(line) as Record<string, unknown>).filter(record => record['kind'] === 'route-change');
    expect(changes.find(change => (change['route'] as { type: string }).type === 'anycast' && change['change'] === 'add')).toMatchObject({
      verdict: 'caused', confidence: 'proved', cause: { id: 'subnet-router-anycast' },
      trigger: { kind: 'sysctl', name: 'net.ipv6.conf.all.forwarding', oldValue: 0, value: 1 },
      actor: { kind: 'process', comm: 'sysctl' },
    });
    expect(changes.filter(change => change['verdict'] === 'unknown')).toStrictEqual([]);
  });
});

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

describe('a command line that makes no sense', () => {
  test.each([
    ['an unknown flag', ['--frob'], "unknown option '--frob'"],
    ['an unknown flag of a command', ['replay', '--frob', 'x'], "unknown option '--frob'"],
    ['an unknown command', ['frobnicate'], 'frobnicate'],
    ['record without a file', ['record'], "option '-o, --output <file>' not specified"],
    ['replay without a file', ['replay'], "missing required argument 'file'"],
    ['replay of two files', ['replay', 'a', 'b'], 'too many arguments'],
    ['a tier that is not there', ['watch', '--tier', 'magic'], 'Allowed choices are auto, bpftrace, ftrace, netlink'],
    ['two kinds of namespace', ['watch', '--netns', 'blue', '--pid', '1'], "option '--netns <name>' cannot be used with option '--pid <pid>'"],
    ['all namespaces and one', ['record', '-o', '/tmp/never', '--all-netns', '--netns', 'blue'], "option '--netns <name>' cannot be used with option '--all-netns'"],
    ['all namespaces and that of a process', ['watch', '--all-netns', '--pid', '1'], "option '--pid <pid>' cannot be used with option '--all-netns'"],
    ['a process that is no number', ['watch', '--pid', 'bash'], 'It takes the number of a process'],
    ['a process that cannot be', ['watch', '--pid', '0'], 'It takes the number of a process'],
    ['a time that is none', ['watch', '--attach-timeout', 'soon'], 'a number of seconds'],
    ['a slip of the finger', ['watch', '--jsno'], 'Did you mean --json?'],
    ['help of an unknown command', ['help', 'frobnicate'], 'there is no command frobnicate'],
    ['a namespace without a name', ['watch', '--netns', ''], 'there is no network namespace without a name'],
    ['a namespace that is a plain file', ['watch', '--netns', '/etc/passwd'], '/etc/passwd is no network namespace'],
    ['a namespace that is a folder', ['record', '-o', '/tmp/never', '--netns', '/tmp'], '/tmp is no network namespace'],
    ['why in a namespace that is a plain file', ['why', '192.0.2.1', '--netns', '/etc/passwd'], '/etc/passwd is no network namespace'],
  ])('%s: exit code 2, told on stderr', async (_case, args, told) => {
    const { exitCode, stdout, stderr } = await routecause(args);
    expect(stderr).toContain(told);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  test('an unknown command is called that', async () => {
    const { stderr } = await routecause(['frobnicate']);
    expect(stderr).not.toContain("'watch'");
  });

  test.each([
    ['watch', ['watch', '--json', '--netns', 'no-such-namespace']],
    ['record', ['record', '--output', '/tmp/routecause-test-never-written.rcr', '--netns', 'no-such-namespace']],
  ])('%s of a namespace that is not there: exit code 2, with the command that lists them', async (_command, args) => {
    const { exitCode, stdout, stderr } = await routecause(args);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toContain('there is no network namespace no-such-namespace');
    expect(stderr).toContain('ip netns list');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
    expect(existsSync('/tmp/routecause-test-never-written.rcr')).toBe(false);
  });
});

test('a process that is not there: exit code 2, with the command that lists them', async () => {
  const { exitCode, stdout, stderr } = await routecause(['watch', '--json', '--pid', '4194305']);
  expect(stderr).toMatch(SENTENCE_AND_REMEDY);
  expect(stderr).toContain('there is no process 4194305');
  expect(stderr).toContain('lsns -t net');
  expect({ exitCode, stdout }).toStrictEqual({ exitCode: 2, stdout: '' });
});

describe('what one may always ask', () => {
  test('--version', async () => {
    expect(await routecause(['--version'])).toStrictEqual({ exitCode: 0, stdout: '0.1.0', stderr: '' });
  });

  test('--help names every command and the exit codes', async () => {
    const { exitCode, stdout, stderr } = await routecause(['--help']);
    for (const command of ['watch', 'record', 'replay', 'why', 'explain', 'doctor']) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(stdout).toContain('Exit codes: 0 ok, 1 error, 2 usage, 3 an expectation failed, 4 partial');
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: 0, stderr: '' });
  });

  test.each(['watch', 'record', 'replay', 'why', 'explain', 'doctor', 'lab'])('%s --help, no wider than a terminal', async command => {
    const { exitCode, stdout } = await routecause([command, '--help']);
    expect(stdout).toContain(`Usage: routecause ${command}`);
    expect(stdout.split('\n').filter(line => line.length > 80)).toStrictEqual([]);
    expect(exitCode).toBe(0);
  });
});

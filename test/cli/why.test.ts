import { rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { whySchema } from '../../src/report/schema-why.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

describe('why of what cannot be asked: one sentence and a remedy on stderr', () => {
  test.each([
    ['a host name', ['router.example.net'], 2, /^routecause: router\.example\.net is a name, and routes know only addresses\n.*getent ahosts/],
    ['half an address', ['192.0.2'], 2, /192\.0\.2 is neither an address nor a prefix/],
    ['an address with a number too large', ['192.0.2.256'], 2, /neither an address nor a prefix/],
    ['a prefix that is too long', ['192.0.2.0/33'], 2, /neither an address nor a prefix/],
    ['no destination', ['0.0.0.0'], 2, /0\.0\.0\.0 stands for no destination\n.*0\.0\.0\.0\/0/],
    ['escape sequences', ['\x1b[31m::1'], 2, /neither an address nor a prefix/],
    ['a source that is none', ['127.0.0.1', '--from', 'lo'], 2, /--from lo is no address/],
    ['a source of the other family', ['127.0.0.1', '--from', '::1'], 2, /another family/],
    ['an unknown VRF', ['127.0.0.1', '--vrf', 'nowhere'], 2, /there is no VRF nowhere in this namespace\n.*ip vrf show/],
    ['a device that is no VRF', ['127.0.0.1', '--vrf', 'lo'], 2, /lo is a device, but no VRF/],
    ['an unknown device', ['fe80::1%nowhere'], 2, /there is no device nowhere/],
    ['an unknown namespace', ['127.0.0.1', '--netns', 'no-such-namespace'], 2, /there is no network namespace no-such-namespace/],
    ['an unknown process', ['127.0.0.1', '--pid', '4194305'], 2, /there is no process 4194305/],
    ['a recording that is none', ['127.0.0.1', '--recording', '/dev/null'], 1, /special file/],
  ])('%s', async (_case, args, code, told) => {
    const { exitCode, stdout, stderr } = await routecause(['why', ...args]);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toMatch(told);
    expect(stderr).not.toContain('\x1b');
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: code, stdout: '' });
  });

  test.each([
    ['a mark that is none', ['127.0.0.1', '--mark', 'red'], 'It takes a number up to 0xffffffff'],
    ['a mark that is too large', ['127.0.0.1', '--mark', '0x100000000'], 'It takes a number up to 0xffffffff'],
    ['two namespaces', ['127.0.0.1', '--netns', 'a', '--pid', '1'], 'cannot be used with'],
    ['nothing', [], "missing required argument 'target'"],
  ])('%s: exit code 2', async (_case, args, told) => {
    const { exitCode, stdout, stderr } = await routecause(['why', ...args]);
    expect(stderr).toContain(told);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 2, stdout: '' });
  });
});

describe('why, without root', () => {
  test('answers for the namespace that it is in', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '::ffff:0:0:1', '--json'], process.getuid?.() === 0 ? { uid: 65_534 } : {});
    const answer = whySchema.parse(JSON.parse(stdout));
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: answer.outcome === 'no-route' ? 1 : 0, stderr: '' });
    expect(answer.kernel.agrees).toBe(true);
  });
});

describe.skipIf(SKIP_REASON !== undefined)(`why of another namespace${SKIP_REASON === undefined ? '' : ` (${SKIP_REASON})`}`, () => {
  let netns: LabNetns;
  const stale = `/run/netns/rc-stale-${process.pid}`;
  beforeAll(() => {
    netns = addLabNetns();
    netns.ip('link', 'set', 'lo', 'up');
    writeFileSync(stale, '');
  });
  afterAll(() => {
    netns.remove();
    rmSync(stale, { force: true });
  });

  test('not permitted', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '127.0.0.1', '--netns', basename(netns.path)], { uid: 65_534 });
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toMatch(/not allowed to enter the network namespace .*\n.*run as root/);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  test('a name whose namespace is gone', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '127.0.0.1', '--netns', basename(stale)]);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toMatch(/is no network namespace/);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  test('no route: one clear sentence, and exit code 1', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '192.0.2.1', '--netns', basename(netns.path)]);
    expect(stdout.split('\n')[0]).toBe('read      There is no route to 192.0.2.1: ENETUNREACH, "Network is unreachable".');
    expect({ exitCode, stderr }).toStrictEqual({ exitCode: 1, stderr: '' });
  });

  test('a source that is no address of this host', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '127.0.0.1', '--from', '192.0.2.77', '--netns', basename(netns.path)]);
    expect(stderr).toMatch(/^routecause: the kernel does not look up packets from 192\.0\.2\.77: it is no address of this host\n/);
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 1, stdout: '' });
  });

  test('in 80 columns, the answer in the first lines', async () => {
    const { exitCode, stdout } = await routecause(['why', '127.0.0.1', '--netns', basename(netns.path)]);
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toStrictEqual([
      'read      127.0.0.1 is delivered to this host: local 127.0.0.1/32, table local.',
      'inferred  The kernel made it for address 127.0.0.1/8 on lo.',
      'read      Rule 0 asked table local; 1 other route leads there, not taken.',
    ]);
    expect(lines.filter(line => line.length > 80)).toStrictEqual([]);
    expect(exitCode).toBe(0);
  });
});

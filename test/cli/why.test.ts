import { rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { deviceFor, parseFrom, parseTarget } from '../../src/cli/why-question.ts';
import { situationOf, type Situation } from '../../src/lookup/situation.ts';
import { RoutecauseError } from '../../src/model/errors.ts';
import { whySchema } from '../../src/report/schema-why.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { routecause, SENTENCE_AND_REMEDY } from './run.ts';

const links: Situation['links'] = new Map([1, 2].map(ifindex => [ifindex, { kind: 'link', deleted: false, header: { length: 0, type: 16, flags: 0, seq: 0, portid: 0 }, ifindex, name: ifindex === 1 ? 'lo' : 'eth0', flags: 1, change: 0 }]));
const situation: Situation = { ...situationOf('ipv4', { messages: [], neighbours: [], exceptions: [] }), links };

describe('what cannot be asked: one sentence and a remedy, exit code 2', () => {
  test.each([
    ['a host name', () => parseTarget('router.example.net'), /^router\.example\.net is a name, and routes know only addresses: .*getent ahosts router\.example\.net$/],
    ['half an address', () => parseTarget('192.0.2'), /^192\.0\.2 is neither an address nor a prefix/],
    ['an address with a number too large', () => parseTarget('192.0.2.256'), /neither an address nor a prefix/],
    ['an address with a leading zero', () => parseTarget('192.0.2.010'), /neither an address nor a prefix/],
    ['a prefix that is too long', () => parseTarget('192.0.2.0/33'), /neither an address nor a prefix/],
    ['no destination', () => parseTarget('0.0.0.0'), /^0\.0\.0\.0 stands for no destination: .*0\.0\.0\.0\/0/],
    ['a source that is none', () => parseFrom('lo', 'ipv4'), /^--from lo is no address/],
    ['a source of the other family', () => parseFrom('::1', 'ipv4'), /another family/],
    ['an unknown VRF', () => deviceFor({ vrf: 'nowhere' }, situation), /^there is no VRF nowhere in this namespace: .*ip vrf show/],
    ['a device that is no VRF', () => deviceFor({ vrf: 'eth0' }, situation), /^eth0 is a device, but no VRF/],
    ['an unknown device', () => deviceFor({ zone: 'nowhere' }, situation), /^there is no device nowhere/],
  ])('%s', (_case, act, told) => {
    let error: unknown;
    try { act(); } catch (thrown) { error = thrown; }
    expect(error).toBeInstanceOf(RoutecauseError);
    expect(`${(error as RoutecauseError).message}: ${(error as RoutecauseError).remedy}`).toMatch(told);
    expect((error as RoutecauseError).exitCode).toBe(2);
  });

  test.each([
    ['192.0.2.1', 'ipv4', undefined], ['fe80::1%eth0', 'ipv6', 'eth0'], ['::ffff:192.0.2.1', 'ipv6', undefined],
  ])('%s can', (text, family, zone) => {
    expect(parseTarget(text)).toMatchObject({ address: { family }, ...(zone === undefined ? {} : { zone }) });
  });

  test('bits behind the length are said not to count', () => {
    expect(parseTarget('192.0.2.1/24')).toMatchObject({ prefix: { length: 24 }, caveat: expect.stringContaining('192.0.2.0/24') });
    expect(parseTarget('192.0.2.0/24').caveat).toBeUndefined();
  });
});

describe('why on the command line', () => {
  test.each([
    ['a name with escape sequences', ['\x1b[31m::1'], 2, /neither an address nor a prefix/],
    ['an unknown namespace', ['127.0.0.1', '--netns', 'no-such-namespace'], 2, /there is no network namespace no-such-namespace/],
    ['a recording that is none', ['127.0.0.1', '--recording', '/dev/null'], 1, /special file/],
  ])('%s: one sentence and a remedy on stderr', async (_case, args, code, told) => {
    const { exitCode, stdout, stderr } = await routecause(['why', ...args]);
    expect(stderr).toMatch(SENTENCE_AND_REMEDY);
    expect(stderr).toMatch(told);
    expect(stderr).not.toContain('\x1b');
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: code, stdout: '' });
  });

  test.each([
    ['a mark that is none', ['127.0.0.1', '--mark', 'red'], 'It takes a number up to 0xffffffff'],
    ['a mark that is too large', ['127.0.0.1', '--mark', '0x100000000'], 'It takes a number up to 0xffffffff'],
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
    expect({ exitCode, stdout }).toStrictEqual({ exitCode: 2, stdout: '' });
  });

  test('no route: one clear sentence, and exit code 1', async () => {
    const { exitCode, stdout, stderr } = await routecause(['why', '192.0.2.1', '--netns', basename(netns.path)]);
    expect(stdout.split('\n')[0]).toBe('read      No route leads to 192.0.2.1 (ENETUNREACH, "Network is unreachable").');
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

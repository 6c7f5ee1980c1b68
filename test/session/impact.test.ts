import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import type { ImpactOutput, OutputRecord } from '../../src/model/output.ts';
import { routecause } from '../cli/run.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { watch, type Lines } from './lines.ts';
import { MARKER, openBetween, type Between } from './sessions-between.ts';

/** `expected tcp local-delivery 10.0.0.2` */
const told = ({ status, what, effect, endpoints }: ImpactOutput): string => `${status} ${what} ${effect} ${endpoints.map(({ remote }) => remote).sort().join(' ')}`;

interface Case { readonly name: string; readonly act: readonly string[]; readonly undo: readonly string[]; readonly hits: readonly string[]; readonly needs?: 'tunnel' }
const TCP = 'tcp unreachable 10.0.0.2';

const CASES: readonly Case[] = [
  { name: 'a blackhole', act: ['route add blackhole 10.0.0.2/32'], undo: ['route del blackhole 10.0.0.2/32'], hits: [TCP, 'udp unreachable 10.0.0.2'] },
  { name: 'an unreachable route of IPv6', act: ['-6 route add unreachable fd00:0::2/128'], undo: ['-6 route del unreachable fd00:0::2/128'], hits: ['tcp unreachable fd00::2'] },
  { name: 'the address of the peer, given to this host', act: ['addr add fd00:0::2/128 dev lo nodad'], undo: ['addr del fd00:0::2/128 dev lo'], hits: ['tcp local-delivery fd00::2'] },
  { name: 'a route over another device', act: ['route add 10.0.0.2/32 via 10.0.1.2'], undo: ['route del 10.0.0.2/32'], hits: ['tcp other-device 10.0.0.2', 'udp other-device 10.0.0.2'] },
  { name: 'a route of IPv6 over another device', act: ['-6 route add fd00:0::2/128 via fd00:1::2'], undo: ['-6 route del fd00:0::2/128'], hits: ['tcp other-device fd00::2'] },
  { name: 'another gateway', act: ['route add 10.0.0.2/32 via 10.0.0.77'], undo: ['route del 10.0.0.2/32'], hits: ['tcp other-gateway 10.0.0.2', 'udp other-gateway 10.0.0.2'] },
  { name: 'a rule for its port', act: ['route add 10.0.0.2/32 via 10.0.1.2 table 77', 'rule add to 10.0.0.2 ipproto tcp dport 7179 lookup 77'], undo: ['rule del to 10.0.0.2 ipproto tcp dport 7179 lookup 77', 'route del 10.0.0.2/32 table 77'], hits: ['tcp other-device 10.0.0.2'] },
  { name: 'a nexthop that is elsewhere', act: ['route add 10.0.1.9/32 dev near0'], undo: ['route del 10.0.1.9/32'], hits: ['nexthop other-device 10.0.1.9'] },
  { name: 'the address of a neighbour, given to this host', act: ['addr add 10.0.1.7/32 dev lo'], undo: ['addr del 10.0.1.7/32 dev lo'], hits: ['neighbour local-delivery 10.0.1.7'] },
  { name: 'a tunnel endpoint', act: ['route add 10.3.0.2/32 via 10.0.1.2'], undo: ['route del 10.3.0.2/32'], hits: ['tunnel other-device 10.3.0.2'], needs: 'tunnel' },
  { name: 'the address that sessions come from, taken away', act: ['-6 addr del fd00:0::1/64 dev near0'], undo: ['-6 addr add fd00:0::1/64 dev near0 nodad'], hits: ['tcp source-gone fd00::2'] },

  { name: 'nothing: routes elsewhere', act: ['route add 10.0.0.128/25 via 10.0.1.2', '-6 route add fd00:0:0:1::/64 dev near1', 'route add blackhole 10.9.8.0/24'], undo: ['route del 10.0.0.128/25', '-6 route del fd00:0:0:1::/64', 'route del blackhole 10.9.8.0/24'], hits: [] },
  { name: 'nothing: a less specific route, and a default one', act: ['route add 10.0.0.0/8 via 10.0.1.2', 'route add default via 10.0.1.2', '-6 route add fd00::/16 dev near1'], undo: ['route del 10.0.0.0/8', 'route del default', '-6 route del fd00::/16'], hits: [] },
  { name: 'nothing: the same destination in a table that nobody asks', act: ['route add blackhole 10.0.0.2/32 table 78', '-6 route add blackhole fd00:0::2/128 table 78'], undo: ['route del blackhole 10.0.0.2/32 table 78', '-6 route del blackhole fd00:0::2/128 table 78'], hits: [] },
  { name: 'nothing: a rule for another port', act: ['route add blackhole 10.0.0.2/32 table 78', 'rule add to 10.0.0.2 ipproto tcp dport 22 lookup 78', 'rule add fwmark 7 blackhole'], undo: ['rule del to 10.0.0.2 ipproto tcp dport 22 lookup 78', 'rule del fwmark 7 blackhole', 'route del blackhole 10.0.0.2/32 table 78'], hits: [] },
  { name: 'nothing: the same way by a route of its own', act: ['route add 10.0.0.2/32 dev near0', 'route add 10.3.0.2/32 via 10.0.0.2'], undo: ['route del 10.0.0.2/32', 'route del 10.3.0.2/32'], hits: [] },
  { name: 'nothing: another address, and another device down', act: ['addr add 10.0.0.99/24 dev near0', 'addr add 10.55.0.1/24 dev near1'], undo: ['addr del 10.0.0.99/24 dev near0', 'addr del 10.55.0.1/24 dev near1'], hits: [] },
  { name: 'nothing: a worse route beside its own', act: ['route add 10.0.0.0/24 dev near1 metric 1000'], undo: ['route del 10.0.0.0/24 dev near1 metric 1000'], hits: [] },
];

describe.skipIf(SKIP_REASON)(`impact in network namespaces ${SKIP_REASON ?? ''}`, { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'routecause-impact-'));
  const recording = join(folder, 'impact.rcr');
  let [near, far]: LabNetns[] = [];
  let between: Between | undefined;
  let json: Lines | undefined;
  let plain: Lines | undefined;
  let seen = 0;

  const impacts = (): ImpactOutput[] => (json?.lines ?? []).map(line => JSON.parse(line) as OutputRecord).filter(record => record.kind === 'impact');
  const ip = (netns: LabNetns | undefined, commands: readonly string[]): void => { for (const command of commands) netns?.ip(...command.split(' ')); };

  /** What was told since the last time; the session of the marker, moved after all that, was told to move, too. */
  async function since(): Promise<string[]> {
    const count = (status: string): number => impacts().filter(one => one.status === status && one.endpoints[0]?.remote === MARKER).length;
    const before = count('cleared');
    ip(near, [`route add ${MARKER}/32 via 10.0.1.2`]);
    await json?.until('the marker', () => count('expected') > before);
    ip(near, [`route del ${MARKER}/32`]);
    await json?.until('the end of the marker', () => count('cleared') > before);
    const all = impacts();
    const fresh = all.slice(seen).filter(one => one.endpoints[0]?.remote !== MARKER);
    seen = all.length;
    // Whether the cache has an entry for the peer just then is for the neighbour discovery of the kernel to say.
    return fresh.map(told).filter(line => !/ neighbour \S+ (10\.0\.0\.2|fd00::2)$/.test(line)).sort();
  }

  beforeAll(async () => {
    [near, far] = [addLabNetns(), addLabNetns()];
    if (near === undefined || far === undefined) return;
    between = await openBetween(near, far);
    json = watch(['watch', '--json', '--tier', 'netlink', '--netns', near.path]);
    plain = watch(['record', '--tier', 'netlink', '--netns', near.path, '-o', recording]);
    await json.until('ready', line => line.includes('"kind":"ready"'));
    await plain.until('ready', line => line.includes('ready: what changes'));
  }, 60_000);

  test('what is watched is told, and that nothing was left out', () => {
    const scope = json?.lines.map(line => JSON.parse(line) as OutputRecord).find(record => record.kind === 'impact-scope');
    expect(scope).toMatchObject({ watched: { tcp: 3, udp: 1, nexthop: 3, ...(between?.hasTunnel === true ? { tunnel: 1 } : {}) }, unchecked: [] });
  });

  test.each(CASES)('$name', async ({ act, undo, hits, needs }) => {
    if (needs === 'tunnel' && between?.hasTunnel !== true) return;
    ip(near, act);
    expect(await since()).toEqual(hits.map(hit => `expected ${hit}`).sort());
    ip(near, undo);
    expect(await since()).toEqual(hits.map(hit => `cleared ${hit}`).sort());
    const expected = impacts().filter(one => one.status === 'expected' && hits.includes(told(one).slice('expected '.length))).slice(-hits.length || impacts().length);
    // Each by changes that were told, of the act and not of what was before it.
    const changes = new Map((json?.lines ?? []).map(line => JSON.parse(line) as OutputRecord).flatMap(record => 'verdict' in record ? [[record.id, record] as const] : []));
    for (const { changes: ids, origin } of expected.filter(one => one.endpoints[0]?.remote !== MARKER)) {
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.map(id => changes.get(id)?.origin)).toEqual(ids.map(() => origin));
    }
  });

  test('nothing: the same address in another namespace', async () => {
    ip(far, ['addr add 10.66.0.1/32 dev lo', 'route add blackhole 10.0.0.77/32', 'route add blackhole 10.88.0.0/16']);
    expect(await since()).toEqual([]);
  });

  test('the owner is named; its end is told of what was hit, and of nothing else', async () => {
    ip(near, ['route add blackhole 10.0.0.2/32']);
    expect(await since()).toEqual([`expected ${TCP}`, 'expected udp unreachable 10.0.0.2']);
    expect(impacts().findLast(one => told(one) === `expected ${TCP}`)?.owner?.pid).toBeGreaterThan(0);
    expect(impacts().filter(one => told(one) === `expected ${TCP}`).at(-1)).toMatchObject({ owner: { argv: expect.arrayContaining(['-e']) as unknown }, count: 1 });
    between?.client.kill('SIGKILL');
    await json?.until('the end of what was hit', () => impacts().slice(seen).filter(one => one.status === 'observed').length === 2);
    const ends = impacts().slice(seen);
    expect(ends.map(told).sort()).toEqual([`observed ${TCP}`, 'observed udp unreachable 10.0.0.2']);
    for (const { afterSeconds, of } of ends) {
      expect(afterSeconds).toBeGreaterThan(0);
      expect(impacts().find(({ id }) => id === of)?.status).toBe('expected');
    }
  });

  test('a replay says the same', async () => {
    await plain?.until('the end', line => line.includes('impact observed: connected UDP'));
    await plain?.end();
    const replayed = await routecause(['replay', recording]);
    const isImpact = (line: string): boolean => line.includes('impact');
    expect(plain?.lines.filter(isImpact).length).toBeGreaterThan(30);
    expect(replayed.stdout.split('\n').filter(isImpact)).toEqual(plain?.lines.filter(isImpact));
    const without = await routecause(['replay', '--no-impact', recording]);
    expect(without.stdout.split('\n').filter(isImpact)).toEqual([]);
  });

  afterAll(async () => {
    await json?.end();
    await between?.[Symbol.asyncDispose]();
    near?.remove();
    far?.remove();
    rmSync(folder, { recursive: true });
  }, 30_000);
});

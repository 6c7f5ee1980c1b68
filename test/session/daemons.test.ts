import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImpactOutput, OutputRecord } from '../../src/model/output.ts';
import { ROOT } from '../source-tree.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';
import { watch, type Lines } from './lines.ts';

const ABSENT = ['/usr/lib/frr/bgpd', '/usr/sbin/bird', '/usr/bin/jq'].filter(path => !existsSync(path));
const REASON = SKIP_REASON ?? (ABSENT.length > 0 ? `(there is no ${ABSENT.join(', ')})` : undefined);
/** FRR in the first namespace of each has BGP and BFD with BIRD in the second, over the same addresses. */
const [WATCHED, OTHER] = [{ near: `rcf-${process.pid}`, far: `rcb-${process.pid}` }, { near: `rcg-${process.pid}`, far: `rcc-${process.pid}` }];
/** Of a configured peer that has no session: what moves it last shows that nothing else came before. */
const MARKER = '10.0.0.77';

const stage = (part: string, { near, far }: typeof WATCHED): void => { execFileSync('bash', [join(ROOT, 'fixtures/daemons/stage.sh'), part], { env: { ...process.env, NEAR: near, FAR: far }, stdio: ['ignore', 'ignore', 'inherit'] }); };
const ip = (netns: string, words: string): string => execFileSync('ip', ['-n', netns, ...words.split(' ')], { encoding: 'utf8' });
const told = ({ status, what, effect, endpoints }: ImpactOutput): string => `${status} ${what} ${effect} ${endpoints.map(({ remote }) => remote).sort().join(' ')}`;

describe.skipIf(REASON)(`impact on the sessions of FRR ${REASON ?? ''}`, { timeout: 120_000 }, () => {
  let json: Lines | undefined;
  const records = (): OutputRecord[] => (json?.lines ?? []).map(line => JSON.parse(line) as OutputRecord);
  const impacts = (): ImpactOutput[] => records().filter(record => record.kind === 'impact');
  const count = (line: string): number => impacts().filter(one => told(one) === line).length;

  /** What is told of what `act` does. */
  async function ofAct(act: () => Promise<void> | void): Promise<ImpactOutput[]> {
    const before = impacts().length;
    await act();
    for (const [verb, status] of [['add', 'expected'], ['del', 'cleared']] as const) {
      const line = `${status} bgp-peer other-gateway ${MARKER}`;
      const so = count(line);
      ip(WATCHED.near, `route ${verb} ${MARKER}/32 via 10.0.0.56`);
      await json?.until(line, () => count(line) > so);
    }
    return impacts().slice(before).filter(({ endpoints }) => endpoints[0]?.remote !== MARKER);
  }

  beforeAll(async () => {
    for (const one of [WATCHED, OTHER]) stage('up', one);
    json = watch(['watch', '--json', '--tier', 'netlink', '--netns', WATCHED.near]);
    await json.until('ready', line => line.includes('"kind":"ready"'));
  }, 600_000);

  test('its peers are known, and nothing was left out', () => {
    const vrfs = ip(WATCHED.near, '-o link show type vrf').includes('red') ? 1 : 0;
    // A session is watched as such; those without numbers have one, too.
    expect(records().find(record => record.kind === 'impact-scope')).toMatchObject({ watched: { tcp: 4 + 3 * vrfs, 'bgp-peer': 2 + 3 * vrfs, 'bfd-peer': 3 + 3 * vrfs }, unchecked: [] });
  });

  test('nothing: the same addresses in another namespace', async () => {
    expect(await ofAct(() => {
      ip(OTHER.near, 'route add blackhole 10.0.0.2/32');
      ip(OTHER.near, '-6 addr add fd00::2/128 dev lo nodad');
    })).toEqual([]);
  });

  test('nothing: the address of a peer whose packets are bound to their device; but its BGP session is not', async () => {
    const hits = await ofAct(() => { ip(WATCHED.near, '-6 addr add fd00::2/128 dev lo nodad'); });
    expect(hits.map(told)).toEqual(['expected tcp local-delivery fd00::2']);
    expect(hits[0]).toMatchObject({ owner: { comm: 'bgpd' }, headline: 'BGP session of bgpd to fd00::2 now points at this host' });
    expect((await ofAct(() => { ip(WATCHED.near, '-6 addr del fd00::2/128 dev lo'); })).map(told)).toEqual(['cleared tcp local-delivery fd00::2']);
  });

  test('a route takes session and BFD along: both are expected, then observed; its end brings nothing new', async () => {
    const [tcp, bfd] = ['tcp other-gateway 10.0.0.2', 'bfd-peer other-gateway 10.0.0.2'];
    const hits = await ofAct(async () => {
      ip(WATCHED.near, 'route add 10.0.0.2/32 via 10.0.0.55');
      await json?.until('the end of both', () => count(`observed ${tcp}`) > 0 && count(`observed ${bfd}`) > 0);
    });
    expect(hits.map(told).sort()).toEqual([`expected ${bfd}`, `expected ${tcp}`, `observed ${bfd}`, `observed ${tcp}`]);
    const changes = records().flatMap(record => record.kind === 'route-change' && record.route.dst === '10.0.0.2/32' ? [record.id] : []);
    for (const hit of hits.filter(({ status }) => status === 'expected')) {
      expect(hit).toMatchObject({ changes, count: 1, endpoints: [{ local: '10.0.0.1', before: { dev: 'near0', route: '10.0.0.0/24' }, after: { dev: 'near0', gateway: '10.0.0.55', route: '10.0.0.2/32' } }] });
    }
    expect(hits.find(one => told(one) === `observed ${tcp}`)?.headline).toMatch(/^BGP session of bgpd to 10\.0\.0\.2 ended \([A-Z\d-]+\).*, [\d.]+ s after the change$/);
    expect(hits.find(one => told(one) === `observed ${bfd}`)?.headline).toMatch(/^BFD peer of bfdd 10\.0\.0\.2 is (down|init), [\d.]+ s after the change$/);
    expect((await ofAct(() => { ip(WATCHED.near, 'route del 10.0.0.2/32'); })).map(told)).toEqual([`cleared ${bfd}`]);
  });

  afterAll(async () => {
    await json?.end();
    for (const one of [WATCHED, OTHER]) stage('down', one);
  }, 60_000);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { findNamespaces } from '../../src/host/namespaces.ts';
import { nameOfNamespace } from '../../src/host/netns-names.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { OutputRecord, RouteChangeOutput } from '../../src/model/output.ts';
import { decodeObservation, encodeObservation } from '../../src/recording/codec.ts';
import { createSession } from '../../src/session.ts';
import { libc } from '../../src/sources/rtnetlink/libc.ts';
import { openAllSource } from '../../src/sources/rtnetlink/all-source.ts';
import { differences, keyOfDumped, playChanges, type DumpedRoute } from '../lab/conservation.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';

const session = () => createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x', cpus: 1 } }, { initial: true });
/** Of legs that die and revive no message tells, and a dump that differs in that alone is no change of a table. */
const withoutFlags = (key: string): string => key.replaceAll(/!(dead|linkdown)/g, '');
const nameOf = ({ path }: LabNetns): string => path.split('/').at(-1) ?? '';

/** All tables of a namespace, as `ip` shows them. */
function tablesOf(netns: LabNetns): string[] {
  const ask = (...words: string[]): unknown => JSON.parse(netns.ip('-N', '-j', '-d', ...words) || '[]');
  const ifindexOf = new Map((ask('link', 'show') as { ifname: string; ifindex: number }[]).map(link => [link.ifname, link.ifindex]));
  const dumped = (family: 'ipv4' | 'ipv6'): string[] => (ask(family === 'ipv4' ? '-4' : '-6', 'route', 'show', 'table', 'all') as DumpedRoute[]).map(route => keyOfDumped(route, family, ifindexOf));
  return [...dumped('ipv4'), ...dumped('ipv6')].sort();
}

/** Deterministic, so that a failure can be looked at again. */
function work(netns: LabNetns, seed: number): void {
  let state = seed;
  const any = (count: number): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % count;

  for (const line of ['link add d0 type veth peer name d1', 'link set lo up', 'link set d1 up', 'link set d0 up', 'addr add 192.0.2.1/24 dev d0']) netns.tryIp(line);
  for (let i = 0; i < 40; i++) {
    const prefix = `10.${any(4)}.${any(8)}.0/24`;
    netns.tryIp([`route add ${prefix} dev d0`, `route replace ${prefix} via 192.0.2.9`, `route del ${prefix}`, `route append blackhole ${prefix} metric 7`, `-6 route add 2001:db8:${any(9)}::/48 dev d0`][any(5)] ?? '');
  }
}

describe.skipIf(SKIP_REASON)(`all network namespaces ${SKIP_REASON ?? ''}`, { timeout: 60_000 }, () => {
  test('of each, what was there and what changed is what is there in the end; a recording says the same', async () => {
    const early = addLabNetns();
    work(early, 1);
    const live = session();
    const observed: Observation[] = [];
    const told: OutputRecord[] = [];
    const deliver = (observation: Observation): void => {
      observed.push(observation);
      told.push(...live.push(observation));
    };
    const source = openAllSource({ find: findNamespaces, nameOf: nameOfNamespace });
    await source.start(deliver);
    deliver({ kind: 'ready', source: 'host', time: libc().now() });

    const [late, gone] = [[addLabNetns(), addLabNetns()], addLabNetns()];
    work(gone, 2);
    await source.dump('check');
    // This one is found when all its work is done.
    late.push(addLabNetns());
    for (const [index, netns] of [...late, gone, early].entries()) work(netns, index + 3);
    late[0]?.ip('link', 'set', 'd0', 'down');
    late[1]?.ip('link', 'del', 'd0');
    gone.remove();
    // Routes of link-local addresses come when duplicate detection is over.
    for (const netns of [early, ...late]) while (netns.ip('-6', 'addr', 'show', 'tentative').trim() !== '') await sleep(50);
    // Without a tracer silent changes are found by reading again.
    await source.dump('end');
    const tables = new Map([early, ...late].map(netns => [nameOf(netns), tablesOf(netns)]));
    await source.stop();
    told.push(...live.flush());
    for (const netns of [early, ...late]) netns.remove();

    const changes = told.flatMap(record => record.kind === 'route-change' || record.kind === 'route-present' ? [record] : []);
    const of = (name: string): RouteChangeOutput[] => changes.filter(({ route }) => route.netns.name === name);
    for (const [name, expected] of tables) {
      const { after } = playChanges([], of(name));
      expect({ name, ...differences(expected.map(withoutFlags), after.map(withoutFlags)) }).toEqual({ name, missing: [], unexplained: [] });
    }
    expect(of(nameOf(gone)).length).toBeGreaterThan(0);
    expect(playChanges([], of(nameOf(gone))).after).toEqual([]);
    expect(of(nameOf(gone)).filter(({ cause }) => cause.id === 'netns-destroyed').map(({ confidence, actor }) => `${confidence} ${actor.kind}`)).toContain('likely unknown');

    const replayed = session();
    const again = observed.map(one => decodeObservation(encodeObservation(one))).flatMap(line => line.kind === 'observation' ? [line.observation] : []);
    expect([...again.flatMap(one => replayed.push(one)), ...replayed.flush()].map(record => JSON.stringify(record))).toEqual(told.map(record => JSON.stringify(record)));
  });
});

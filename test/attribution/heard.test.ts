import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HEARD } from '../../fixtures/netlink/cases.ts';
import type { Observation } from '../../src/model/observation.ts';
import type { ChangeOutput } from '../../src/model/output.ts';
import { readRecording } from '../../src/recording/read.ts';
import { isChange } from '../../src/report/happened.ts';
import { createSession } from '../../src/session.ts';

const folder = join(import.meta.dirname, '../../fixtures/netlink');
const kernels = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);
const anything = (): boolean => true;

async function toldOf(kernel: string, name: string, isHeard: (observation: Observation) => boolean = anything, arrange = (all: readonly Observation[]): readonly Observation[] => all): Promise<ChangeOutput[]> {
  await using recording = await readRecording(join(folder, kernel, `${name}.rcr`));
  const session = createSession(recording.header.session);
  const all: Observation[] = [];
  for await (const observation of recording.observations) if (isHeard(observation)) all.push(observation);
  return [...arrange(all).flatMap(observation => session.push(observation).filter(isChange)), ...session.flush().filter(isChange)];
}

/** Everything is received at one instant, late: packets first, because they are read before the messages that come with them. */
function atOnce(all: readonly Observation[]): readonly Observation[] {
  const first = all.findIndex(({ kind }) => kind === 'packet');
  const isLive = (observation: Observation): boolean => observation.kind === 'packet' || (observation.kind === 'netlink' && !observation.dump);
  const last = all.findLastIndex(isLive);
  const time = all[last]?.time;
  if (first < 0 || time === undefined) throw new Error('nothing was heard');
  const burst = all.slice(first, last + 1).filter(isLive).map(observation => ({ ...observation, time }));
  return [...all.slice(0, first), ...burst.filter(({ kind }) => kind === 'packet'), ...burst.filter(({ kind }) => kind !== 'packet'), ...all.slice(last + 1)];
}

const defaultsIn = (told: readonly ChangeOutput[]) => told.flatMap(change => change.kind === 'route-change' && change.route.dst === '::/0' ? [change] : []);
const [advertisements, hosts] = HEARD;
const deaf = ({ kind }: Observation): boolean => kind !== 'packet' && kind !== 'hearing';
const ofAdvertisements = ({ kind }: Observation): boolean => kind !== 'packet';

describe.each(kernels)('what was heard on Linux %s', kernel => {
  test.each([advertisements, hosts])('$name: tells apart what leaves the same messages', async one => {
    const told = defaultsIn(await toldOf(kernel, one?.name ?? ''));
    expect(told.map(({ change, route, cause, trigger }) => [change, route.dst, cause.id, trigger.kind === 'sysctl' ? `sysctl ${trigger.name}` : trigger.kind])).toEqual(one?.told);
    expect(told.filter(({ confidence, rivals }) => confidence === 'proved' || rivals !== undefined)).toEqual([]);
    for (const { trigger, actor } of told.filter(({ cause }) => cause.id.startsWith('router'))) expect({ actor, trigger }).toMatchObject({ actor: { kind: 'router', address: 'fe80::ff:fe00:2' }, trigger: { source: 'fe80::ff:fe00:2', dev: 'near0' } });
  });

  test('the lifetime is the one that the router told, in what it brings and in what it takes', async () => {
    const lifetimes = defaultsIn(await toldOf(kernel, 'heard-advertisements')).flatMap(({ change, trigger }) => trigger.kind === 'router-advertisement' ? [[change, trigger.lifetime]] : []);
    expect(lifetimes).toEqual([...[1, 2, 3].map(() => ['add', 600]), ['delete', 0], ['add', 600], ['add', 600]]);
  });

  test('where forwarding was written again, that is but what is left', async () => {
    expect(defaultsIn(await toldOf(kernel, 'heard-advertisements')).filter(({ trigger }) => trigger.kind === 'unknown').map(({ confidence }) => confidence)).toEqual(['guessed']);
  });

  test.each([advertisements, hosts])('$name: with nobody listening they are rivals, and no router says a lifetime', async one => {
    const told = defaultsIn(await toldOf(kernel, one?.name ?? '', deaf));
    const unsure = told.filter(({ change, trigger }) => change === 'delete' && trigger.kind !== 'sysctl');
    expect(unsure.length).toBe(2);
    for (const { cause, rivals = [], confidence, actor } of unsure) {
      expect([cause.id, ...rivals.map(rival => rival.cause.id)]).toEqual(expect.arrayContaining(['router-advertisement', 'router-turned-host']));
      expect([confidence, actor.kind]).toEqual(['guessed', 'unknown']);
    }
    expect(told.filter(({ trigger }) => trigger.kind === 'router-advertisement' && trigger.lifetime !== undefined)).toEqual([]);
  });

  test('a router that was listened to and said nothing did not take its route back', async () => {
    const told = defaultsIn(await toldOf(kernel, 'heard-advertisements', ofAdvertisements)).filter(({ change }) => change === 'delete');
    expect(told.map(({ cause }) => cause.id)).toEqual(told.map(() => 'advertised-routers-purged'));
    const unexplained = defaultsIn(await toldOf(kernel, 'heard-hosts', ofAdvertisements)).filter(({ change }) => change === 'delete');
    expect(unexplained.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown']);
  });

  test('received late and all at once, what was heard may belong to more than one change: then it tells nothing apart', async () => {
    const told = defaultsIn(await toldOf(kernel, 'heard-advertisements', anything, atOnce)).filter(({ change }) => change === 'delete');
    expect(told.map(({ cause, rivals = [] }) => [cause.id, ...rivals.map(rival => rival.cause.id)].includes('advertised-routers-purged'))).toEqual([true, true, true, true]);
    expect(told.map(({ confidence }) => confidence)).toEqual(['likely', 'guessed', 'guessed', 'likely']);
    expect(told.filter(({ actor }) => actor.kind === 'router')).toEqual([]);
  });

  test('a redirect is told once it is seen in the cache, and is the doing of the router that was heard', async () => {
    const told = (await toldOf(kernel, 'heard-redirects')).flatMap(change => change.kind === 'exception' ? [change] : []);
    expect(told).toMatchObject([
      { event: 'redirect', family: 'ipv4', dst: '198.51.100.1/32', gateway: '192.0.2.2', dev: 'lan0', expires: 300, confidence: 'likely', actor: { kind: 'router', address: '192.0.2.1' }, trigger: { kind: 'icmp-redirect', source: '192.0.2.1' } },
      { event: 'redirect', family: 'ipv6', dst: '2001:db8:2::1/128', gateway: 'fe80::2', dev: 'lan0', confidence: 'likely', actor: { kind: 'router', address: 'fe80::1' }, trigger: { kind: 'icmp-redirect', source: 'fe80::1' } },
    ]);
    expect(told).toHaveLength(2);
  });

  test('one that was heard and not followed is not told, nor one that is in the cache and was not heard', async () => {
    const isAnswer = ({ kind, ...rest }: Observation): boolean => kind === 'netlink' && 'dump' in rest && rest.dump;
    for (const without of [deaf, (observation: Observation) => !(observation.kind === 'dump' && observation.reason === 'cache') && !isAnswer(observation)]) {
      expect((await toldOf(kernel, 'heard-redirects', without)).filter(({ kind }) => kind === 'exception')).toEqual([]);
    }
  });
});

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../../fixtures/rtnetlink/lab.ts';
import { findNamespaces } from '../../../src/host/namespaces.ts';
import { nameOfNamespace } from '../../../src/host/netns-names.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { decodeMessage } from '../../../src/netlink/decode.ts';
import { openAllSource, type AllOptions, type AllSource } from '../../../src/sources/rtnetlink/all-source.ts';
import { SKIP_REASON } from './live.ts';

interface Following extends AsyncDisposable {
  readonly source: AllSource;
  readonly seen: readonly Observation[];
  readonly of: (netns: LabNetns) => readonly Observation[];
  until(condition: () => boolean): Promise<void>;
}

/** Other programs may make namespaces on this host meanwhile: what is looked at is that of the test's own. */
async function follow(find: AllOptions['find'] = findNamespaces): Promise<Following> {
  const source = openAllSource({ find, nameOf: nameOfNamespace });
  const seen: Observation[] = [];
  let check = (): void => {};
  let isDue = false;
  await source.start((observation) => {
    seen.push(observation);
    // Looking through all of it for each message of a burst would take minutes.
    if (!isDue) setImmediate(() => { isDue = false; check(); });
    isDue = true;
  });
  const nameOf = ({ path }: LabNetns): string | undefined => path.split('/').at(-1);
  return {
    source, seen,
    of: (netns) => {
      const id = seen.findLast((o) => o.kind === 'name' && o.name === nameOf(netns));
      return id?.kind !== 'name' ? [] : seen.filter((o) => 'netns' in o && o.netns?.cookie !== undefined && `cookie:${o.netns.cookie}` === id.id);
    },
    until: (condition) => new Promise((resolve) => {
      check = () => { if (condition()) resolve(); };
      check();
    }),
    [Symbol.asyncDispose]: () => source.stop(),
  };
}

const isGone = (o: Observation): boolean => o.kind === 'netns' && o.event === 'gone';
const isRead = (o: Observation): boolean => o.kind === 'dump' && o.phase === 'end' && o.consistent;
const routesIn = (all: readonly Observation[], dump: boolean): string[] => all.flatMap((o) => {
  const message = o.kind === 'netlink' && o.dump === dump ? decodeMessage(o.bytes) : undefined;
  return message?.kind === 'route' ? [`${message.deleted ? 'del' : 'new'} ${message.route.dst}`] : [];
});
const descriptors = (): number => readdirSync('/proc/self/fd').length;

describe.skipIf(SKIP_REASON)(`openAllSource ${SKIP_REASON ?? ''}`, { timeout: 60_000 }, () => {
  test('tells the messages of each namespace as its own, of old ones and of new ones', async () => {
    const old = addLabNetns();
    await old.batch(['link set lo up', 'route add 10.1.0.0/16 dev lo']);
    await using following = await follow();
    expect(routesIn(following.of(old), true)).toContain('new 10.1.0.0/16');
    const young = addLabNetns();
    await following.until(() => following.of(young).some(isRead));
    await young.batch(['link set lo up', 'route add 10.2.0.0/16 dev lo']);
    old.ip('route', 'del', '10.1.0.0/16');
    await following.until(() => routesIn(following.of(young), false).includes('new 10.2.0.0/16') && routesIn(following.of(old), false).includes('del 10.1.0.0/16'));
    expect(routesIn(following.of(old), false)).not.toContain('new 10.2.0.0/16');
    old.remove();
    young.remove();
    await following.until(() => following.of(old).some(isGone) && following.of(young).some(isGone));
    expect(following.of(young).at(-1)).toMatchObject({ kind: 'netns', event: 'gone' });
  });

  test('holds up no end of a namespace: its half of a veth takes the other along', async () => {
    await using following = await follow();
    const [near, far] = [addLabNetns(), addLabNetns()];
    near.ip('link', 'add', 'va', 'type', 'veth', 'peer', 'name', 'vb', 'netns', far.path.split('/').at(-1) ?? '');
    await far.batch(['link set vb up', ...Array.from({ length: 30_000 }, (_, i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev vb`)]);
    await following.until(() => following.of(near).some(isRead) && following.of(far).some(isRead));
    // While its tables are read: that alone would keep it for as long.
    const dump = following.source.dump('check');
    await following.until(() => following.of(far).findLast((o) => o.kind === 'dump')?.reason === 'check');
    const deleted = performance.now();
    far.remove();
    const linkGone = (o: Observation): boolean => {
      const message = o.kind === 'netlink' && !o.dump ? decodeMessage(o.bytes) : undefined;
      return message?.kind === 'link' && message.deleted && message.name === 'va';
    };
    await following.until(() => following.of(near).some(linkGone));
    expect(performance.now() - deleted).toBeLessThan(2000);
    await dump;
    near.remove();
  });

  test('hundreds that come and go leave nothing: no descriptor, no name, no namespace', async () => {
    await using following = await follow();
    const before = { descriptors: descriptors(), following: following.source.following().length };
    const names = Array.from({ length: 200 }, (_, i) => `rc-${process.pid}-fast-${i}`);
    const script = names.map((name) => `ip netns add ${name}; ip netns del ${name}`).join('; ');
    await once(spawn('sh', ['-c', script], { stdio: 'ignore' }), 'exit');
    const ours = new Set(names);
    const told = (): string[] => following.seen.flatMap((o) => o.kind === 'name' && ours.has(o.name) ? [o.id] : []);
    const ended = (): Set<string> => new Set(following.seen.flatMap((o) => o.kind === 'netns' && o.event === 'gone' ? [`cookie:${o.netns.cookie}`] : []));
    await following.until(() => told().every((id) => ended().has(id)));
    expect(new Set(told()).size).toBe(told().length);
    expect(told().length).toBeGreaterThan(0);
    await following.until(() => following.source.following().length <= before.following);
    expect(descriptors()).toBeLessThanOrEqual(before.descriptors);
  });

  test('gives no namespace the name of a successor that has its inode number, as long as its end waits in the socket', async () => {
    const [one, successor] = [addLabNetns(), addLabNetns()];
    const inode = statSync(one.path).ino;
    let { path } = one;
    await using following = await follow(() => [{ inode, path }]);
    await following.until(() => following.of(one).some(isRead));
    path = successor.path;
    // It looks for namespaces first.
    await following.source.dump('check');
    expect(following.seen.flatMap((o) => o.kind === 'name' ? [o.name] : [])).toEqual([one.path.split('/').at(-1)]);
    for (const netns of [one, successor]) netns.remove();
  });

  test('gives no namespace of the host an id', async () => {
    const ids = (): string => execFileSync('ip', ['netns', 'list-id'], { encoding: 'utf8' });
    const before = ids();
    await using following = await follow();
    const netns = addLabNetns();
    await following.until(() => following.of(netns).some(isRead));
    expect(ids()).toBe(before);
    netns.remove();
  });

  test('finds a namespace that only a process is in, and notices its end', async () => {
    await using following = await follow();
    const child = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; read x'], { stdio: ['pipe', 'ignore', 'inherit'] });
    const isNamed = (o: Observation): boolean => o.kind === 'name' && o.name.startsWith(`${child.pid}:`);
    await following.until(() => following.seen.some(isNamed));
    const { id } = following.seen.find(isNamed) as Extract<Observation, { kind: 'name' }>;
    const heard = (): Observation[] => following.seen.filter((o) => 'netns' in o && `cookie:${o.netns?.cookie}` === id);
    await following.until(() => heard().some(isRead));
    expect(routesIn(heard(), true).concat(routesIn(heard(), false))).toContain('new 127.0.0.1/32');
    child.stdin.end('\n');
    await following.until(() => heard().some(isGone));
  });

  test('after a loss, ends that were not heard are found out', async () => {
    const netns = addLabNetns();
    await using following = await follow();
    await following.until(() => following.of(netns).some(isRead));
    // As if the message of the end were among what was dropped: it is not yet received, and the ids are asked for.
    execFileSync('ip', ['netns', 'del', netns.path.split('/').at(-1) ?? '']);
    await following.source.dump('resync');
    await following.until(() => following.of(netns).some(isGone));
    expect(following.of(netns).filter(isGone)).toHaveLength(1);
  });
});

import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import { withoutUs } from '../../src/cli/own-doings.ts';
import { at, lost, OTHER_NETNS, probe, task, type Task } from '../model/build.ts';
import { call, flushed, kworker, leave, story, SYSCALL, weave, WORKER, type Story } from './build.ts';
import { routeBytes } from './encode.ts';
import { attributions } from './verdicts.ts';

const ROUTE = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const UMOUNT = ['__put_net', 'nsfs_evict', '__cleanup_mnt', 'task_work_run', ...SYSCALL];
const SOCKET = ['__put_net', '__sk_destruct', 'rcu_core', '__do_softirq', ...SYSCALL];
const DIES = ['fib_notify_alias_delete', 'fib_table_flush', 'fib_flush', 'fib_netdev_event', 'unregister_netdevice_many', 'cleanup_net', ...WORKER];
const ip = task(700, 'ip');
const sleep = task(701, 'sleep');

let stacks = 500n;
/** The last reference to a namespace goes. */
const drops = (who: Task, ms: number, frames: readonly string[], inode = 4026532300, cookie: bigint = 30n): Observation[] => {
  stacks += 1n;
  const record = probe(who, ms, 'defer', '__put_net', { netns: inode, cookie, start: BigInt(who.startMs) * 1_000_000n, object: cookie, stack: stacks, comm: who.comm });
  return [{ kind: 'stack', source: 'bpftrace', time: record.time, cpu: who.cpu, id: stacks, frames }, record];
};
/** As netns_put tells it, which is not given all of the namespace. */
const withoutCookie = (all: readonly Observation[]): Observation[] => all.map(one => {
  if (one.kind !== 'probe') return one;
  const { cookie: _, ...fields } = one.fields;
  return { ...one, fn: 'netns_put', fields };
});
type Parts = readonly (Story | readonly Observation[] | Observation)[];
/** cleanup_net takes a veth, and the route over its other end. */
const cleans = (ms: number, ...within: readonly (Observation | readonly Observation[])[]): Story =>
  story(call(kworker, ms, 'cleanup_net'), flushed(kworker, ms + 1, ROUTE, DIES), ...within, leave(kworker, ms + 3, 'cleanup_net'));
const actors = (...parts: Parts): unknown[] => attributions(weave(story(...parts), { before: [routeBytes(ROUTE)] }))
  .map(({ verdict }) => verdict.kind !== 'caused' ? verdict.kind : [verdict.causeId, verdict.confidence, verdict.facts.act.actor.kind, verdict.facts.act.actor.comm]);

describe('who let go of a namespace last', () => {
  test('is the actor of what goes with it', () => {
    expect(actors(drops(ip, 2000, UMOUNT), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'process', 'ip']]);
  });
  test('is told nothing of where nobody was seen', () => {
    expect(actors(cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
  });
  test('is not the task that was interrupted when the last socket went', () => {
    expect(actors(drops(ip, 2000, SOCKET), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
  });
  test('is not routecause, which held it to read its tables', () => {
    const ours = drops(ip, 2000, UMOUNT).map(one => withoutUs(one, ip.pid));
    expect(actors(ours, cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
    expect(actors(drops(sleep, 2000, UMOUNT).map(one => withoutUs(one, ip.pid)), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'process', 'sleep']]);
    expect(actors(ours, drops(ip, 2001, UMOUNT, 4026532301, 31n), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
  });
  test('is not one of several: which of their namespaces it was is not known', () => {
    expect(actors(drops(ip, 2000, UMOUNT), drops(sleep, 2001, UMOUNT, 4026532301, 31n), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
    expect(actors(drops(ip, 2000, UMOUNT), drops(ip, 2001, UMOUNT, 4026532301, 31n), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'process', 'ip']]);
  });
  test('is not whoever let go of one that had been taken apart before, or comes later', () => {
    const earlier = story(drops(sleep, 2000, UMOUNT, 4026532301, 31n), call(kworker, 2001, 'cleanup_net'), leave(kworker, 2002, 'cleanup_net'));
    expect(actors(earlier, drops(ip, 2005, UMOUNT), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'process', 'ip']]);
    expect(actors(drops(ip, 2000, UMOUNT), cleans(2010, drops({ ...sleep, cpu: 1 }, 2010.5, UMOUNT, 4026532301, 31n)))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
  });
  test('is not claimed after a loss, nor where the kernel was at it before the session', () => {
    expect(actors(drops(ip, 2000, UMOUNT), lost(1990, 2005), cleans(5000)).at(0)).toEqual(['netns-destroyed', 'proved', 'kernel', undefined]);
    expect(actors(leave(kworker, 1995, 'cleanup_net'), drops(ip, 2000, UMOUNT), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
  });
  test('is all that is not known where only calls that let go of namespaces were missed', () => {
    const gone = lost(1990, 2005, { functions: ['__put_net'] });
    expect(actors(drops(ip, 2000, UMOUNT), gone, cleans(2010))).toEqual([['netns-destroyed', 'proved', 'kernel', undefined]]);
    expect(actors(drops(ip, 2000, UMOUNT), lost(1990, 2005, { functions: ['__put_net', 'rtnl_notify'] }), cleans(2010))).toEqual([['netns-destroyed', 'likely', 'kernel', undefined]]);
  });
  test('is one, though both functions told', () => {
    const file = withoutCookie(drops(ip, 2000, ['netns_put', ...UMOUNT.slice(1)]));
    expect(actors(file, drops(ip, 2000.1, ['__put_net', 'netns_put', ...UMOUNT.slice(1)]), cleans(2010))).toEqual([['netns-destroyed', 'proved', 'process', 'ip']]);
  });
});

describe('the routes of the namespace itself', () => {
  const { inode, cookie } = OTHER_NETNS;
  const event = (ms: number, what: 'found' | 'gone'): Observation => ({ kind: 'netns', source: 'rtnetlink', time: at(ms), netns: OTHER_NETNS, event: what });
  const lives = (...parts: Parts): unknown[] => {
    const told = weave(story({ sent: [{ ms: 1900, bytes: routeBytes(ROUTE), netns: OTHER_NETNS }] }, ...parts));
    const mixed = [event(1800, 'found'), event(2500, 'gone')].reduce<Observation[]>((all, one) => all.toSpliced(all.findIndex(({ time }) => time > one.time), 0, one), told);
    return attributions(mixed).flatMap(({ change, verdict }) => change.change === 'delete' && verdict.kind === 'caused' ? [[verdict.causeId, verdict.facts.act.actor.kind, verdict.facts.act.actor.comm]] : []);
  };

  test('go by the one who let go of it', () => {
    expect(lives(drops(ip, 2000, UMOUNT, inode, cookie))).toEqual([['netns-destroyed', 'process', 'ip']]);
    expect(lives(withoutCookie(drops(ip, 2000, UMOUNT, inode)))).toEqual([['netns-destroyed', 'process', 'ip']]);
  });
  test('do not go by one who let go of another that had or got its number', () => {
    expect(lives(withoutCookie(drops(sleep, 1700, UMOUNT, inode)))).toEqual([['netns-destroyed', 'unknown', undefined]]);
    expect(lives(drops(ip, 2000, UMOUNT, inode, cookie), drops(sleep, 2400, UMOUNT, inode, 77n))).toEqual([['netns-destroyed', 'process', 'ip']]);
    expect(lives(withoutCookie(drops(ip, 2000, UMOUNT, inode)), withoutCookie(drops(sleep, 2400, UMOUNT, inode)))).toEqual([['netns-destroyed', 'unknown', undefined]]);
  });
  test('are told once, whatever the kernel tells of each', () => {
    const removal = flushed(kworker, 2011, ROUTE, DIES, OTHER_NETNS);
    expect(lives(drops(ip, 2000, UMOUNT, inode, cookie), call(kworker, 2010, 'cleanup_net'), removal, leave(kworker, 2012, 'cleanup_net'))).toEqual([['netns-destroyed', 'process', 'ip']]);
  });
});

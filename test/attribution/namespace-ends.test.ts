import { describe, expect, test } from 'vitest';
import type { Observation } from '../../src/model/observation.ts';
import { lost, OTHER_NETNS, probe, task, type Task } from '../model/build.ts';
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
const drops = (who: Task, ms: number, frames: readonly string[], inode = 4026532300, cookie = 30n): Observation[] => {
  stacks += 1n;
  const record = probe(who, ms, 'defer', '__put_net', { netns: inode, cookie, start: BigInt(who.startMs) * 1_000_000n, object: cookie, stack: stacks, comm: who.comm });
  return [{ kind: 'stack', source: 'bpftrace', time: record.time, cpu: who.cpu, id: stacks, frames }, record];
};
/** cleanup_net takes a veth, and the route over its other end. */
const cleans = (ms: number, ...within: readonly (Observation | readonly Observation[])[]): Story =>
  story(call(kworker, ms, 'cleanup_net'), flushed(kworker, ms + 1, ROUTE, DIES), ...within, leave(kworker, ms + 3, 'cleanup_net'));
const actors = (...parts: readonly (Story | readonly Observation[] | Observation)[]): unknown[] => attributions(weave(story(...parts), { before: [routeBytes(ROUTE)] }))
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
  test('is told for the routes of the namespace itself', () => {
    const gone: Observation = { kind: 'netns', source: 'rtnetlink', time: 2_020_000_000n as Observation['time'], netns: OTHER_NETNS, event: 'gone' };
    const told = weave(story({ sent: [{ ms: 1900, bytes: routeBytes(ROUTE), netns: OTHER_NETNS }] }, drops(ip, 2000, UMOUNT, OTHER_NETNS.inode, OTHER_NETNS.cookie)));
    const at = told.findIndex(({ time }) => time > gone.time);
    const verdicts = attributions([...told.slice(0, at), gone, ...told.slice(at)]);
    expect(verdicts.map(({ change, verdict }) => [change.change, verdict.kind === 'caused' ? verdict.facts.act.actor.comm : verdict.kind])).toEqual([['add', 'unknown'], ['delete', 'ip']]);
  });
});

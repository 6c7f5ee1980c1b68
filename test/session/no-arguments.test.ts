import { expect, test } from 'vitest';
import type { ProbeFields } from '../../src/model/fields.ts';
import type { Observation } from '../../src/model/observation.ts';
import { createSession } from '../../src/session.ts';
import { routeBytes } from '../attribution/encode.ts';
import { drained, dumpMark, identity, netlink, netnsFields, NETNS, probe, ready, stack, task, tick } from '../model/build.ts';

const worker = task(33, 'kworker/0:1');
const byItself = { dst: '2001:db8::1/128', dev: 4, metric: 0 };
const asked = { dst: '2001:db8:7::/48', dev: 4, seq: 5, portid: 4321 };
/** Work of a path that leads to no cause without what was queued. */
const FRAMES = ['rtnl_notify', 'inet6_rt_notify', 'fib6_add', 'ip6_ins_rt', 'ipv6_ifa_notify', 'addrconf_dad_completed', 'addrconf_dad_work', 'process_one_work', 'worker_thread', 'kthread'];

/** A route that deferred work brings, and one that a program asked for without being seen. `told`: what the notification's record has. */
function reasons(told: ProbeFields): unknown[] {
  const all: Observation[] = [
    dumpMark(1000, 'begin'), dumpMark(1001, 'end'), tick(1002), ready(1003),
    stack(2000, worker.cpu, 7n, FRAMES), probe(worker, 2000, 'notify', 'rtnl_notify', { ...identity(worker), stack: 7n, ...told }), netlink(2000.2, routeBytes(byItself)),
    netlink(2100, routeBytes(asked)), tick(2200), drained(2200), tick(5000), drained(5000),
  ];
  const session = createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x', cpus: 1 } });
  return [...all.flatMap(one => session.push(one)), ...session.flush()].flatMap(record => record.kind === 'route-change' ? [[record.route.dst, record.verdict, record.reason]] : []);
}

test('where functions are told without their arguments, what no cause fits is blind: its cause may be one that cannot be told', () => {
  expect(reasons({})).toEqual([[byItself.dst, 'unknown', 'blind'], [asked.dst, 'unknown', 'blind']]);
});

test('where arguments are told, all was seen, and nothing fits', () => {
  const bytes = routeBytes(byItself);
  expect(reasons({ ...netnsFields(NETNS), group: 11, msglen: bytes.length, msg: bytes })).toEqual([[byItself.dst, 'unknown', 'no-match'], [asked.dst, 'unknown', 'no-match']]);

});

import { expect, test } from 'vitest';
import { task } from '../model/build.ts';
import { ANNOUNCE6, announce, call, leave, SOFTIRQ_ON_TASK, story, weave } from './build.ts';
import { addressOf, routeBytes } from './encode.ts';
import { allAttributions } from './verdicts.ts';

/** The idle tasks of all CPUs have thread id 0: packets that two of them work on at once are two packets. */
test('advertisements on two idle CPUs at once are each told of their own router', () => {
  const routers = ['fe80::1', 'fe80::2'];
  const route = (router: string) => ({ dst: '::/0', via: router, dev: 4, protocol: 9, metric: 1024 });
  const told = story(
    ...routers.map((router, cpu) => call(task(0, 'swapper', { cpu }), 2000 + cpu / 100, 'ndisc_rcv', { src: addressOf(router), icmptype: 134, lifetime: 1800, ifindex: 4 })),
    ...routers.map((router, cpu) => announce(task(0, 'swapper', { cpu }), 2000.1 + cpu / 100, routeBytes(route(router)), [...ANNOUNCE6, 'fib6_add', 'ip6_route_add', 'rt6_add_dflt_router', 'ndisc_router_discovery', 'ndisc_rcv', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK])),
    ...routers.map((_, cpu) => leave(task(0, 'swapper', { cpu }), 2000.2 + cpu / 100, 'ndisc_rcv')),
  );
  const all = allAttributions(weave(told)).flatMap(({ subject, change, verdict }) => subject === 'change' && verdict.kind === 'caused' ? [[change.route.nexthops[0]?.gateway, verdict.confidence, verdict.facts.act.actor.address]] : []);
  expect(all).toEqual([['fe80::1', 'proved', 'fe80::1'], ['fe80::2', 'proved', 'fe80::2']]);
});

import { describe, expect, test } from 'vitest';
import type { ProbeFields } from '../../src/model/fields.ts';
import { task } from '../model/build.ts';
import { PREFIX6 } from './acts.ts';
import { announce, ANNOUNCE6, call, leave, SOFTIRQ_ON_TASK, story, weave } from './build.ts';
import { addressOf, routeBytes } from './encode.ts';
import { attributions } from './verdicts.ts';

const swapper = task(0, 'swapper');
const ROUTER = { src: addressOf('fe80::1'), ifindex: 4 };

/** What is told of a default route that goes while such a packet is worked on. */
function triggerBy(fields: ProbeFields): unknown {
  const gone = routeBytes({ ...PREFIX6, dst: '::/0', deleted: true });
  const told = story(call(swapper, 2000, 'ndisc_rcv', { ...ROUTER, ...fields }),
    announce(swapper, 2000.1, gone, [...ANNOUNCE6, 'fib6_del', 'ip6_del_rt', 'rt6_clean_tohost', 'ndisc_recv_na', 'ndisc_rcv', 'icmpv6_rcv', ...SOFTIRQ_ON_TASK]), leave(swapper, 2000.2, 'ndisc_rcv'));
  const [verdict] = attributions(weave(told)).map(one => one.verdict);
  return verdict?.kind === 'caused' ? verdict.trigger : verdict?.kind;
}

describe('the lifetime of a router', () => {
  test.each<[string, ProbeFields, number | undefined]>([
    ['is in a router advertisement', { icmptype: 134, lifetime: 1800 }, 1800],
    ['may be over at once', { icmptype: 134, lifetime: 0 }, 0],
    ['is not told where it could not be read', { icmptype: 134 }, undefined],
    ['is none of a neighbour advertisement, whatever stands in its place', { icmptype: 136, lifetime: 0 }, undefined],
    ['nor of a packet whose type could not be read', { lifetime: 0 }, undefined],
    ['nor of one whose type makes no sense', { icmptype: -122, lifetime: 1800 }, undefined],
  ])('%s', (_case, fields, lifetime) => {
    expect(triggerBy(fields)).toEqual({ kind: 'router-advertisement', source: 'fe80::1', ...(lifetime === undefined ? {} : { lifetime }) });
  });
});

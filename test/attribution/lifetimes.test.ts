import { describe, expect, test } from 'vitest';
import { ADD4, DAD_START, DELETE4, HEARD4, WORKER } from '../causes/fragments.ts';
import { stack } from '../causes/path.ts';
import { lost, NETNS, netnsFields, probe, task, type Task } from '../model/build.ts';
import { detectionEnds, PREFIX4 } from './acts.ts';
import { announce, asks, call, defer, known, kworker, leave, story, weave, type Story } from './build.ts';
import { addressBytes, addressOf, routeBytes } from './encode.ts';
import { verdicts } from './verdicts.ts';

const dhclient = task(7001, 'dhclient', { startMs: 300 });
const netd = task(7002, 'netd', { startMs: 300 });
const adds = (who: Task, ms: number, text: string): Story => story(known(who, [who.comm]), asks(who, ms, who.pid, addressBytes(20, text, 4)), leave(who, ms + 1, 'rtnetlink_rcv_msg'));
/** fib_inetaddr_event(): 1 an address came, 2 one went. */
const heard = (ms: number, event: number, text: string): Story => story(probe(kworker, ms, 'via', 'fib_inetaddr_event', { ...netnsFields(NETNS), event, ifindex: 4, addr: addressOf(text), plen: 24 }));
const end = `__inet_del_ifa < check_lifetime < ${WORKER}`;
const deleted = (ms: number, frames: string, dst = PREFIX4.dst): Story => announce(kworker, ms, routeBytes({ ...PREFIX4, dst, deleted: true }), stack(frames));

describe('the end of a lifetime', () => {
  test('is told of whoever set that one, while others end and secondaries are promoted in the same run', () => {
    const one = story(adds(dhclient, 1500, '198.51.100.1/24'), adds(netd, 1600, '192.0.2.1/24'), adds(dhclient, 1700, '192.0.2.7/24'),
      call(kworker, 5000, 'check_lifetime'),
      heard(5001, 2, '198.51.100.1'), deleted(5001.1, `${DELETE4} < ${HEARD4} < ${end}`, '198.51.100.0/24'),
      deleted(5002, `${DELETE4} < ${end}`),
      heard(5003, 2, '192.0.2.1'), deleted(5003.1, `${DELETE4} < ${HEARD4} < ${end}`),
      heard(5004, 1, '192.0.2.7'), announce(kworker, 5004.1, routeBytes(PREFIX4), stack(ADD4, HEARD4, end)),
      announce(kworker, 5005, routeBytes({ ...PREFIX4, dst: '192.0.2.9/32' }), stack(ADD4, end)),
      leave(kworker, 5006, 'check_lifetime'));
    expect(verdicts(weave(one)).map(({ cause, actor }) => [cause, actor])).toEqual([
      ['address-expired', 'dhclient[7001]'], ['ipv4-secondary-promoted', 'kernel'], ['address-expired', 'netd[7002]'],
      ['ipv4-secondary-promoted', 'netd[7002]'], ['ipv4-secondary-promoted', 'netd[7002]'],
    ]);
  });
});

describe('after a loss', () => {
  const object = 0xffff_8880_0000_1050n;
  const makes = (ms: number): Story => story(call(kworker, ms, 'addrconf_verify_work'),
    defer(kworker, ms + 0.1, object, '2001:db8:1::1', 4, stack(DAD_START, 'ipv6_create_tempaddr.isra.0 < addrconf_verify_rtnl < addrconf_verify_work', WORKER)), leave(kworker, ms + 1, 'addrconf_verify_work'));
  const expires = (ms: number): Story => story(call(kworker, ms, 'check_lifetime'), heard(ms + 1, 2, '192.0.2.1'), deleted(ms + 1.1, `${DELETE4} < ${HEARD4} < ${end}`), leave(kworker, ms + 2, 'check_lifetime'));

  test.each<[string, Story, readonly [string | undefined, string | undefined]]>([
    ['the kernel makes the next temporary address all the same', story(lost(2500, 2600), makes(9000), detectionEnds(10_000)), ['proved', 'kernel']],
    ['so it does where nothing was lost', story(makes(9000), detectionEnds(10_000)), ['proved', 'kernel']],
    ['work of it that was queued before says nothing', story(makes(2000), lost(2500, 2600), detectionEnds(10_000)), ['', '']],
    ['and what it says is true if only notifications were missed', story(makes(2000), lost(2500, 2600, { functions: ['rtnl_notify', 'nlmsg_notify'] }), detectionEnds(10_000)), ['proved', 'kernel']],
    ['not if calls were missed, too', story(makes(2000), lost(2500, 2600, { functions: ['rtnl_notify', 'ndisc_rcv'] }), detectionEnds(10_000)), ['', '']],
    ['who set a lifetime was seen if only notifications were missed', story(lost(2500, 2600, { functions: ['rtnl_notify'] }), expires(9000)), ['proved', 'kernel']],
    ['right after it nothing is proved', story(lost(8400, 8500), makes(9000), detectionEnds(10_000)), ['likely', 'kernel']],
    ['who set a lifetime that is over may have been lost', story(adds(netd, 1700, '192.0.2.7/24'), lost(2500, 2600), expires(9000)), ['likely', 'unknown']],
    ['who set it is known if that was seen', story(lost(1500, 1600), adds(netd, 4000, '192.0.2.1/24'), expires(9000)), ['proved', 'netd[7002]']],
  ])('%s', (_case, told, [confidence, actor]) => {
    expect(verdicts(weave(told)).map(verdict => [verdict.confidence ?? '', verdict.actor ?? ''])).toEqual([[confidence, actor]]);
  });
});

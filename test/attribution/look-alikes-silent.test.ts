import { describe, expect, test } from 'vitest';
import { ADMIN, CLEANUP, DELLINK, FLUSH4, HEARD4, IOCTL, LINKED, MOVE, MTU, RTNL, TUN_EXIT, UNREGISTER, WORKER } from '../causes/fragments.ts';
import { stack } from '../causes/path.ts';
import { LINK } from '../causes/requests.ts';
import { lost, task, type Task } from '../model/build.ts';
import { ANYCAST, asksForRoute, decoy, ip, LOCAL6, PREFIX6, sysctl, writesOther } from './acts.ts';
import { asks, call, flushed, known, kworker, leave, story, weave, type Story } from './build.ts';
import { addressBytes, nexthopBytes, routeBytes, type RouteSpec } from './encode.ts';
import { verdicts, type Verdict } from './verdicts.ts';

const STATIC4: RouteSpec = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const GONE = { dst: '198.51.100.0/24', dev: 4, via: '192.0.2.9' };
const CLOSED = 'fib_netdev_event < raw_notifier_call_chain < dev_close_many';
const silently = (cause: string, actor: string): Partial<Verdict> => ({ dst: STATIC4.dst, change: 'delete', silent: true, cause, confidence: 'proved', actor });

let pids = 3000;
type Way = readonly [what: string, cause: string, who: Task, actor: string, enter: (who: Task, ms: number) => ReturnType<typeof call>, fn: string, frames: string];
function way(what: string, cause: string, enter: Way[4], fn: string, frames: string): Way {
  pids += 1;
  return [what, cause, task(pids, 'prog', { startMs: 300 }), `prog[${pids}]`, enter, fn, `${FLUSH4} < ${frames}`];
}
const link = (what: string, cause: string, name: keyof typeof LINK, frames: string): Way => way(what, cause, (who, ms) => asks(who, ms, who.pid, LINK[name].bytes ?? new Uint8Array()), 'rtnetlink_rcv_msg', frames);
const request = (what: string, cause: string, bytes: Uint8Array, frames: string): Way => way(what, cause, (who, ms) => asks(who, ms, who.pid, bytes), 'rtnetlink_rcv_msg', frames);
const own = (what: string, cause: string, fn: string, frames: string): Way => [what, cause, kworker, 'kernel', (who, ms) => call(who, ms, fn), fn, `${FLUSH4} < ${frames} < ${WORKER}`];

/** One static IPv4 route goes without a message; the record of its removal is the same by every way. */
const WAYS: readonly Way[] = [
  link('the device set down', 'link-down', 'down', `fib_netdev_event < ${ADMIN}`),
  request('the last address removed', 'ipv4-address-removed', addressBytes(21, '192.0.2.1/24', 4), `${HEARD4} < __inet_del_ifa < inet_rtm_deladdr < ${RTNL}`),
  way('the last address removed by ioctl', 'ipv4-address-removed', (who, ms) => call(who, ms, 'devinet_ioctl', { cmd: 0x8916 }), 'devinet_ioctl', `${HEARD4} < __inet_del_ifa < devinet_ioctl < inet_ioctl < ${IOCTL}`),
  link('the device put into a VRF', 'vrf-membership', 'master', `fib_netdev_event < ${LINKED}`),
  link('the device deleted', 'device-removed', 'deleted', `${CLOSED} < ${DELLINK}`),
  way('the owner of the tun ended', 'device-removed', (who, ms) => call(who, ms, 'unregister_netdevice_many_notify'), 'unregister_netdevice_many_notify', `${CLOSED} < ${TUN_EXIT}`),
  link('the device moved', 'device-moved', 'moved', `${CLOSED} < ${MOVE}`),
  link('an MTU below 68', 'link-mtu', 'mtu', `${HEARD4} < __inet_del_ifa < inetdev_event < ${MTU}`),
  request('its nexthop object deleted', 'nexthop-removed', nexthopBytes(5).map((byte, i) => i === 4 ? 105 : byte), `__remove_nexthop < remove_nexthop < rtm_del_nexthop < ${RTNL}`),
  own('the lifetime of the last address over', 'address-expired', 'check_lifetime', `${HEARD4} < __inet_del_ifa < check_lifetime`),
  own('the namespace of the peer destroyed', 'netns-destroyed', 'cleanup_net', `${CLOSED} < ${UNREGISTER} < ${CLEANUP.replace(` < ${WORKER}`, '')}`),
];

const goes = ([, , who, , enter, fn, frames]: Way, ms: number): Story => story(known(who, [who.comm]), enter(who, ms), flushed(who, ms + 0.02, GONE, stack(frames)), leave(who, ms + 0.1, fn));
const pairs = WAYS.flatMap(first => WAYS.filter(second => second !== first).map(second => [first[0], second[0], first, second] as const));
const deletes = (one: Story): Verdict[] => verdicts(weave(one, { before: [routeBytes(STATIC4)] })).filter(({ dst, change }) => dst === STATIC4.dst && change === 'delete');

describe('a route that goes without a message', () => {
  test.each(pairs)('by %s and, when it was added again, by %s', (_first, _second, first, second) => {
    const one = story(goes(first, 2000), writesOther(sysctl, 2300), asksForRoute(decoy, 2600, STATIC4, { seq: 4 }), goes(second, 4000));
    expect(deletes(one)).toEqual([first, second].map(([, cause, , actor]) => expect.objectContaining(silently(cause, actor))));
  });

  test.each(WAYS.map(one => [one[0], one] as const))('by %s, the record of which was lost: nobody is named', (_what, one) => {
    const told = goes(one, 2000);
    expect(deletes(story({ ...told, records: told.records.filter(record => record.kind !== 'probe' || record.type !== 'remove') }, lost(1990, 2100)))).toEqual([]);
  });
});

describe('a route that a program asks for is its own, whatever it looks like', () => {
  test.each<[string, RouteSpec]>([
    ['a default route that says it was advertised', { dst: '::/0', protocol: 9, metric: 1024, dev: 4, via: 'fe80::1' }], ['the prefix of an address', PREFIX6], ['the local route of an address', LOCAL6], ['an anycast route', ANYCAST],
  ])('%s', (_what, route) => {
    for (const deleted of [false, true]) {
      expect(verdicts(weave(asksForRoute(ip, 2000, { ...route, deleted }, { seq: 5 })))).toEqual([expect.objectContaining({ cause: 'route-request', confidence: 'proved', actor: 'ip[5151]' })]);
    }
  });
});

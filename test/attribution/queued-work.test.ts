import { describe, expect, test } from 'vitest';
import type { ProbeFields } from '../../src/model/fields.ts';
import { lost, NETNS, probe, task } from '../model/build.ts';
import { ip, PREFIX6 } from './acts.ts';
import { ANNOUNCE6, announce, call, known, kworker, leave, RTNETLINK, story, weave, withStack, WORKER, type Story } from './build.ts';
import { routeBytes } from './encode.ts';
import { verdicts } from './verdicts.ts';

const other = task(6000, 'ip', { startMs: 600 });

describe('work for a VLAN, when the device below it was set down (Linux 7.2)', () => {
  const VLAN = 0xffff_8880_0000_3000n;
  const OTHER_VLAN = 0xffff_8880_0000_4000n;
  const fields = (object: bigint, ifindex: number): ProbeFields => ({ object, ifindex, netns: NETNS.inode, cookie: 1n });
  const wants = (who: typeof ip, ms: number, object: bigint, ifindex: number): Story => story(known(who, ['ip']), withStack(probe(who, ms, 'defer', 'netdev_work_sched', fields(object, ifindex)), ['netdev_work_sched', 'vlan_device_event', '__dev_notify_flags', 'do_setlink', ...RTNETLINK]));
  const begins = (ms: number): Story => story(call(kworker, ms, 'netdev_work_proc'));
  const changes = (ms: number, object: bigint, ifindex: number): Story => story(probe(kworker, ms, 'via', 'netif_change_flags', fields(object, ifindex)));
  const loses = (ms: number, dev: number, by = ['netif_change_flags', 'vlan_dev_work']): Story =>
    announce(kworker, ms, routeBytes({ ...PREFIX6, dev, deleted: true }), [...ANNOUNCE6, 'fib6_del', 'rt6_disable_ip', 'addrconf_ifdown', 'addrconf_notify', '__dev_notify_flags', ...by, 'netdev_work_proc', ...WORKER]);
  const gains = (ms: number, object: bigint, ifindex: number): Story =>
    story(withStack(probe(kworker, ms, 'defer', 'netif_carrier_on', fields(object, ifindex)), ['netif_carrier_on', 'vlan_dev_work', 'netdev_work_proc', ...WORKER]));
  const follows = (ms: number, object: bigint, ifindex: number): Story => story(call(kworker, ms, 'linkwatch_do_dev', fields(object, ifindex)),
    announce(kworker, ms + 0.1, routeBytes({ ...PREFIX6, dst: '2001:db8:7::/64', dev: ifindex }), [...ANNOUNCE6, 'fib6_add', 'addrconf_prefix_route', 'addrconf_notify', 'netdev_state_change', 'linkwatch_do_dev', ...WORKER]), leave(kworker, ms + 0.2, 'linkwatch_do_dev'));
  const ends = (ms: number): Story => story(leave(kworker, ms, 'netdev_work_proc'));
  const before = [4, 5].map(dev => routeBytes({ ...PREFIX6, dev }));
  const actors = (...parts: readonly Story[]): unknown[] => verdicts(weave(story(...parts), { before })).map(({ cause, confidence, actor }) => [cause, confidence, actor]);

  test.each<[string, Story[], unknown[]]>([
    ['is the doing of whoever did that', [wants(ip, 2000, VLAN, 4), begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4), ends(2002)], [['link-down', 'proved', 'ip[5151]']]],
    ['of two devices each is another\'s', [wants(ip, 2000, VLAN, 4), wants(other, 2000.5, OTHER_VLAN, 5), begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4), changes(2001.3, OTHER_VLAN, 5), loses(2001.4, 5), ends(2002)],
      [['link-down', 'proved', 'ip[5151]'], ['link-down', 'proved', 'ip[6000]']]],
    ['of very many devices each is another\'s', [wants(ip, 2000, VLAN, 4), wants(other, 2000.5, OTHER_VLAN, 5), begins(2001),
      story(...Array.from({ length: 400 }, () => changes(2001.1, VLAN, 4))), loses(2001.2, 4), story(...Array.from({ length: 400 }, (_, at) => probe(kworker, 2001.3, 'via', 'fib_netdev_event', { ifindex: at }))),
      changes(2001.3, OTHER_VLAN, 5), loses(2001.4, 5), ends(2002)], [['link-down', 'proved', 'ip[5151]'], ['link-down', 'proved', 'ip[6000]']]],
    ['is nobody\'s where two asked before the worker came', [wants(ip, 2000, VLAN, 4), wants(other, 2000.5, VLAN, 4), begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4), ends(2002)], [['link-down', 'likely', 'unknown']]],
    ['is the second one\'s where the worker had come in between', [wants(ip, 2000, VLAN, 4), begins(2001), ends(2002), wants(other, 2003, VLAN, 4), begins(2004), changes(2004.1, VLAN, 4), loses(2004.2, 4), ends(2005)], [['link-down', 'proved', 'ip[6000]']]],
    ['is nobody\'s where it was not seen being asked for', [begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4), ends(2002)], [['link-down', 'likely', 'unknown']]],
    ['is nobody\'s where it was done before', [wants(ip, 2000, VLAN, 4), begins(2001), ends(2002), begins(3001), changes(3001.1, VLAN, 4), loses(3001.2, 4), ends(3002)], [['link-down', 'likely', 'unknown']]],
    ['is nobody\'s where the worker is at another device', [wants(ip, 2000, VLAN, 4), begins(2001), changes(2001.1, OTHER_VLAN, 5), loses(2001.2, 5), ends(2002)], [['link-down', 'likely', 'unknown']]],
    ['is nobody\'s where the worker went another way', [wants(ip, 2000, VLAN, 4), begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4, ['dev_close', 'other_work']), ends(2002)], [['link-down', 'likely', 'unknown']]],
    ['is nobody\'s after a loss', [wants(ip, 2000, VLAN, 4), story(lost(2000.4, 2000.6)), begins(2001), changes(2001.1, VLAN, 4), loses(2001.2, 4), ends(2002)], [[expect.anything(), expect.not.stringMatching('proved'), 'unknown']]],
    ['is the doing of the same where the carrier follows a second later', [wants(ip, 2000, VLAN, 4), begins(2001), gains(2001.1, VLAN, 4), ends(2002), follows(2900, VLAN, 4)], [['link-carrier', 'proved', 'ip[5151]']]],
    ['is not that of somebody who asked for another device, where its carrier follows', [wants(ip, 2000, OTHER_VLAN, 5), begins(2001), gains(2001.1, VLAN, 4), ends(2002), follows(2900, VLAN, 4)], [['link-carrier', 'likely', 'unknown']]],
  ])('%s', (_name, parts, expected) => { expect(actors(...parts)).toEqual(expected); });
});

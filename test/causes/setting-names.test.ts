import { expect, test } from 'vitest';
import { storyTrigger } from '../../src/causes/link-signs.ts';
import { settingOf } from '../../src/causes/scene.ts';
import { createSignTracker } from '../../src/attribution/sign-tracker.ts';
import { NETCONFA_IFINDEX } from '../../src/model/rtnetlink.ts';
import { bootTime } from '../../src/model/time.ts';
import { NETNS } from '../model/build.ts';
import { ROUTES } from './looks.ts';

const names = { device: (ifindex: number) => ifindex === 4 ? 'eth0.100' : undefined, kind: () => undefined, vrf: () => undefined };
const time = bootTime(2_000_000_000n);

test.each([
  ['of a VLAN, with a slash for the dot in its name', 4, 'net.ipv4.conf.eth0/100.forwarding'],
  ['of a device whose name is not known', 5, 'net.ipv4.conf.ifindex 5.forwarding'],
  ['of all devices', NETCONFA_IFINDEX.ALL, 'net.ipv4.conf.all.forwarding'],
])('a setting %s is named as sysctl takes it', (_of, ifindex, name) => {
  expect(settingOf({ names }, 'ipv4', ifindex, 'forwarding')).toBe(name);
});

test('IPv6 that was switched off on a VLAN is told with the name that sysctl takes', () => {
  const tracker = createSignTracker();
  const { book } = tracker;
  // Of a device that kept IPv6: it was not switched off for all.
  tracker.learn({ kind: 'address', deleted: false, header: { length: 0, type: 20, flags: 0, seq: 0, portid: 0 }, family: 'ipv6', ifindex: 1, address: '::1', prefixLength: 128, scope: 254, flags: 0x80 }, time);
  const scene = { netns: NETNS, at: 1, time, book, change: { netns: NETNS, time, change: 'delete' as const, silent: false, route: ROUTES['IPv6 static'] }, sentAfter: () => time, names };
  expect(storyTrigger(scene, { event: 'disable-ipv6', ifindex: 4, seen: '' })).toStrictEqual({ kind: 'sysctl', name: 'net.ipv6.conf.eth0/100.disable_ipv6', oldValue: 0, value: 1 });
});

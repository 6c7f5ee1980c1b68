import { describe, expect, test } from 'vitest';
import { createSignTracker } from '../../src/attribution/sign-tracker.ts';
import { linkdownSign } from '../../src/causes/linkdown-ignored.ts';
import type { NetconfMessage, RtMessage } from '../../src/model/rtnetlink.ts';
import { bootTime } from '../../src/model/time.ts';
import { NETNS } from '../model/build.ts';
import { ROUTES } from './looks.ts';

const header = { length: 0, type: 80, flags: 0, seq: 0, portid: 0 };
const time = bootTime(2_000_000_000n);
const told = (family: 'ipv4' | 'ipv6', ifindex: number): NetconfMessage => ({ kind: 'netconf', deleted: false, header, family, ifindex, ignoreRoutesWithLinkdown: true });
const forwarding = (family: 'ipv4' | 'ipv6', ifindex: number): NetconfMessage => ({ kind: 'netconf', deleted: false, header, family, ifindex, forwarding: 1 });

/** What is said of a change that the first of these messages, one right after the other, was found to make. */
function triggerOf(messages: readonly RtMessage[], family: 'ipv4' | 'ipv6', isOfFlags = true): unknown {
  const tracker = createSignTracker();
  const [first = 0] = messages.map(message => tracker.observe(message, time));
  const route = ROUTES[family === 'ipv4' ? 'IPv4 static' : 'IPv6 static'];
  const trigger = linkdownSign({
    netns: NETNS, at: first + 1, time, book: tracker.book, change: { netns: NETNS, time, change: 'delete', silent: true, route }, sentAfter: () => time,
    names: { device: ifindex => `d${ifindex}`, kind: () => undefined, vrf: () => undefined }, ...(isOfFlags ? { isOfFlags: true as const } : {}),
  })?.trigger;
  return trigger?.kind === 'sysctl' ? trigger.name : trigger?.kind;
}

describe('by messages alone, the write of ignore_routes_with_linkdown', () => {
  test.each([
    ['is that of the device', 'ipv4', [told('ipv4', 4)], 'net.ipv4.conf.d4.ignore_routes_with_linkdown'],
    ['is that of the device, though one for all came right after', 'ipv4', [told('ipv4', 4), told('ipv4', -1)], 'net.ipv4.conf.d4.ignore_routes_with_linkdown'],
    ['is that for all', 'ipv4', [told('ipv4', -1)], 'net.ipv4.conf.all.ignore_routes_with_linkdown'],
    ['is that for all where each device is told by itself', 'ipv6', [told('ipv6', 4), told('ipv6', 5), told('ipv6', -1)], 'net.ipv6.conf.all.ignore_routes_with_linkdown'],
    ['is not known where they are not told in a row', 'ipv6', [told('ipv6', 4), forwarding('ipv6', 5), told('ipv6', -1)], 'unknown'],
    ['is not known where all were not told', 'ipv6', [told('ipv6', 4), told('ipv6', 5)], 'unknown'],
    ['is none of the other family', 'ipv6', [told('ipv4', 4)], undefined],
    ['is none of another setting', 'ipv4', [forwarding('ipv4', 4)], undefined],
  ] as const)('%s', (_what, family, messages, name) => {
    expect(triggerOf(messages, family)).toBe(name);
  });

  test('takes no route', () => { expect(triggerOf([told('ipv4', 4)], 'ipv4', false)).toBeUndefined(); });
});

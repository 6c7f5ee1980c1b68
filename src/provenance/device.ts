import { RTPROT } from '../model/route.ts';
import { deviceOf, read, type Case, type Origin } from './origin.ts';

/** What each device that takes part in IPv6 has by itself (net/ipv6/addrconf.c addrconf_add_mroute(), addrconf_add_linklocal()). */
export function fromDevice(one: Case): Origin | undefined {
  const { route } = one;
  if (route.family !== 'ipv6' || route.protocol !== RTPROT.KERNEL) return undefined;
  const isMulticast = route.dst === 'ff00::/8';
  const isLinkLocal = route.dst === 'fe80::/64' && !one.situation.addresses.some(({ address, ifindex }) => address.startsWith('fe80:') && ifindex === route.nexthops[0]?.ifindex);
  if (!isMulticast && !isLinkLocal) return undefined;
  return {
    id: 'device', standing: 'likely', causeId: 'link-up',
    text: isMulticast ? `The kernel made it when ${deviceOf(one)} was set up: IPv6 multicast goes out by every device.` : `The kernel made it when ${deviceOf(one)} was set up: every link has this prefix.`,
    for: [read('Prefix, table, protocol kernel and device are those that the kernel gives to such a route.')], against: [],
    confirm: 'A recording of the moment when the device was set up.',
  };
}

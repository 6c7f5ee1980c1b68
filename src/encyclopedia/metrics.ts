import { REFERENCES } from '../causes/references.ts';
import type { Reference } from '../model/output.ts';
import { numberOf, type Entry } from './entry.ts';

const PRIORITY = [
  'Of routes to one destination in one table the one with the lowest metric is used; a longer prefix wins whatever the metrics are.',
  'IPv4: a route for which none was given has 0, the best there is, and ip route show leaves it out.',
  'IPv6: 0 in a request to add means 1024.',
];

/** Metrics that tell who chose them, by default. */
const HABITS: Readonly<Record<number, readonly string[]>> = {
  0: ['IPv4: so have the routes of addresses, and those that were added without a metric.', 'IPv6: so have the local and anycast routes that the kernel makes.'],
  20: ['FRR gives this one to its routes.'],
  32: ['BIRD gives this one to its routes by default.'],
  100: ['NetworkManager gives this one to routes of wired devices by default.'],
  256: ['IPv6: the kernel gives this one to the prefix routes of addresses, and to ff00::/8.'],
  600: ['NetworkManager gives this one to routes of wireless devices by default.'],
  1024: ['IPv6: it is the kernel\'s default for routes that programs add, and for those of router advertisements.', 'IPv4: systemd-networkd gives this one to routes by DHCP by default.'],
  4278198272: ['The kernel\'s documentation of VRFs proposes this one for the unreachable default route at the end of a VRF\'s table.'],
  4294967295: ['It is the highest number: any other route to the destination wins.'],
};

interface Setting { readonly text: string; readonly references?: readonly Reference[] }
/** RTAX_* of include/uapi/linux/rtnetlink.h by iproute2's words. */
const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ['mtu', { text: 'Packets that take this route are at most so large, in bytes, whatever the MTU of the device is; path MTU discovery may lower it unless it is locked.', references: [REFERENCES.pathMtu, REFERENCES.pathMtu6] }],
  ['advmss', { text: 'Announces this maximum segment size to the other end of TCP connections, in bytes, instead of one worked out from the MTU.' }],
  ['hoplimit', { text: 'Packets that take this route begin with this hop limit (IPv6) or time to live (IPv4), instead of the one of the device or host.' }],
  ['window', { text: 'TCP never offers a larger receive window than this to destinations of this route, in bytes.' }],
  ['rtt', { text: 'TCP begins with this estimate of the round-trip time; the kernel holds it in eighths of a millisecond, and iproute2 converts.' }],
  ['rttvar', { text: 'TCP begins with this estimate of the variation of the round-trip time; the kernel holds it in quarters of a millisecond, and iproute2 converts.' }],
  ['ssthresh', { text: 'TCP begins with this slow start threshold, in segments.' }],
  ['cwnd', { text: 'TCP\'s congestion window does not grow beyond this, in segments, if the metric is locked.' }],
  ['initcwnd', { text: 'TCP connections by this route begin with this congestion window, in segments, instead of 10.', references: [REFERENCES.slowStart] }],
  ['initrwnd', { text: 'TCP connections by this route begin with this receive window, in segments.' }],
  ['reordering', { text: 'TCP begins with the assumption that packets may arrive out of order by so many.' }],
  ['features', { text: 'A set of bits: ecn asks for explicit congestion notification on TCP connections by this route.' }],
  ['rto_min', { text: 'TCP waits at least this long before it sends again what was not acknowledged; the kernel holds it in milliseconds.' }],
  ['quickack', { text: '1 makes TCP acknowledge at once instead of waiting for more.' }],
  ['congctl', { text: 'Names the congestion control of TCP connections by this route (cubic, bbr, ...).' }],
  ['fastopen_no_cookie', { text: '1 lets TCP fast open do without its cookie to destinations of this route.' }],
  ['lock', { text: 'A set of bits: a metric that is locked is not changed by what the kernel learns, an MTU by path MTU discovery for example.' }],
]);

export const metricKeys = (): readonly string[] => [...Object.keys(HABITS), ...SETTINGS.keys()];

/** A number is a route's metric, its priority; a name is one of the settings that a route can have besides. */
export function metricEntry(key: string): Entry | undefined {
  const number = numberOf(key, 0xffff_ffff);
  const { ipRoute, rtnetlinkHeader } = REFERENCES;
  if (number !== undefined) {
    const habit = HABITS[number] ?? ['Nobody is known who chooses this number by default.'];
    return { topic: 'metric', key: String(number), title: `metric ${number}`, text: [PRIORITY[0] ?? '', ...habit, ...PRIORITY.slice(1)], references: [ipRoute, ...(number === 4278198272 ? [REFERENCES.vrf] : [])] };
  }
  const setting = SETTINGS.get(key);
  return setting === undefined ? undefined : { topic: 'metric', key, title: `${key}, a setting of a route`, text: [setting.text], references: [ipRoute, rtnetlinkHeader, ...setting.references ?? []] };
}

import { NETCONFA_IFINDEX, type NetconfMessage } from '../model/rtnetlink.ts';
import type { Family } from '../model/route.ts';

/** ignore_routes_with_linkdown of each device, and of all, as far as it was told. */
export type LinkdownSettings = ReadonlyMap<string, boolean>;

export type LinkdownSetting = Pick<NetconfMessage, 'family' | 'ifindex' | 'deleted' | 'ignoreRoutesWithLinkdown'>;

const key = (family: NetconfMessage['family'], ifindex: number): string => `${family} ${ifindex}`;
/** The setting of one device of IPv4, not of all or of new ones. */
const isOfDevice = (known: string): boolean => /^ipv4 \d/.test(known);

/** Before Linux 5.11 it has no effect. */
export const isOfAllIpv4 = ({ family, ifindex }: LinkdownSetting): boolean => family === 'ipv4' && ifindex === NETCONFA_IFINDEX.ALL;

/** Whether `setting` says something that is not known. */
export const isNews = (settings: LinkdownSettings, { family, ifindex, deleted, ignoreRoutesWithLinkdown: isOn }: LinkdownSetting): boolean =>
  deleted ? settings.has(key(family, ifindex)) : isOn !== undefined && settings.get(key(family, ifindex)) !== isOn;

export function applySetting(settings: Map<string, boolean>, { family, ifindex, deleted, ignoreRoutesWithLinkdown: isOn }: LinkdownSetting): void {
  const { DEFAULT } = NETCONFA_IFINDEX;
  // Devices of which nobody wrote the setting yet take it over from there (devinet_copy_dflt_conf()): which, is not told.
  if (family === 'ipv4' && ifindex === DEFAULT && settings.has(key(family, DEFAULT))) for (const known of settings.keys()) if (isOfDevice(known)) settings.delete(known);
  if (deleted || isOn === undefined) settings.delete(key(family, ifindex)); else settings.set(key(family, ifindex), isOn);
}

/**
 * Legs over this device that have no carrier are not used. undefined: not known. IPv4 heeds the setting of all devices, too
 * (IN_DEV_IGNORE_ROUTES_WITH_LINKDOWN(), from 5.11 on), IPv6 that of the device alone (ip6_ignore_linkdown()).
 */
export function ignoresLinkdown(settings: LinkdownSettings, family: Family, ifindex: number): boolean | undefined {
  return family === 'ipv4' && settings.get(key(family, NETCONFA_IFINDEX.ALL)) === true ? true : settings.get(key(family, ifindex));
}

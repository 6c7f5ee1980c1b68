import type { Family } from './route.ts';

/** A setting of a device, of all or of new ones, as sysctl(8) names it: a dot in the name of the device (eth0.100) is written as a slash. */
export const confName = (family: Family, device: string, setting: string): string => `net.${family}.conf.${device.replaceAll('.', '/')}.${setting}`;

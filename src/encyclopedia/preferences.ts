import { REFERENCES } from '../causes/references.ts';
import { numberOf, type Entry } from './entry.ts';

const NAMES: Readonly<Record<number, string>> = { 0: 'medium', 1: 'high', 2: 'invalid', 3: 'low' };
const TEXTS: Readonly<Record<string, string>> = {
  medium: 'The router has the usual preference; it is also what routes have that nobody gave one.',
  high: 'The router is to be preferred to others.',
  low: 'The router is to be used only where there is no other; a host that serves as a makeshift router may announce itself so.',
  invalid: 'RFC 4191 reserves the value: the kernel takes it for medium in the header of an advertisement, and leaves out a route information option that has it.',
};
const GENERAL = [
  'IPv6: a preference comes with a router advertisement, or with ip -6 route add ... pref, and every route is listed with one.',
  'IPv6: it decides only between routes of one destination and one metric: a lower metric wins whatever the preference, and a router that does not answer loses to one that does.',
  'IPv6: net.ipv6.conf.DEVICE.accept_ra_rtr_pref 0 makes the kernel take medium whatever a router announces for itself.',
  'IPv4: routes have no preference; what iproute2 also calls preference there is the metric.',
];

export const preferenceKeys = (): readonly string[] => ['high', 'medium', 'low', 'invalid'];

export function preferenceEntry(key: string): Entry | undefined {
  const name = NAMES[numberOf(key, 3) ?? -1] ?? key;
  const text = Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined;
  return text === undefined ? undefined : { topic: 'pref', key: name, title: `preference ${name}`, text: [text, ...GENERAL], references: [REFERENCES.routerPreference, REFERENCES.ipSysctl] };
}

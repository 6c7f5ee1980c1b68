import { REFERENCES } from '../causes/references.ts';
import { SCOPES } from '../netlink/names.ts';
import { numberNamed, numberOf, type Entry } from './entry.ts';

const TEXTS: Readonly<Record<number, readonly string[]>> = {
  0: ['The destination may be anywhere: it is reached through a gateway, or it is treated so.', 'The kernel calls it universe, iproute2 global.'],
  200: ['The destination is within the own site; nobody but administrators uses it, and the kernel only compares its number.'],
  253: ['The destination is on a link of this host: it is reached without a gateway.',
    'IPv4: the prefix route of an address has it, and so has what ip route add makes for a device without a gateway.'],
  254: ['The destination is this host itself.', 'IPv4: routes of type local have it.'],
  255: ['The destination does not exist.',
    'IPv4: a route cannot have it (EINVAL, Invalid scope); in a request to delete it stands for any scope.'],
};

const GENERAL = [
  'IPv4: a scope is a distance, and a higher number is nearer. A gateway has to be reached by a route of a nearer scope than its own route, at least link; the kernel\'s choice of a source address leaves out addresses of a nearer scope.',
  'IPv6: routes have no scope: the kernel ignores what is asked for and reports global for each of them.',
];

export const scopeKeys = (): readonly string[] => Object.values(SCOPES);

export function scopeEntry(key: string): Entry | undefined {
  const number = numberOf(key, 255) ?? numberNamed(key, [...Object.entries(SCOPES), ['0', 'universe'] as const].map(([id, name]) => [Number(id), name] as const));
  if (number === undefined) return undefined;
  const name = SCOPES[number];
  return {
    topic: 'scope', key: name ?? String(number), title: name === undefined ? `scope ${number}` : `scope ${name} (${number})`,
    text: [...(TEXTS[number] ?? [`The kernel gives scope ${number} no meaning of its own: administrators use such numbers, and the kernel compares them.`]), ...GENERAL],
    references: [REFERENCES.rtnetlinkHeader, REFERENCES.ipRoute],
  };
}

import type { Evidence } from '../model/output.ts';
import type { Route } from '../model/route.ts';

const CLAIMS: Readonly<Record<number, string>> = {
  2: 'protocol kernel: the kernel made it, for an address or a device; user space may claim the same',
  3: 'protocol boot: somebody added it by hand, by a script or by ioctl',
  4: 'protocol static: an administrator or a network manager added it',
  9: 'protocol ra: it came from a router advertisement',
};

/** What a route's own fields tell of where it came from, when nobody watched: claims, not proof. */
export function predatesWords(route: Route): Evidence[] {
  const claim = CLAIMS[route.protocol] ?? `protocol ${route.protocol}: the program that marks its routes so`;
  const anycast = route.type === 4 && route.family === 'ipv6' ? [{ kind: 'state' as const, text: 'type anycast: forwarding is on, or a socket joined the group' }] : [];
  return [{ kind: 'state', text: claim }, ...anycast];
}

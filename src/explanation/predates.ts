import { protocolEvidence } from '../causes/protocol-meaning.ts';
import type { Evidence } from '../model/output.ts';
import { RTN, type Route } from '../model/route.ts';

/** What a route's own fields tell of where it came from, when nobody watched: claims, not proof. */
export function predatesWords(route: Route): Evidence[] {
  const anycast = route.type === RTN.ANYCAST && route.family === 'ipv6' ? [{ kind: 'state' as const, text: 'type anycast: forwarding is on, or a socket joined the group' }] : [];
  return [{ kind: 'state', text: protocolEvidence(route.protocol) }, ...anycast];
}

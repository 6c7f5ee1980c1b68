import type { Resolution } from '../../netlink/resolution.ts';
import type { Endpoint } from './endpoint.ts';

/**
 * BGP sessions that were reached differently when they ended. How their neighbours are reached meanwhile is what broke them, and not what
 * later answers are to be compared with: they are watched again once they are reached as the session was, or have a new one.
 */
export interface FormerSessions {
  /** `first`: how it was reached when it was found. */
  ended(endpoint: Endpoint, first: Resolution): void;
  /** Whether the endpoint may be watched, reached as it is. */
  mayBegin(endpoint: Endpoint, now: Resolution): boolean;
}

export function createFormerSessions(): FormerSessions {
  const ways = new Map<string, Resolution>();
  return {
    ended({ told: { what }, neighbour }, first) {
      if (what === 'tcp' && neighbour !== undefined) ways.set(neighbour, first);
    },
    mayBegin({ told: { what }, neighbour }, now) {
      const way = neighbour === undefined ? undefined : ways.get(neighbour);
      if (neighbour === undefined || way === undefined) return true;
      if (what === 'bgp-peer' && !isSameWay(way, now)) return false;
      ways.delete(neighbour);
      return true;
    },
  };
}

const isSameWay = (one: Resolution, other: Resolution): boolean =>
  one.errno === other.errno && one.type === other.type && one.ifindex === other.ifindex && one.gateway === other.gateway;

import type { Family } from '../model/route.ts';
import { AF_INET, AF_INET6 } from './address.ts';
import { HEADER_BYTES, RTA, RTM, RTMSG_BYTES } from './constants.ts';
import { attributeType, hasAttribute, HOST_LITTLE_ENDIAN, nextAttribute, payloadStart, wireOf } from './wire.ts';

/** Where in a route message its destination lies. */
export interface RouteKey { readonly family: Family; readonly at: number; readonly length: number }

const BODY = HEADER_BYTES + RTMSG_BYTES;

/** The least that has to be read of a message of a burst; undefined: it is no route of ours. Never throws. */
export function routeKeyOf(message: Uint8Array): RouteKey | undefined {
  if (message.length < BODY) return undefined;
  const type = typeOf(message);
  if (type !== RTM.NEWROUTE && type !== RTM.DELROUTE) return undefined;
  const af = message[HEADER_BYTES];
  const family = af === AF_INET ? 'ipv4' : af === AF_INET6 ? 'ipv6' : undefined;
  const length = message[HEADER_BYTES + 1] ?? 0;
  if (family === undefined || length > (family === 'ipv4' ? 32 : 128)) return undefined;
  if (length === 0) return { family, at: 0, length };
  const wire = wireOf(message);
  for (let at = BODY; hasAttribute(wire, at, message.length); at = nextAttribute(wire, at)) {
    if (attributeType(wire, at) === RTA.DST) return { family, at: payloadStart(at), length };
  }
  return undefined;
}

/** nlmsg_type, without a view: this is done for every message. */
export const typeOf = (message: Uint8Array): number =>
  HOST_LITTLE_ENDIAN ? (message[4] ?? 0) | ((message[5] ?? 0) << 8) : ((message[4] ?? 0) << 8) | (message[5] ?? 0);

import type { Family } from '../../model/route.ts';
import { RTA, RTM } from '../../netlink/constants.ts';
import { decodeMessage } from '../../netlink/decode.ts';
import { typeOf } from '../../netlink/route-key.ts';
import { attributeType, hasAttribute, nextAttribute, wireOf } from '../../netlink/wire.ts';

/** `struct nlmsghdr` and `struct rtmsg`. */
const BODY = 28;

/** A gateway on a device, and destinations of some of the routes that use it. */
export interface Gateway { readonly family: Family; readonly address: string; readonly ifindex: number; readonly routes: Set<string> }

export interface Gateways {
  /** Every route message, in order. */
  seen(message: Uint8Array): void;
  all(): Iterable<Gateway>;
}

const KEPT = 256;
const ROUTES = 4;

/** Collects the gateways of routes, at the cost of comparing with the last one for most of a burst. */
export function createGateways(): Gateways {
  const known = new Map<string, Gateway>();
  let last: Uint8Array | undefined;

  function learn(message: Uint8Array): void {
    const decoded = decodeMessage(message);
    if (decoded.kind !== 'route' || decoded.deleted) return;
    const { family, dst, nexthops } = decoded.route;
    for (const { gateway, ifindex } of nexthops) {
      if (gateway === undefined || ifindex === undefined || /^fe[89ab]/i.test(gateway) || gateway.includes(':') !== (family === 'ipv6')) continue;
      const key = `${ifindex}/${gateway}`;
      let one = known.get(key);
      if (one === undefined) {
        if (known.size >= KEPT) continue;
        known.set(key, one = { family, address: gateway, ifindex, routes: new Set() });
      }
      if (one.routes.size < ROUTES) one.routes.add(dst);
    }
  }

  /** The gateway and device of the message, as bytes; of one with several legs, all of them. */
  function signature(message: Uint8Array): Uint8Array | undefined {
    const wire = wireOf(message);
    let from = message.length;
    let isVia = false;
    for (let at = BODY; hasAttribute(wire, at, message.length); at = nextAttribute(wire, at)) {
      const type = attributeType(wire, at);
      if (type === RTA.GATEWAY || type === RTA.OIF || type === RTA.MULTIPATH) from = Math.min(from, at);
      if (type === RTA.GATEWAY || type === RTA.MULTIPATH) isVia = true;
    }
    return isVia ? message.subarray(from) : undefined;
  }

  return {
    seen(message) {
      if (message.length < BODY || typeOf(message) !== RTM.NEWROUTE) return;
      const now = signature(message);
      if (now === undefined || (last !== undefined && Buffer.compare(last, now) === 0)) return;
      last = now;
      learn(message);
    },
    all: () => known.values(),
  };
}

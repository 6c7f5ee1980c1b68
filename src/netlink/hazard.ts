import { IFF, NLM_F, type RtMessage } from '../model/rtnetlink.ts';

/**
 * With this message routes, or legs of them, may have come or gone without one of their own: IPv4 says nothing when a device
 * goes down, loses its last address, its carrier or its VRF, and nothing when a nexthop object goes (net/ipv4/fib_frontend.c
 * fib_netdev_event(), fib_inetaddr_event(), net/ipv4/nexthop.c).
 */
export function mayHitSilently(message: RtMessage): boolean {
  switch (message.kind) {
    // A device that is made has no routes, but what is known of it may be its coming up.
    case 'link': return message.deleted || (message.flags & (IFF.UP | IFF.RUNNING)) !== 0 || message.change !== 0;
    // IPv6: routes that prefer it as their source lose that.
    case 'address': return message.deleted;
    case 'nexthop': return message.deleted || (message.header.flags & NLM_F.REPLACE) !== 0;
    default: return false;
  }
}

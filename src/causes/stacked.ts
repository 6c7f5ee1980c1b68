import type { LinkSignEvent, SignBook, SignOf } from './sign.ts';

const DOWN: readonly LinkSignEvent[] = ['down', 'closed', 'carrier-lost'];
const UP: readonly LinkSignEvent[] = ['up', 'carrier-gained'];
/** Changes of a carrier are told once a second at most (net/core/link_watch.c). */
export const UP_TO_CARRIER_NS = 1_500_000_000n;

/** It was set up where there was no carrier to be had: one that comes later is not its doing. */
export const isWithoutCarrier = ({ event, link }: SignOf<'link'>): boolean => event === 'up' && link.carrier === false;

/**
 * Where a device that went up or down began to: a VLAN is set up and down with its lower device (vlan_device_event()), and carriers follow
 * what a device is stacked on, its far end, and its own being set up. What is in another namespace is not seen.
 */
export function beginningOf(book: SignBook, sign: SignOf<'link'>): SignOf<'link'> {
  const same = UP.includes(sign.event) ? UP : DOWN.includes(sign.event) ? DOWN : [];
  const isCarrier = sign.event === 'carrier-gained' || sign.event === 'carrier-lost';
  const lastOf = (ifindex: number): SignOf<'link'> | undefined => {
    const last = book.before(sign.at, 'link', one => one.ifindex === ifindex && (UP.includes(one.event) || DOWN.includes(one.event)));
    return last !== undefined && same.includes(last.event) && !(isCarrier && isWithoutCarrier(last)) && sign.time - last.time < UP_TO_CARRIER_NS ? last : undefined;
  };
  if (!isCarrier && sign.link.infoKind !== 'vlan') return sign;
  const own = isCarrier ? lastOf(sign.ifindex) : undefined;
  const before = own ?? (sign.link.lower === undefined ? undefined : lastOf(sign.link.lower));
  return before === undefined ? sign : beginningOf(book, before);
}

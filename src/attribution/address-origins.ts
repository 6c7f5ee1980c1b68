import type { Act, Call } from '../model/attribution.ts';
import type { ProbeFields } from '../model/fields.ts';
import { netnsKey } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { AF_INET, AF_INET6, addressOfBytes } from '../netlink/address.ts';

/** Who gave a device an address, so that the end of its lifetime can be told as theirs. */
export interface AddressOrigins {
  learn(record: ProbeObservation, act: Act): void;
  learnRequest(call: Call, act: Act): void;
  /** Of the end of a lifetime that `frames` show, within `call`: whoever set the address that is being deleted. */
  whoSet(call: Call, frames: readonly string[]): Act | undefined;
}

const REMEMBERED = 20_000;
const NETDEV_UP = 1;
/** The functions that end lifetimes, and the inner one that tells which address. */
const TELLS = [['addrconf_verify_rtnl', 'ipv6_del_addr'], ['check_lifetime', 'fib_inetaddr_event']] as const;

/** The change comes from the end of a lifetime, in whatever task that was noticed; a new token is another matter. */
export const endsLifetime = (frames: readonly string[]): boolean =>
  TELLS.some(([outer]) => frames.includes(outer)) && !frames.includes('inet6_set_link_af');

export function createAddressOrigins(): AddressOrigins {
  const acts = new Map<string, Act>();
  function remember(key: string | undefined, act: Act): void {
    if (key === undefined) return;
    acts.delete(key);
    acts.set(key, act);
    if (acts.size > REMEMBERED) acts.delete(acts.keys().next().value ?? '');
  }
  return {
    learn(record, act) { remember(keyOfFields(record.fields), act); },
    learnRequest(call, act) {
      const { request, fields } = call;
      const { netns, cookie } = fields;
      if (request?.kind !== 'address' || netns === undefined) return;
      remember(keyOf(netns, cookie, request.ifindex, textOf(request.address, request.prefixLength)), act);
    },
    whoSet(call, frames) {
      const inner = TELLS.find(([outer]) => frames.includes(outer))?.[1];
      // The routes of secondaries that take its place go before it does, and come afterwards: then it was the last one that went.
      const hasGone = inner !== undefined && (frames.includes(inner) || frames.includes('fib_add_ifaddr'));
      const fields = hasGone ? call.via.findLast(via => via.fn === inner && via.fields.event !== NETDEV_UP)?.fields : undefined;
      const key = fields === undefined ? undefined : keyOfFields(fields);
      return key === undefined ? undefined : acts.get(key);
    },
  };
}

/** The text form of the address that a record tells, of either family. */
export const addressIn = ({ addr }: ProbeFields): string | undefined => addressOfBytes(addr, (addr?.length ?? 0) >= 16 ? AF_INET6 : AF_INET);

function keyOfFields(fields: ProbeFields): string | undefined {
  const { netns, cookie, ifindex, plen } = fields;
  const address = addressIn(fields);
  return netns === undefined || ifindex === undefined || address === undefined ? undefined : keyOf(netns, cookie, ifindex, textOf(address, plen));
}

/** A device has each IPv6 address once, and each IPv4 address once for every length of its prefix. */
const textOf = (address: string, length: number | undefined): string => address.includes(':') ? address : `${address}/${length}`;

const keyOf = (inode: number, cookie: bigint | undefined, ifindex: number, address: string): string =>
  `${netnsKey({ inode, ...(cookie === undefined || cookie === 0n ? {} : { cookie }) })}|${ifindex}|${address}`;

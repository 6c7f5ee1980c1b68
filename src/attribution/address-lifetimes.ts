import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { AddressMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { networkOf } from '../netlink/prefix-text.ts';

/** How long IPv6 addresses last: a prefix route that none of them holds for ever ends with the last. */
export interface AddressLifetimes {
  learn(netns: NetnsRef, message: AddressMessage, time: BootTime): void;
  forget(netns: NetnsRef): void;
  /** Seconds until the last address of the prefix on this device ends; undefined: none that ends is known. */
  left(netns: NetnsRef, ifindex: number, prefix: string, now: BootTime): number | undefined;
}

interface Known { readonly ifindex: number; readonly prefix: string; readonly ends: BootTime }

const NS_PER_S = 1_000_000_000n;

export function createAddressLifetimes(): AddressLifetimes {
  const namespaces = new Map<string, Map<string, Known>>();
  return {
    learn(netns, { family, deleted, address, prefixLength, ifindex, validSec }, time) {
      if (family !== 'ipv6') return;
      const key = netnsKey(netns);
      const known = namespaces.get(key) ?? new Map<string, Known>();
      namespaces.set(key, known);
      const prefix = networkOf(address, prefixLength);
      const name = `${ifindex}|${address}`;
      if (deleted || validSec === undefined || prefix === undefined) known.delete(name);
      else known.set(name, { ifindex, prefix, ends: (time + BigInt(validSec) * NS_PER_S) as BootTime });
    },
    forget(netns) { namespaces.delete(netnsKey(netns)); },
    left(netns, ifindex, prefix, now) {
      const ends = [...namespaces.get(netnsKey(netns))?.values() ?? []].flatMap(known => known.ifindex === ifindex && known.prefix === prefix ? [Number((known.ends - now) / 10_000_000n) / 100] : []);
      return ends.length === 0 ? undefined : Math.max(...ends);
    },
  };
}

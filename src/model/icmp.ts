import type { Family } from './route.ts';

/** Types of messages: RFC 792, RFC 4861. */
export const ICMP_REDIRECT = 5;
export const ND = { ADVERTISEMENT: 134, NEIGHBOUR: 136, REDIRECT: 137 } as const;
/** Of a neighbour advertisement, in byte 4: its sender is a router. */
export const ND_ROUTER_FLAG = 0x80;

/** A prefix that a router advertisement says is on the link, or that addresses are made from; lifetimes in seconds, undefined: for ever. */
export interface AdvertisedPrefix { readonly prefix: string; readonly validSec?: number }

/** What an ICMP message says that may change routes. It was heard: whether the kernel acted upon it, it does not say. */
export type IcmpMessage =
  /** `lifetimeSec`: as a default router; 0: it is none any more. */
  | { readonly kind: 'advertisement'; readonly from: string; readonly ifindex: number; readonly lifetimeSec: number; readonly prefixes: readonly AdvertisedPrefix[]; readonly routes: readonly AdvertisedPrefix[] }
  /** A neighbour that says what it is. */
  | { readonly kind: 'neighbour'; readonly target: string; readonly ifindex: number; readonly isRouter: boolean }
  /** Without a gateway: the destination is on the link. */
  | { readonly kind: 'redirect'; readonly family: Family; readonly from: string; readonly ifindex: number; readonly dst: string; readonly gateway?: string };

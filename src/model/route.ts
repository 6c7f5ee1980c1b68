export type Family = 'ipv4' | 'ipv6';

/** Protocols that the kernel itself uses, and those of programs that name none (include/uapi/linux/rtnetlink.h). */
export const RTPROT = { REDIRECT: 1, KERNEL: 2, BOOT: 3, STATIC: 4, RA: 9 } as const;

/** include/uapi/linux/rtnetlink.h enum rt_class_t, rt_scope_t, RTN_*: those that decide something here. */
export const RT_TABLE = { DEFAULT: 253, MAIN: 254, LOCAL: 255 } as const;
export const RT_SCOPE = { LINK: 253, HOST: 254 } as const;
export const RTN = { UNICAST: 1, LOCAL: 2, BROADCAST: 3, ANYCAST: 4, MULTICAST: 5, THROW: 9 } as const;

/** What the state of its device does to a leg: the device is down; it has no carrier. */
export const RTNH_F = { DEAD: 1, LINKDOWN: 16 } as const;

/** One leg of a route (`struct rtnexthop`, or the route's own gateway and device). */
export interface Nexthop {
  readonly gateway?: string;
  readonly ifindex?: number;
  /** As iproute2 shows it: rtnh_hops + 1. */
  readonly weight: number;
  /** RTNH_F_* bits: dead 1, pervasive 2, onlink 4, offload 8, linkdown 16. */
  readonly flags: number;
  /** Name of the lightweight tunnel, e.g. "mpls", "seg6", "ip6", "bpf". */
  readonly encap?: string;
  /** Of a leg that was added to an IPv6 route later: what it has of its own. Messages tell it only of one leg. */
  readonly own?: { readonly protocol: number; readonly prefsrc?: string };
}

/** A route as rtnetlink tells it (`struct rtmsg` and RTA_*), numbers as the kernel has them. */
export interface Route {
  readonly family: Family;
  /** Address and length, always: "0.0.0.0/0", "2001:db8::/64". */
  readonly dst: string;
  /** IPv6 source-specific routes only. */
  readonly src?: string;
  readonly tos: number;
  /** RTN_*: 1 unicast, 2 local, 3 broadcast, 4 anycast, 5 multicast, 6 blackhole, 7 unreachable, 8 prohibit, 9 throw. */
  readonly type: number;
  /** RTA_TABLE, else rtm_table. */
  readonly table: number;
  /** RTPROT_*: a claim of whoever made the route. */
  readonly protocol: number;
  /** RT_SCOPE_*: 0 universe, 200 site, 253 link, 254 host, 255 nowhere. */
  readonly scope: number;
  /** rtm_flags: RTNH_F_* of a single leg, and RTM_F_*. */
  readonly flags: number;
  /** RTA_PRIORITY. */
  readonly metric: number;
  readonly prefsrc?: string;
  /** RTA_NH_ID: the nexthop object. */
  readonly nhid?: number;
  /** One for a single-leg route, several for multipath, none for an IPv4 blackhole and the like (IPv6 keeps a leg on lo). */
  readonly nexthops: readonly Nexthop[];
  /** RTAX_* by iproute2's name, e.g. mtu, hoplimit; only those present. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Seconds left when the message was made; negative: expired, not collected yet. */
  readonly expiresSec?: number;
  /** RTA_PREF (RFC 4191). */
  readonly pref?: 'low' | 'medium' | 'high' | 'invalid';
}

/** What changed in a FIB: the effect, not the request. */
export type RouteEffect = 'add' | 'append' | 'replace' | 'delete';

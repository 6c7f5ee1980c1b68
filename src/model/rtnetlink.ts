import type { Family, Route } from './route.ts';

/** `struct nlmsghdr`: 16 bytes in front of every netlink message. */
export interface NlHeader {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  /** Port id of whoever asked for the change; 0: the kernel by itself, an ioctl, or a side effect. */
  readonly portid: number;
  /** Fewer bytes were at hand than `length` says: attributes behind the cut are unknown, not absent. */
  readonly cut?: true;
}

/** nlmsg_flags. The values from 0x100 mean one thing in a get request and another in a new request or notification. */
export const NLM_F = {
  REQUEST: 1, MULTI: 2, ACK: 4, ECHO: 8, DUMP_INTR: 0x10, DUMP_FILTERED: 0x20,
  ROOT: 0x100, MATCH: 0x200, DUMP: 0x300,
  REPLACE: 0x100, EXCL: 0x200, CREATE: 0x400, APPEND: 0x800,
} as const;

export interface RouteMessage { readonly kind: 'route'; readonly deleted: boolean; readonly header: NlHeader; readonly route: Route }

/** include/uapi/linux/if.h: those that decide something here. */
export const IFF = { UP: 1, LOOPBACK: 8, RUNNING: 0x40, LOWER_UP: 0x10000 } as const;

export interface LinkMessage {
  readonly kind: 'link'; readonly deleted: boolean; readonly header: NlHeader;
  readonly ifindex: number; readonly name?: string;
  /** IFF_* bits. */
  readonly flags: number;
  /** `ifi_change`: which flags a request wants to set. */
  readonly change: number;
  /** IFLA_LINK of another device in the same namespace: what it is stacked on, or its peer. */
  readonly lower?: number;
  readonly mtu?: number; readonly master?: number; readonly group?: number; readonly carrier?: boolean; readonly operstate?: number;
  /** IFLA_INFO_KIND: "vrf", "veth", "bridge"... */
  readonly infoKind?: string;
  /** Table of a VRF device, or of the VRF that the device is enslaved to where the message says so. */
  readonly vrfTable?: number;
  /** Of a tun: it stays when the program that has it open ends (IFLA_TUN_PERSIST). */
  readonly outlivesOwner?: boolean;
  /** IFLA_NET_NS_PID / IFLA_NET_NS_FD / IFLA_TARGET_NETNSID in a request: the device is to move. IFLA_NEW_NETNSID in RTM_DELLINK: it moved. */
  readonly movesNetns?: boolean;
}

/** include/uapi/linux/if_addr.h: IFA_F_* and IFAPROT_*, those that decide something here. IPv6 says temporary where IPv4 says secondary. */
export const IFA_F = { SECONDARY: 1, TEMPORARY: 1, DADFAILED: 8, TENTATIVE: 0x40, PERMANENT: 0x80, MANAGETEMPADDR: 0x100, NOPREFIXROUTE: 0x200 } as const;
export const IFAPROT = { KERNEL_LO: 1, KERNEL_RA: 2, KERNEL_LL: 3 } as const;

export interface AddressMessage {
  readonly kind: 'address'; readonly deleted: boolean; readonly header: NlHeader;
  readonly family: Family; readonly ifindex: number;
  /** IFA_LOCAL where present, else IFA_ADDRESS. */
  readonly address: string;
  /** IFA_ADDRESS where it differs from IFA_LOCAL. */
  readonly peer?: string;
  readonly prefixLength: number; readonly scope: number;
  /** IFA_F_* bits. */
  readonly flags: number;
  readonly label?: string; readonly broadcast?: string; readonly metric?: number;
  /** IFA_PROTO (from 5.18): who made it. */
  readonly protocol?: number;
  /** Seconds; undefined: for ever or not told. */
  readonly validSec?: number; readonly preferredSec?: number;
}

export interface RuleMessage {
  readonly kind: 'rule'; readonly deleted: boolean; readonly header: NlHeader;
  readonly family: Family; readonly priority: number; readonly action: number; readonly table: number;
  readonly src?: string; readonly dst?: string; readonly iifname?: string; readonly oifname?: string;
  readonly fwmark?: number; readonly fwmask?: number; readonly protocol?: number; readonly l3mdev?: boolean;
  readonly suppressPrefixLength?: number; readonly suppressIfGroup?: number; readonly goto?: number;
  readonly tos?: number; readonly ipProtocol?: number; readonly tunnelId?: bigint;
  /** First and last, inclusive. */
  readonly sourcePorts?: readonly [number, number]; readonly destinationPorts?: readonly [number, number]; readonly uidRange?: readonly [number, number];
  /** FIB_RULE_INVERT: what does not fit the selector. */
  readonly invert?: true;
}

export interface NexthopMessage {
  readonly kind: 'nexthop'; readonly deleted: boolean; readonly header: NlHeader;
  readonly id: number; readonly group?: readonly { readonly id: number; readonly weight: number }[];
  readonly ifindex?: number; readonly gateway?: string; readonly blackhole?: boolean; readonly protocol: number;
}

/** What a setting is of besides one device (include/uapi/linux/netconf.h NETCONFA_IFINDEX_*). */
export const NETCONFA_IFINDEX = { ALL: -1, DEFAULT: -2 } as const;

export interface NetconfMessage {
  readonly kind: 'netconf'; readonly deleted: boolean; readonly header: NlHeader;
  readonly family: Family | 'other';
  /** NETCONFA_IFINDEX: of a device, or one of those above. */
  readonly ifindex: number;
  /** Any number but 0 is on. */
  readonly forwarding?: number; readonly ignoreRoutesWithLinkdown?: boolean;
}

export interface AnycastMessage {
  readonly kind: 'anycast'; readonly deleted: boolean; readonly header: NlHeader;
  readonly ifindex: number; readonly address: string;
}

/** RTM_NEWPREFIX: a prefix option of a router advertisement was worked on, after whatever came of it. */
export interface PrefixMessage {
  readonly kind: 'prefix'; readonly header: NlHeader;
  readonly ifindex: number; readonly prefix: string;
  readonly validSec?: number;
  /** Hosts may make addresses of it. */
  readonly autoconf: boolean;
}

/** NLMSG_ERROR, NLMSG_DONE, a type not decoded, or bytes that make no sense. */
export interface OtherMessage { readonly kind: 'other'; readonly header: NlHeader; readonly problem?: string }

export type RtMessage =
  | RouteMessage | LinkMessage | AddressMessage | RuleMessage | NexthopMessage
  | NetconfMessage | AnycastMessage | PrefixMessage | OtherMessage;

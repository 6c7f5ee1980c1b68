import type { Family, Nexthop, Route } from './route.ts';

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

export interface RouteMessage { readonly kind: 'route'; readonly deleted: boolean; readonly header: NlHeader; readonly route: Route }

export interface LinkMessage {
  readonly kind: 'link'; readonly deleted: boolean; readonly header: NlHeader;
  readonly ifindex: number; readonly name?: string;
  /** IFF_* bits: up 1, running 0x40, lower_up 0x10000. */
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

export interface AddressMessage {
  readonly kind: 'address'; readonly deleted: boolean; readonly header: NlHeader;
  readonly family: Family; readonly ifindex: number;
  /** IFA_LOCAL where present, else IFA_ADDRESS. */
  readonly address: string;
  /** IFA_ADDRESS where it differs from IFA_LOCAL. */
  readonly peer?: string;
  readonly prefixLength: number; readonly scope: number;
  /** IFA_F_*: secondary/temporary 1, nodad 2, optimistic 4, dadfailed 8, deprecated 0x20, tentative 0x40, permanent 0x80, noprefixroute 0x200. */
  readonly flags: number;
  readonly label?: string; readonly broadcast?: string; readonly metric?: number;
  /** IFA_PROTO (from 5.18): who made it, 1 loopback, 2 from a router advertisement, 3 link-local of the kernel. */
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

export interface NetconfMessage {
  readonly kind: 'netconf'; readonly deleted: boolean; readonly header: NlHeader;
  readonly family: Family | 'other';
  /** NETCONFA_IFINDEX: -1 all, -2 default. */
  readonly ifindex: number;
  readonly forwarding?: boolean; readonly ignoreRoutesWithLinkdown?: boolean;
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
}

/** NLMSG_ERROR, NLMSG_DONE, a type not decoded, or bytes that make no sense. */
export interface OtherMessage { readonly kind: 'other'; readonly header: NlHeader; readonly problem?: string }

export type RtMessage =
  | RouteMessage | LinkMessage | AddressMessage | RuleMessage | NexthopMessage
  | NetconfMessage | AnycastMessage | PrefixMessage | OtherMessage;

export type { Nexthop };

/** Bytes of `struct nlmsghdr`, and of what follows it in messages of some kinds. */
export const HEADER_BYTES = 16;
export const RTMSG_BYTES = 12;
export const NDMSG_BYTES = 12;
export const IFINFOMSG_BYTES = 16;

/** Message types: include/uapi/linux/rtnetlink.h, RTM_*; NLMSG_* of include/uapi/linux/netlink.h. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4 } as const;
export const RTM = {
  NEWLINK: 16, DELLINK: 17, GETLINK: 18, SETLINK: 19,
  NEWADDR: 20, DELADDR: 21, GETADDR: 22,
  NEWROUTE: 24, DELROUTE: 25, GETROUTE: 26,
  NEWNEIGH: 28, GETNEIGH: 30,
  NEWRULE: 32, DELRULE: 33, GETRULE: 34,
  /** net/ipv6/addrconf.c inet6_prefix_notify() */
  NEWPREFIX: 52,
  /** Sent since 6.18 (net/ipv6/anycast.c inet6_ifacaddr_notify()); dumps are older. */
  NEWANYCAST: 60, DELANYCAST: 61,
  NEWNETCONF: 80, DELNETCONF: 81, GETNETCONF: 82,
  NEWNSID: 88, DELNSID: 89, GETNSID: 90,
  NEWNEXTHOP: 104, DELNEXTHOP: 105, GETNEXTHOP: 106,
} as const;

/** rtm_flags: an entry of the exception cache (redirect, path MTU) or the answer to a lookup, not a FIB entry. */
export const RTM_F_CLONED = 0x200;
/** rtm_flags of a lookup: the answer is to name its table; it is to be the FIB entry, not what comes of it. */
export const RTM_F_LOOKUP_TABLE = 0x1000;
export const RTM_F_FIB_MATCH = 0x2000;

/** include/uapi/linux/rtnetlink.h enum rtattr_type_t. */
export const RTA = {
  DST: 1, SRC: 2, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, METRICS: 8, MULTIPATH: 9, CACHEINFO: 12,
  TABLE: 15, MARK: 16, VIA: 18, PREF: 20, ENCAP_TYPE: 21, ENCAP: 22, EXPIRES: 23, UID: 25, IP_PROTO: 27, SPORT: 28, DPORT: 29, NH_ID: 30,
} as const;

/** include/uapi/linux/if_link.h. NEW_NETNSID is in the RTM_DELLINK of a device that moved away. */
export const IFLA = {
  IFNAME: 3, MTU: 4, LINK: 5, MASTER: 10, OPERSTATE: 16, LINKINFO: 18, NET_NS_PID: 19, GROUP: 27, NET_NS_FD: 28, EXT_MASK: 29,
  CARRIER: 33, LINK_NETNSID: 37, NEW_NETNSID: 45, TARGET_NETNSID: 46,
} as const;
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;
/** IFLA_TUN_PERSIST: it outlives whoever opened it. */
export const IFLA_TUN_PERSIST = 6;
/** IFLA_VRF_TABLE of a VRF device, IFLA_VRF_PORT_TABLE of its ports: the same number. */
export const IFLA_VRF_TABLE = 1;

/** include/uapi/linux/if_addr.h. */
export const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, BROADCAST: 4, ANYCAST: 5, CACHEINFO: 6, FLAGS: 8, RT_PRIORITY: 9, PROTO: 11 } as const;
/** enum of `struct prefixmsg`. */
export const PREFIX = { ADDRESS: 1, CACHEINFO: 2 } as const;

/** include/uapi/linux/fib_rules.h. */
export const FRA = {
  DST: 1, SRC: 2, IIFNAME: 3, GOTO: 4, PRIORITY: 6, FWMARK: 10, TUN_ID: 12, SUPPRESS_IFGROUP: 13, SUPPRESS_PREFIXLEN: 14, TABLE: 15,
  FWMASK: 16, OIFNAME: 17, L3MDEV: 19, UID_RANGE: 20, PROTOCOL: 21, IP_PROTO: 22, SPORT_RANGE: 23, DPORT_RANGE: 24,
} as const;

/** include/uapi/linux/nexthop.h. */
export const NHA = { ID: 1, GROUP: 2, BLACKHOLE: 4, OIF: 5, GATEWAY: 6 } as const;

/** include/uapi/linux/neighbour.h. */
export const NDA_DST = 1;
export const NUD_FAILED = 0x20;
/** include/uapi/linux/netlink.h: attributes behind an error. */
export const NLMSGERR_ATTR_MSG = 1;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;

/** include/uapi/linux/netconf.h. */
export const NETCONFA = { IFINDEX: 1, FORWARDING: 2, IGNORE_ROUTES_WITH_LINKDOWN: 6 } as const;
/** include/uapi/linux/net_namespace.h. */
export const NETNSA = { NSID: 1, FD: 3 } as const;

/** RTNLGRP_NSID: ids of other namespaces come and go. */
export const NSID_GROUP = 28;
/** include/uapi/linux/rtnetlink.h enum rtnetlink_groups. */
export const GROUP = {
  link: 1, neighbour: 3, ipv4Address: 5, ipv4Route: 7, ipv4Rule: 8, ipv6Address: 9, ipv6Route: 11, ipv6Prefix: 18, ipv6Rule: 19,
  ipv4Netconf: 24, ipv6Netconf: 25, nexthop: 32, ipv6Anycast: 39,
} as const;

type Names = Readonly<Record<number, string>>;

/** RTN_*, include/uapi/linux/rtnetlink.h. */
export const ROUTE_TYPES: readonly string[] = [
  'unspec', 'unicast', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw', 'nat', 'xresolve',
];

/** RT_SCOPE_*; a host's rt_scopes file can add to them. iproute2 says "global" for what the kernel calls universe. */
export const SCOPES: Names = { 0: 'global', 200: 'site', 253: 'link', 254: 'host', 255: 'nowhere' };

/** RT_TABLE_*; a host's rt_tables file can add to them. */
export const TABLES: Names = { 0: 'unspec', 253: 'default', 254: 'main', 255: 'local' };

/** RTPROT_* up to 6.18; a host's rt_protos file can add to them. Above 4 they mean nothing to the kernel. */
export const PROTOCOLS: Names = {
  0: 'unspec', 1: 'redirect', 2: 'kernel', 3: 'boot', 4: 'static', 8: 'gated', 9: 'ra', 10: 'mrt', 11: 'zebra', 12: 'bird',
  13: 'dnrouted', 14: 'xorp', 15: 'ntk', 16: 'dhcp', 17: 'mrouted', 18: 'keepalived', 42: 'babel', 84: 'ovn', 99: 'openr',
  186: 'bgp', 187: 'isis', 188: 'ospf', 189: 'rip', 192: 'eigrp',
};

/** FR_ACT_*, include/uapi/linux/fib_rules.h. */
export const RULE_ACTIONS: readonly string[] = ['unspec', 'lookup', 'goto', 'nop', 'res3', 'res4', 'blackhole', 'unreachable', 'prohibit'];

/** RTNH_F_*: of a leg. */
const LEG_FLAGS: Names = { 1: 'dead', 2: 'pervasive', 4: 'onlink', 8: 'offload', 16: 'linkdown', 32: 'unresolved', 64: 'trap' };
/** nlmsg_flags of a change: what was asked, or in a notification what it was. */
const CHANGE_FLAGS: Names = { 0x100: 'replace', 0x200: 'excl', 0x400: 'create', 0x800: 'append' };

/** A type this list does not know keeps its number: vendors add their own. */
export const routeTypeName = (type: number): string => ROUTE_TYPES[type] ?? `type ${type}`;
export const legFlagNames = (flags: number): string[] => flagNames(LEG_FLAGS, flags);
export const changeFlagNames = (flags: number): string[] => flagNames(CHANGE_FLAGS, flags);

function flagNames(names: Names, flags: number): string[] {
  return Object.entries(names).filter(([bit]) => (flags & Number(bit)) !== 0).map(([, name]) => name);
}

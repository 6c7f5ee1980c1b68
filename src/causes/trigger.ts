import type { Call } from '../model/attribution.ts';
import { ND } from '../model/icmp.ts';
import type { Trigger } from '../model/output.ts';
import { IFF, NLM_F, type AddressMessage, type LinkMessage, type NexthopMessage } from '../model/rtnetlink.ts';
import { formatIpv6 } from '../netlink/address.ts';
import { RTM } from '../netlink/constants.ts';
import { changeFlagNames } from '../netlink/names.ts';
import { stringOf } from '../processes/argv.ts';
import { baseName, passed, type AnyFacts } from './cause.ts';
import { IOCTL_NAMES, readIfreq } from './ioctl.ts';

const NETDEV_DOWN = 2;
/** The device cannot have been there. */
const CREATES = NLM_F.CREATE | NLM_F.EXCL;

const effectOf = ({ change }: AnyFacts): string | undefined => 'change' in change && typeof change.change === 'string' ? change.change : undefined;

/** What set the change off, read from the root call; of deferred work: from the act that had queued it. */
export function triggerOf(facts: AnyFacts): Trigger {
  if (facts.request !== undefined) {
    const { type, flags } = facts.request;
    // By its effect, where what was asked for is not known.
    if (flags === undefined) return { kind: 'netlink-request', request: effectOf(facts) ?? 'change', flags: [] };
    return { kind: 'netlink-request', request: requestName(type, flags), flags: changeFlagNames(flags) };
  }
  const { call } = facts.act;
  return call === undefined ? { kind: 'unknown' } : triggerOfCall(call, facts);
}

function triggerOfCall(call: Call, facts: AnyFacts): Trigger {
  switch (call.fn) {
    case 'rtnetlink_rcv_msg': return ofRequest(call, facts);
    case 'proc_sys_call_handler': return ofSysctl(call);
    case 'ip_rt_ioctl': case 'ipv6_route_ioctl':
      return { kind: 'ioctl', request: IOCTL_NAMES[call.fields.cmd ?? 0] ?? 'unknown' };
    case 'devinet_ioctl': case 'dev_ioctl': return ofDeviceIoctl(call, facts);
    case 'addrconf_add_ifaddr': return { kind: 'address-change', event: 'added' };
    case 'addrconf_del_ifaddr': return { kind: 'address-change', event: 'removed' };
    case 'ipv6_sock_ac_join': return { kind: 'setsockopt', option: 'join', ...socketAddress(call) };
    case 'ipv6_sock_ac_drop': return { kind: 'setsockopt', option: 'leave', ...socketAddress(call) };
    case '__ipv6_sock_ac_close': return { kind: 'setsockopt', option: 'close' };
    case 'ndisc_rcv': return ofPacket(call, facts);
    default: return { kind: 'unknown' };
  }
}

/** The words of `ip route` and `ip rule` for what was asked: type and nlmsg_flags of the request. */
export function requestName(type: number, flags: number): string {
  if (type === RTM.DELROUTE || type === RTM.DELRULE) return 'delete';
  if (type === RTM.NEWRULE) return 'add';
  if (type !== RTM.NEWROUTE) return `message type ${type}`;
  const create = (flags & NLM_F.CREATE) !== 0;
  if ((flags & NLM_F.REPLACE) !== 0) return create ? 'replace' : 'change';
  if ((flags & NLM_F.APPEND) !== 0) return 'append';
  return (flags & NLM_F.EXCL) !== 0 ? 'add' : create ? 'prepend' : 'test';
}

function ofRequest(call: Call, facts: AnyFacts): Trigger {
  const { request } = call;
  if (request === undefined) return { kind: 'unknown' };
  switch (request.kind) {
    case 'address': return ofAddress(request, call, facts);
    case 'link': return ofLink(request, call, facts);
    case 'nexthop': return ofNexthop(request);
    default: return { kind: 'netlink-request', request: `message type ${request.header.type}`, flags: changeFlagNames(request.header.flags) };
  }
}

function device(ifindex: number, call: Call, facts: AnyFacts): { dev?: string; ifindex?: number } {
  // Indexes mean something only in the namespace of the request, which may be another one than the route's.
  if (call.fields.netns !== facts.change.netns.inode) return {};
  const dev = facts.names.device(ifindex);
  return { ifindex, ...(dev === undefined ? {} : { dev }) };
}

/** Functions that give a device an address it did not have. */
const INSERTS = ['__inet_insert_ifa', 'inet6_addr_add', 'ipv6_add_addr'];

/** What became of the request: the kernel adds an address that is asked to be replaced and is not there, and changes one that is. */
function addressEvent({ deleted, header }: AddressMessage, { frames = [], deferral }: AnyFacts): 'added' | 'removed' | 'changed' {
  if (deleted) return 'removed';
  const names = [...frames, ...deferral?.queuedFrames ?? []].map(baseName);
  if (names.some(name => INSERTS.includes(name))) return 'added';
  return names.includes('inet_rtm_newaddr') || names.includes('inet6_rtm_newaddr') || (header.flags & (NLM_F.CREATE | NLM_F.REPLACE)) === NLM_F.REPLACE ? 'changed' : 'added';
}

const ofAddress = (message: AddressMessage, call: Call, facts: AnyFacts): Trigger =>
  ({ kind: 'address-change', event: addressEvent(message, facts), address: `${message.address}/${message.prefixLength}`, ...device(message.ifindex, call, facts) });

function ofLink(message: LinkMessage, call: Call, facts: AnyFacts): Trigger {
  const where = { ...(message.ifindex === 0 ? {} : device(message.ifindex, call, facts)), ...(message.name === undefined ? {} : { dev: message.name }) };
  if (message.deleted) return { kind: 'device', event: 'removed', ...where };
  if ((message.header.flags & CREATES) === CREATES && (message.change & IFF.UP) === 0) return { kind: 'device', event: 'created', ...where };
  // A device can be made in another namespace, or set up in one, by the same attributes.
  if (message.movesNetns === true && (facts.frames === undefined || passed(facts, 'dev_change_net_namespace', '__dev_change_net_namespace'))) return { kind: 'namespace', event: 'moved', ...(where.dev === undefined ? {} : { dev: where.dev }) };
  const master = message.master === undefined ? undefined : message.master === 0 ? 'none' : device(message.master, call, facts).dev ?? `ifindex ${message.master}`;
  return {
    kind: 'link-state', ...where,
    ...((message.change & IFF.UP) === 0 ? {} : { state: (message.flags & IFF.UP) === 0 ? 'down' : 'up' }),
    ...(message.mtu === undefined ? {} : { mtu: message.mtu }), ...(master === undefined ? {} : { master }),
  };
}

const ofNexthop = (message: NexthopMessage): Trigger =>
  ({ kind: 'nexthop-change', id: message.id, event: message.deleted ? 'removed' : (message.header.flags & NLM_F.REPLACE) === 0 ? 'added' : 'replaced' });

/** Only a router advertisement has a lifetime. */
function ofPacket(call: Call, facts: AnyFacts): Trigger {
  const { src, icmptype, lifetime, ifindex } = call.fields;
  const source = src === undefined || src.length < 16 ? {} : { source: formatIpv6(src, 0) };
  if (icmptype === ND.REDIRECT) return { kind: 'icmp-redirect', ...source };
  const dev = ifindex === undefined ? undefined : facts.names.device(ifindex);
  return {
    kind: 'router-advertisement', ...source,
    ...(icmptype !== ND.ADVERTISEMENT || lifetime === undefined ? {} : { lifetime }), ...(dev === undefined ? {} : { dev }),
  };
}

/** sysctl(8) writes a dot inside a component (eth0.100) as a slash. */
function ofSysctl(call: Call): Trigger {
  const { path0, path1, path2, path3, path4 } = call.fields;
  const parts = [path4, path3, path2, path1, path0].map(bytes => bytes === undefined ? '' : stringOf(bytes));
  // Five components are read; a shorter path begins with what is above /proc/sys.
  const start = parts.findIndex(part => part !== '' && part !== '/' && part !== 'sys');
  if (start < 0) return { kind: 'unknown' };
  const name = parts.slice(Math.max(0, start)).map(part => part.replaceAll('.', '/')).join('.');
  const seen = call.via.findLast(via => via.fields.old !== undefined || via.fields.value !== undefined)?.fields;
  const value = seen?.value?.trim();
  return {
    kind: 'sysctl', name,
    ...(seen?.old === undefined ? {} : { oldValue: seen.old }),
    ...(value === undefined || value === '' ? {} : { value: /^-?\d{1,10}$/.test(value) ? Number(value) : value }),
  };
}

/** net/ipv4/devinet.c devinet_ioctl(), net/core/dev_ioctl.c dev_ifsioc() */
function ofDeviceIoctl(call: Call, facts: AnyFacts): Trigger {
  const { cmd = 0, args } = call.fields;
  const request = IOCTL_NAMES[cmd] ?? `0x${cmd.toString(16)}`;
  if (args === undefined) return { kind: 'ioctl', request };
  const { dev, isAlias, flags, mtu, address } = readIfreq(args);
  const isDown = (flags & IFF.UP) === 0;
  // An address that is set down is removed, and its device stays as it is.
  if (request === 'SIOCSIFFLAGS') return isAlias && isDown && call.fn === 'devinet_ioctl' ? { kind: 'address-change', event: 'removed', dev } : { kind: 'link-state', dev, state: isDown ? 'down' : 'up' };
  if (request === 'SIOCSIFMTU') return { kind: 'link-state', dev, mtu };
  if (request === 'SIOCSIFADDR') {
    if (address === '0.0.0.0') return { kind: 'address-change', event: 'removed', dev };
    // The one that the device had under that name goes first.
    const replaces = effectOf(facts) === 'delete' || call.via.some(({ fn, fields: { event } }) => fn === 'fib_inetaddr_event' && event === NETDEV_DOWN);
    return { kind: 'address-change', event: replaces ? 'changed' : 'added', dev, address };
  }
  return call.fn === 'devinet_ioctl' ? { kind: 'address-change', event: 'changed', dev } : { kind: 'ioctl', request };
}

function socketAddress(call: Call): { address?: string } {
  const { addr } = call.fields;
  return addr === undefined || addr.length < 16 ? {} : { address: formatIpv6(addr, 0) };
}


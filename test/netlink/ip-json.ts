import type { Route } from '../../src/model/route.ts';
import type { RtMessage } from '../../src/model/rtnetlink.ts';
import { legFlagNames } from '../../src/netlink/names.ts';
import type { Answers } from '../../fixtures/rtnetlink/lab.ts';

/** The same facts from both sides, one line of text each, sorted: what differs is seen in a diff. */
export type Facts = Readonly<Record<'links' | 'addresses' | 'rules' | 'nexthops' | 'routes' | 'netconf', readonly string[]>>;

// oxlint-disable-next-line typescript/no-explicit-any -- what iproute2 prints has no type, and every field is compared below
type Json = Record<string, any>;
const line = (fact: object): string => JSON.stringify(fact, (_key, value: unknown) =>
  (value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value));
const lines = (facts: readonly object[]): string[] => facts.map(line).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** What our decoder says. */
export function factsOfMessages(messages: readonly RtMessage[]): Facts {
  const devices = new Map(messages.flatMap((m) => (m.kind === 'link' ? [[m.ifindex, m.name ?? '']] : [])));
  const dev = (ifindex: number | undefined): string | undefined => (ifindex === undefined ? undefined : devices.get(ifindex));
  const pick = <Kind extends RtMessage['kind']>(kind: Kind): Extract<RtMessage, { kind: Kind }>[] =>
    messages.filter((m): m is Extract<RtMessage, { kind: Kind }> => m.kind === kind);
  const bare = (prefix: string | undefined): string | undefined => prefix?.replace(prefix.includes(':') ? '/128' : /\/32$/, '');
  return {
    links: lines(pick('link').map((m) => ({ index: m.ifindex, name: m.name, up: (m.flags & 1) !== 0, mtu: m.mtu, master: dev(m.master), kind: m.infoKind, vrf: m.vrfTable }))),
    addresses: lines(pick('address').map((m) => ({
      dev: dev(m.ifindex), address: m.address, peer: m.peer, length: m.prefixLength, scope: String(m.scope), brd: m.broadcast, label: m.label,
      metric: m.metric, dynamic: (m.flags & 0x80) === 0, secondary: (m.flags & 1) !== 0, nodad: (m.flags & 2) !== 0, isTimed: m.validSec !== undefined,
    }))),
    rules: lines(pick('rule').map((m) => ({
      family: m.family, priority: m.priority, src: bare(m.src) ?? 'all', dst: bare(m.dst), iif: m.iifname, oif: m.oifname, mark: m.fwmark,
      mask: m.fwmask === 0xffff_ffff ? undefined : m.fwmask, table: m.table === 0 ? undefined : String(m.table), goto: m.goto, suppress: m.suppressPrefixLength,
      l3mdev: m.l3mdev === true, protocol: String(m.protocol),
    }))),
    nexthops: lines(pick('nexthop').map((m) => ({ id: m.id, group: m.group, dev: dev(m.ifindex), gateway: m.gateway, blackhole: m.blackhole === true, protocol: String(m.protocol) }))),
    routes: lines(pick('route').map((m) => ourRoute(m.route, dev))),
    netconf: lines(pick('netconf').filter((m) => m.family !== 'other').map((m) => ({
      family: m.family, dev: m.ifindex === -1 ? 'all' : m.ifindex === -2 ? 'default' : dev(m.ifindex), forwarding: m.forwarding === undefined ? undefined : m.forwarding !== 0, ignore: m.ignoreRoutesWithLinkdown,
    }))),
  };
}

function ourRoute(route: Route, dev: (ifindex: number | undefined) => string | undefined): object {
  const { lock: _lock, ...metrics } = route.metrics ?? {};
  return {
    family: route.family, dst: route.dst, src: route.src, tos: route.tos, type: String(route.type), table: String(route.table),
    protocol: String(route.protocol), scope: String(route.scope), metric: route.metric, prefsrc: route.prefsrc, nhid: route.nhid, metrics,
    isTimed: route.expiresSec !== undefined, pref: route.pref,
    legs: route.nexthops.map((leg) => ({ gateway: leg.gateway, dev: dev(leg.ifindex), weight: leg.weight, flags: legFlagNames(leg.flags), encap: leg.encap })),
  };
}

/** What iproute2 says. */
export function factsOfIp(answers: Answers): Facts {
  const prefix = (address: string | undefined, length: number | undefined): string | undefined => (length === undefined || address === 'all' ? address : `${address}/${length}`);
  const rules = (family: string, text: string): object[] => parse(text).map((r) => ({
    family, priority: r.priority, src: prefix(r.src, r.srclen), dst: prefix(r.dst, r.dstlen), iif: r.iif, oif: r.oif, mark: number(r.fwmark), mask: number(r.fwmask),
    table: r.table, goto: number(r.goto), suppress: r.suppress_prefixlen, l3mdev: r.l3mdev === null, protocol: r.protocol,
  }));
  return {
    links: lines(parse(answers.links).map((l) => ({
      index: l.ifindex, name: l.ifname, up: l.flags.includes('UP'), mtu: l.mtu, master: l.master, kind: l.linkinfo?.info_kind,
      vrf: l.linkinfo?.info_data?.table ?? l.linkinfo?.info_slave_data?.table,
    }))),
    addresses: lines(parse(answers.addresses).flatMap((l) => l.addr_info.map((a: Json) => ({
      dev: l.ifname, address: a.local, peer: a.address, length: a.prefixlen, scope: a.scope, brd: a.broadcast, label: a.label, metric: a.metric,
      dynamic: a.dynamic === true, secondary: a.secondary === true || a.temporary === true, nodad: a.nodad === true, isTimed: a.valid_life_time !== 0xffff_ffff,
    })))),
    rules: lines([...rules('ipv4', answers.rules4), ...rules('ipv6', answers.rules6)]),
    nexthops: lines(parse(answers.nexthops).map((n) => ({
      id: n.id, group: n.group?.map((g: Json) => ({ id: g.id, weight: g.weight ?? 1 })), dev: n.dev, gateway: n.gateway, blackhole: n.blackhole === null, protocol: n.protocol,
    }))),
    routes: lines([...parse(answers.routes4).map((r) => ipRoute('ipv4', r)), ...parse(answers.routes6).map((r) => ipRoute('ipv6', r))]),
    netconf: lines(parse(answers.netconf).filter((n) => n.family === 'inet' || n.family === 'inet6').map((n) => ({
      family: n.family === 'inet' ? 'ipv4' : 'ipv6', dev: n.interface, forwarding: n.forwarding, ignore: n.ignore_routes_with_linkdown,
    }))),
  };
}

function ipRoute(family: 'ipv4' | 'ipv6', r: Json): object {
  const host = family === 'ipv4' ? 32 : 128;
  const full = (dst: string): string => (dst === 'default' ? `${family === 'ipv4' ? '0.0.0.0' : '::'}/0` : dst.includes('/') ? dst : `${dst}/${host}`);
  const flags = (from: readonly string[]): string[] => from.filter((flag) => !flag.startsWith('rt_'));
  const leg = (n: Json): object => ({ gateway: n.gateway ?? n.via?.host, dev: n.dev, weight: n.weight ?? 1, flags: flags(n.flags), encap: n.encap });
  return {
    family, dst: full(r.dst), src: r.from === undefined ? undefined : full(r.from), tos: number(r.tos) ?? 0, type: r.type, table: r.table, protocol: r.protocol,
    scope: r.scope, metric: r.metric ?? 0, prefsrc: r.prefsrc, nhid: r.nhid, metrics: r.metrics?.[0] ?? {}, isTimed: r.expires !== undefined, pref: r.pref,
    legs: r.nexthops?.map(leg) ?? (r.dev === undefined ? [] : [leg(r)]),
  };
}

const number = (text: string | number | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** iproute2 puts the keys of an encapsulation (dst, tos, table...) among those of the route; cut them out before they overwrite. */
const parse = (text: string): Json[] =>
  (JSON.parse(text.replaceAll(/("encap":"[a-z0-9]+"),.*?(?="(?:gateway|via|dev)":)/g, '$1,')) as Json[]).filter((entry) => Object.keys(entry).length > 0);

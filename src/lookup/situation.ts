import type { Family, Route } from '../model/route.ts';
import { NETCONFA_IFINDEX, type AddressMessage, type LinkMessage, type NexthopMessage, type RtMessage, type RuleMessage } from '../model/rtnetlink.ts';
import type { Neighbour } from '../netlink/decode-lookup.ts';

/** What was read of one network namespace, of one family where it has one: all that a lookup there depends on. */
export interface Situation {
  readonly family: Family;
  /** By index. */
  readonly links: ReadonlyMap<number, LinkMessage>;
  readonly addresses: readonly AddressMessage[];
  /** In the order in which the kernel asks them. */
  readonly rules: readonly RuleMessage[];
  /** Of all tables, each table in the order of the dump: the kernel's own among equals. */
  readonly routes: readonly Route[];
  readonly nexthops: ReadonlyMap<number, NexthopMessage>;
  /** Devices that forward, and that do not use routes over a link without carrier. */
  readonly forwarding: ReadonlySet<number>;
  readonly ignoresLinkdown: ReadonlySet<number>;
  /** conf.all.forwarding: an IPv6 host asks which gateways answer, a router does not. */
  readonly isRouter: boolean;
  readonly neighbours: readonly Neighbour[];
  /** Redirects and path MTUs: one destination each. */
  readonly exceptions: readonly Route[];
}

export interface Dumped { readonly messages: readonly RtMessage[]; readonly neighbours: readonly Neighbour[]; readonly exceptions: readonly Route[] }

export function situationOf(family: Family, { messages, neighbours, exceptions }: Dumped): Situation {
  const links = new Map<number, LinkMessage>();
  const nexthops = new Map<number, NexthopMessage>();
  const addresses: AddressMessage[] = [];
  const rules: RuleMessage[] = [];
  const routes: Route[] = [];
  const forwarding = new Set<number>();
  const ignoresLinkdown = new Set<number>();
  for (const message of messages) {
    switch (message.kind) {
      case 'link': links.set(message.ifindex, message); break;
      case 'nexthop': nexthops.set(message.id, message); break;
      case 'address': if (message.family === family) addresses.push(message); break;
      case 'rule': if (message.family === family) rules.push(message); break;
      case 'route': if (message.route.family === family) routes.push(message.route); break;
      case 'netconf':
        if (message.family !== family) break;
        if ((message.forwarding ?? 0) !== 0) forwarding.add(message.ifindex);
        if (message.ignoreRoutesWithLinkdown === true) ignoresLinkdown.add(message.ifindex);
        break;
      default: break;
    }
  }
  return { family, links, addresses, rules, routes, nexthops, forwarding, ignoresLinkdown, isRouter: forwarding.has(NETCONFA_IFINDEX.ALL), neighbours, exceptions };
}

/** The VRF device that a device is, or is a port of. */
export function vrfOf({ links }: Pick<Situation, 'links'>, ifindex: number | undefined): LinkMessage | undefined {
  const link = ifindex === undefined ? undefined : links.get(ifindex);
  if (link?.infoKind === 'vrf') return link;
  const master = link?.master === undefined ? undefined : links.get(link.master);
  return master?.infoKind === 'vrf' ? master : undefined;
}

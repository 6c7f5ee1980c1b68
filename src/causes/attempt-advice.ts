import type { Attempt, NameLookup } from '../model/attribution.ts';
import type { Route } from '../model/route.ts';
import type { AddressMessage, NexthopMessage, RuleMessage } from '../model/rtnetlink.ts';
import { errorName } from '../netlink/errors.ts';
import { askedOf, holderWords } from './attempt-words.ts';

/** What to do about a refusal; nothing where the kernel's own words say it all. */
export function attemptAdvice(attempt: Attempt, names: NameLookup): readonly string[] {
  const { asked } = attempt;
  const error = errorName(attempt.errno);
  if (error === 'EPERM') return ['It takes CAP_NET_ADMIN in the user namespace that owns this network namespace; root inside a container may not have it.'];
  switch (asked.kind) {
    case 'route': return routeAdvice(error, asked.route, attempt, names);
    case 'rule': return ruleAdvice(error, asked);
    case 'address': return addressAdvice(error, asked);
    case 'nexthop': return nexthopAdvice(error, asked);
    default: return [];
  }
}

function routeAdvice(error: string, route: Route, { asked, existing }: Attempt, names: NameLookup): readonly string[] {
  const verb = asked.kind === 'route' ? askedOf(asked.header).verb : '';
  const show = `ip ${route.family === 'ipv6' ? '-6 ' : ''}route show table all ${route.dst}`;
  switch (error) {
    case 'EEXIST': return [
      existing.length > 0 ? `In its place, as last announced: ${existing.map(other => holderWords(other, names)).join(', and ')}.` : `A route with this destination, table and metric is there already: ${show}`,
      ...(verb === 'add' ? ['ip route replace puts another in its place; one with another metric can stand beside it.'] : []),
    ];
    case 'ESRCH': return verb === 'delete' ? [`No route fits all that the request names; table, metric, protocol, gateway and device count where they are given. What there is: ${show}`] : [];
    case 'ENOENT': return verb === 'change' ? ['There is no such route to change: ip route replace adds it where it is missing.'] : [];
    case 'ENETUNREACH': case 'EHOSTUNREACH': return gatewayAdvice(route.nexthops.flatMap(({ gateway }) => gateway ?? []));
    case 'ENETDOWN': return [`Set ${deviceOf(route, names) ?? 'the device'} up first: routes over a device that is down are not taken.`];
    case 'ENODEV': return [`There is no such device in this network namespace, or it takes no part in ${route.family === 'ipv4' ? 'IPv4' : 'IPv6'}: an MTU that is too small keeps it out.`];
    default: return [];
  }
}

const gatewayAdvice = (gateways: readonly string[]): readonly string[] => gateways.length === 0 ? [] : [
  `The kernel finds no directly connected way to ${gateways.join(' or ')}: see ip route get ${gateways[0] ?? ''}.`,
  'The address or link route of the gateway\'s network has to come first; onlink with a device makes the kernel take a gateway as it is.',
];

function deviceOf({ nexthops }: Route, names: NameLookup): string | undefined {
  const ifindex = nexthops[0]?.ifindex;
  return ifindex === undefined || nexthops.length > 1 ? undefined : names.device(ifindex) ?? `ifindex ${ifindex}`;
}

function nexthopAdvice(error: string, { id, deleted, gateway }: NexthopMessage): readonly string[] {
  if (error === 'ENOENT' && deleted) return [`There is no nexthop object ${id}: ip nexthop show lists them.`];
  if (error === 'EEXIST') return [`There is a nexthop object ${id} already: ip nexthop replace changes it.`];
  return gateway !== undefined && (error === 'ENETUNREACH' || error === 'EHOSTUNREACH') ? gatewayAdvice([gateway]) : [];
}

function ruleAdvice(error: string, { deleted, family }: RuleMessage): readonly string[] {
  const show = `ip ${family === 'ipv6' ? '-6 ' : ''}rule show`;
  if (error === 'EEXIST') return [`An equal rule is there already: ${show}`];
  return error === 'ENOENT' && deleted ? [`No rule fits all that the request names: ${show}`] : [];
}

function addressAdvice(error: string, { deleted, address, prefixLength }: AddressMessage): readonly string[] {
  const show = `ip address show to ${address}`;
  if (error === 'EEXIST') return [`The device has this address already: ${show}`];
  return error === 'EADDRNOTAVAIL' && deleted ? [`The device has no ${address}/${prefixLength}; the prefix length counts: ${show}`] : [];
}

import { vrfOf } from '../lookup/situation.ts';
import { isIgnoredForCarrier } from '../lookup/usable.ts';
import { RTNH_F, RT_TABLE, type Nexthop, type Route } from '../model/route.ts';
import { confName } from '../model/sysctl.ts';
import type { Statement } from '../model/why.ts';
import { bundleOf } from '../provenance/address.ts';
import { deviceName, read } from '../provenance/origin.ts';
import { tableWords } from '../provenance/route-words.ts';
import type { WhyInput } from './input.ts';

/** What a person should know about the route besides where it came from. */
export function detailsOf(route: Route | undefined, input: WhyInput): readonly Statement[] {
  const ofRoute = route === undefined ? [] : [...listedIn(route, input), ...legs(route, input), ...expiry(route), ...nexthopObject(route, input), ...vrf(route, input), ...bundleOf({ route, ...input }).map(read)];
  return [...ofRoute, ...ofLookup(input)];
}

function listedIn(route: Route, input: WhyInput): readonly Statement[] {
  if (route.table === RT_TABLE.MAIN) return [];
  const tableName = tableWords(route.table, input);
  return [read(`It is in table ${tableName === String(route.table) ? tableName : `${tableName} (${route.table})`}: ip ${route.family === 'ipv6' ? '-6 ' : ''}route show table ${route.table} lists it, ip route show alone does not.`)];
}

function legs(route: Route, { situation }: WhyInput): readonly Statement[] {
  return route.nexthops.flatMap((leg: Nexthop) => {
    const dev = deviceName(situation, leg.ifindex);
    if (isIgnoredForCarrier(leg, situation)) return [read(`Its leg over ${dev} has no carrier and is not used: ignore_routes_with_linkdown is set for ${dev}, or for all.`)];
    if ((leg.flags & RTNH_F.DEAD) !== 0) return [read(`Its leg over ${dev} is dead: the device is down, and nothing is sent by it.`)];
    return (leg.flags & RTNH_F.LINKDOWN) === 0 ? []
      : [read(`Its leg over ${dev} has no carrier (linkdown), and is used all the same: ${confName(route.family, dev, 'ignore_routes_with_linkdown')} is 0. Packets sent by it are lost.`)];
  });
}

function expiry({ expiresSec }: Route): readonly Statement[] {
  if (expiresSec === undefined) return [];
  return [read(expiresSec > 0 ? `It expires in ${Math.round(expiresSec)} s, unless it is renewed.` : `It expired ${Math.round(-expiresSec)} s ago: the kernel ignores it since, and lists it until it is collected, up to 30 s later.`)];
}

function nexthopObject({ nhid }: Route, { situation, surroundings }: WhyInput): readonly Statement[] {
  const nexthop = nhid === undefined ? undefined : situation.nexthops.get(nhid);
  if (nexthop === undefined) return [];
  const what = nexthop.blackhole === true ? 'which drops packets' : nexthop.group !== undefined ? `a group of ${nexthop.group.map(({ id }) => id).join(', ')}`
    : `${nexthop.gateway === undefined ? '' : `via ${nexthop.gateway} `}dev ${deviceName(situation, nexthop.ifindex)}`;
  return [read(`Its next hop is nexthop object ${nexthop.id} (${what}), of protocol ${surroundings.protocolName(nexthop.protocol) ?? nexthop.protocol}: whoever owns the object decides where the route leads, and takes the route along when it deletes the object.`)];
}

function vrf(route: Route, { situation, retraced: { walk } }: WhyInput): readonly Statement[] {
  const device = [...situation.links.values()].find(link => link.infoKind === 'vrf' && link.vrfTable === route.table);
  const rule = walk.steps.find(step => step.rule.l3mdev === true)?.rule;
  if (device === undefined) return [];
  const port = vrfOf(situation, route.nexthops[0]?.ifindex)?.ifindex === device.ifindex ? deviceName(situation, route.nexthops[0]?.ifindex) : undefined;
  return [read(`Table ${route.table} is that of VRF ${device.name ?? device.ifindex}${port === undefined || port === device.name ? '' : `, of which ${port} is a port`}${rule === undefined ? '; no l3mdev rule leads there' : `; rule ${rule.priority} (l3mdev) leads packets of the VRF there`}.`)];
}

function ofLookup({ situation, retraced: { walk }, key, query }: WhyInput): readonly Statement[] {
  const hasLocalRule = situation.rules.some(({ action, table }) => action === 1 && table === RT_TABLE.LOCAL);
  const byUser = situation.rules.some(({ uidRange }) => uidRange !== undefined && (uidRange[0] !== 0 || uidRange[1] !== 0xffff_ffff));
  return [
    ...(walk.merged === true ? [read('No rule has ever been added here, so IPv4 asks tables local and main as one: the longer prefix wins, in whichever of the two it is. The first rule that is added changes this for good.')] : []),
    ...(hasLocalRule ? [] : [read('No rule leads to table local: packets for the addresses of this host are not recognised as its own.')]),
    ...(byUser ? [read(`The kernel was asked for user ${key.uid}: rules with uidrange may send packets of others elsewhere.`)] : []),
    ...(query.family === 'ipv4' && key.src === undefined && situation.rules.some(({ src }) => src !== undefined) ? [read('No source address was given: rules for sources (from) were compared with 0.0.0.0. Give one with --from.')] : []),
    ...(query.family === 'ipv6' && key.src === undefined && situation.rules.some(({ src }) => src !== undefined) ? [read('No source address was given, so rules for sources (from) were passed over. Give one with --from.')] : []),
  ];
}

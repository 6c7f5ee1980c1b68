import type { NameLookup, RouteChange } from '../model/attribution.ts';
import type { LegOutput, RouteOutput } from '../model/output.ts';
import type { Nexthop, Route } from '../model/route.ts';
import { legFlagNames, routeTypeName } from '../netlink/names.ts';
import type { Names } from './names.ts';

/** A route with the names that people know it by. */
export function routeOutput(route: Route, change: Pick<RouteChange, 'netns' | 'route' | 'legs'>, lookup: NameLookup, names: Names): RouteOutput {
  const tableName = names.table(route.table, lookup);
  const protocolName = names.protocol(route.protocol);
  const [only, ...more] = route.nexthops;
  const netnsName = names.netns(change.netns);
  const single = only !== undefined && more.length === 0 ? legOutput(only, lookup) : undefined;
  return {
    family: route.family, dst: route.dst, ...(route.src === undefined ? {} : { src: route.src }),
    type: routeTypeName(route.type),
    table: route.table, ...(tableName === undefined ? {} : { tableName }),
    protocol: route.protocol, ...(protocolName === undefined ? {} : { protocolName }),
    scope: names.scope(route.scope), ...(route.tos === 0 ? {} : { tos: route.tos }),
    ...(single?.dev === undefined ? {} : { dev: single.dev }),
    ...(single?.ifindex === undefined ? {} : { ifindex: single.ifindex }),
    ...(single?.gateway === undefined ? {} : { gateway: single.gateway }),
    ...(single?.flags === undefined ? {} : { flags: single.flags }),
    ...(more.length === 0 && change.legs === undefined ? {} : { nexthops: route.nexthops.map(leg => legOutput(leg, lookup)) }),
    ...(change.legs === undefined || route !== change.route ? {} : { legs: change.legs.map(leg => legOutput(leg, lookup)) }),
    ...(route.nhid === undefined ? {} : { nhid: route.nhid }),
    metric: route.metric,
    ...(route.prefsrc === undefined ? {} : { prefsrc: route.prefsrc }),
    ...(route.expiresSec === undefined ? {} : { expires: route.expiresSec }),
    ...(route.pref === undefined ? {} : { pref: route.pref }),
    ...(route.metrics === undefined ? {} : { metrics: route.metrics }),
    netns: { inode: change.netns.inode, ...(netnsName === undefined ? {} : { name: netnsName }) },
  };
}

function legOutput(leg: Nexthop, lookup: NameLookup): LegOutput {
  const dev = leg.ifindex === undefined ? undefined : lookup.device(leg.ifindex);
  const flags = legFlagNames(leg.flags);
  return {
    ...(leg.gateway === undefined ? {} : { gateway: leg.gateway }), ...(dev === undefined ? {} : { dev }),
    ...(leg.ifindex === undefined ? {} : { ifindex: leg.ifindex }), weight: leg.weight,
    ...(flags.length === 0 ? {} : { flags }), ...(leg.encap === undefined ? {} : { encap: leg.encap }),
  };
}

import type { Names } from '../explanation/names.ts';
import type { NameLookup } from '../model/attribution.ts';
import type { LinkMessage } from '../model/rtnetlink.ts';
import type { ReachOutput } from '../model/output.ts';
import { errorName } from '../netlink/errors.ts';
import { routeTypeName } from '../netlink/names.ts';
import type { Resolution } from '../netlink/resolution.ts';

/** The devices of a namespace, as messages tell them. One that is gone keeps its name until its number is used again. */
export interface DeviceNames { learn(link: LinkMessage): void; readonly lookup: NameLookup; /** The table of this VRF, if it is one. */ tableOf(ifindex: number): number | undefined; isIn(ifindex: number, vrf: number): boolean }

export function createDeviceNames(): DeviceNames {
  const links = new Map<number, LinkMessage>();
  const vrfs = new Map<number, string>();
  return {
    learn(link) {
      if (link.deleted) return;
      links.set(link.ifindex, link);
      if (link.infoKind === 'vrf' && link.vrfTable !== undefined && link.name !== undefined) vrfs.set(link.vrfTable, link.name);
    },
    tableOf: ifindex => links.get(ifindex)?.infoKind === 'vrf' ? links.get(ifindex)?.vrfTable : undefined,
    isIn: (ifindex, vrf) => links.get(ifindex)?.master === vrf,
    lookup: { device: ifindex => links.get(ifindex)?.name, kind: ifindex => links.get(ifindex)?.infoKind, vrf: table => vrfs.get(table) },
  };
}

export function reachOutput(resolution: Resolution, lookup: NameLookup, names: Names): ReachOutput {
  const { errno, type, ifindex, gateway, table, source, match, isFromHere } = resolution;
  const dev = ifindex === undefined ? undefined : lookup.device(ifindex);
  const tableName = table === undefined ? undefined : names.table(table, lookup);
  return {
    ...(errno === undefined ? {} : { error: errorName(errno) }), ...(type === undefined ? {} : { type: routeTypeName(type) }),
    ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }), ...(gateway === undefined ? {} : { gateway }),
    ...(table === undefined ? {} : { table }), ...(tableName === undefined ? {} : { tableName }), ...(source === undefined ? {} : { source }),
    ...(match === undefined ? {} : { route: match.dst }), ...(isFromHere === false ? { fromHere: false } : {}),
  };
}

import type { Names } from '../explanation/names.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { ImpactedOutput, ImpactOutput, NetnsOutput } from '../model/output.ts';
import { formatRealTime, type BootTime } from '../model/time.ts';
import type { Hit, Known, Place } from './place.ts';
import { reachOutput } from './reach.ts';
import { headlineOf } from './words.ts';

/** One endpoint that is to be told of; those of one kind and origin become one record. */
export interface Group extends Hit {
  readonly status: ImpactOutput['status'];
  readonly place: Place; readonly known: Known; readonly time: BootTime;
}

export interface Groups {
  tell(groups: readonly Group[]): readonly ImpactOutput[];
  netnsOutput(netns: NetnsRef): NetnsOutput;
}

const LISTED = 100;
const REMEMBERED = 2000;
const UNEXPLAINED = 'no change that was told explains it';

export function createGroups(clockOffsetNs: bigint, names: Names): Groups {
  let serial = 0;
  /** Remotes of what was told of each origin. */
  const reached = new Set<string>();

  function netnsOutput(netns: NetnsRef): NetnsOutput {
    const name = names.netns(netns);
    return { inode: netns.inode, ...(name === undefined ? {} : { name }) };
  }

  function endpointOutput({ place, known, before, after, status }: Group): ImpactedOutput {
    const { lookup } = place.devices;
    const { remote, remotePort, local, localPort, ifindex, name, routes, state, retransmits } = known.told;
    const dev = ifindex === undefined ? undefined : lookup.device(ifindex);
    const isOver = status === 'observed';
    return {
      remote, ...(remotePort === undefined ? {} : { remotePort }), ...(local === undefined ? {} : { local }), ...(localPort === undefined ? {} : { localPort }),
      ...(dev === undefined ? {} : { dev }), ...(ifindex === undefined ? {} : { ifindex }), ...(name === undefined ? {} : { name }), ...(routes === undefined ? {} : { routes }),
      ...(state === undefined ? {} : { state }), ...(!isOver || retransmits === undefined ? {} : { retransmits }),
      before: reachOutput(before, lookup, names), after: reachOutput(after, lookup, names),
    };
  }

  function record(all: readonly [Group, ...Group[]]): ImpactOutput {
    const [first] = all;
    const { status, effect, time, changedAt, known: { told: { what, pid, comm, argv, unit } } } = first;
    const id = `impact-${++serial}`;
    const origin = first.record.origin ?? first.origin ?? id;
    const of = first.record.id;
    if (status === 'expected') for (const { record: told } of all) { told.id = id; told.origin = origin; }
    const body = {
      id, origin, changes: [...new Set(all.flatMap(({ changes }) => changes))], status, ...(of === '' ? {} : { of }),
      time: formatRealTime(time, clockOffsetNs), bootTimeNs: String(time), netns: netnsOutput(first.place.netns), what, effect,
      ...(pid === undefined ? {} : { owner: { pid, ...(comm === undefined ? {} : { comm }), ...(argv === undefined ? {} : { argv }), ...(unit === undefined ? {} : { unit }) } }),
      ...(status === 'observed' ? { afterSeconds: Math.max(0, Math.round(Number(time - changedAt) / 1e8) / 10) } : {}),
      count: all.length, endpoints: all.slice(0, LISTED).map(endpointOutput),
      ...(status === 'expected' && first.origin === undefined ? { caveats: [UNEXPLAINED] } : {}),
    };
    return { kind: 'impact', ...body, headline: headlineOf(body) };
  }

  return {
    netnsOutput,
    tell(groups) {
      if (groups.length === 0) return [];
      const sorted = new Map<string, [Group, ...Group[]]>();
      for (const group of withoutBystanders(groups, reached)) {
        const { place, known: { told: { what, pid, name } }, status, effect, record: { id }, origin, after } = group;
        const key = JSON.stringify([place.netns.inode, status, what, pid, what === 'tunnel' ? name?.split(' ')[0] : '', effect, status === 'expected' ? origin : id, after.errno]);
        const same = sorted.get(key);
        if (same === undefined) sorted.set(key, [group]);
        else same.push(group);
      }
      return [...sorted.values()].map(record);
    },
  };
}

/** A neighbour or nexthop is not told apart from the session that goes there; `reached`: remotes told before. */
function withoutBystanders(groups: readonly Group[], reached: Set<string>): readonly Group[] {
  const isBystander = ({ known: { told } }: Group): boolean => told.what === 'neighbour' || told.what === 'nexthop';
  const remoteOf = ({ place, known }: Group): string => `${place.netns.inode} ${known.told.remote}`;
  const actOf = (group: Group): string => `${group.origin ?? ''} ${remoteOf(group)}`;
  const others = groups.filter(group => !isBystander(group));
  const told = new Set(others.map(remoteOf));
  for (const group of others) if (group.status === 'expected' && group.origin !== undefined) reached.add(actOf(group));
  for (const oldest of reached) if (reached.size > REMEMBERED) reached.delete(oldest); else break;
  return groups.filter(group => !isBystander(group) || !(told.has(remoteOf(group)) || (group.status === 'expected' && reached.has(actOf(group)))));
}

import type { readRouteNames } from '../host/names.ts';
import { readProcess } from '../host/processes.ts';
import { PROTOCOLS, TABLES } from '../netlink/names.ts';
import { parseAnycastUses } from '../provenance/anycast.ts';
import type { AnycastHolder, RoutingProgram, Surroundings } from '../provenance/origin.ts';
import type { Situation } from '../lookup/situation.ts';
import { readAnycastSockets } from '../sources/bpftrace/anycast-holders.ts';
import { findOpenSockets } from '../sources/proc/holders.ts';
import { libc } from '../sources/rtnetlink/libc.ts';
import type { NetnsHandle } from '../sources/rtnetlink/netns.ts';
import { readProcNet } from '../sources/rtnetlink/proc-net.ts';
import { routingSockets } from '../sources/rtnetlink/socket-table.ts';

export type RouteNames = ReturnType<typeof readRouteNames>;

/** What /proc and iproute2's files say besides the tables. */
export function readSurroundings(netns: NetnsHandle, { links }: Situation, names: RouteNames): Surroundings {
  const anycast = readProcNet(netns, 'anycast6');
  const table = readProcNet(netns, 'netlink');
  const found = table === undefined ? undefined : readPrograms(table);
  const named = (of: 'table' | 'protocol', id: number): string | undefined => names.findLast(name => name.of === of && Number(name.id) === id)?.name;
  return {
    ...(anycast === undefined ? {} : { anycastUses: parseAnycastUses(anycast) }), ...(found === undefined ? {} : { programs: found.programs }), sawAllPrograms: found?.complete === true,
    protocolName: protocol => named('protocol', protocol) ?? PROTOCOLS[protocol],
    tableName: id => [...links.values()].find(link => link.infoKind === 'vrf' && link.vrfTable === id)?.name ?? named('table', id) ?? TABLES[id],
  };
}

/** The same, with who holds memberships of anycast addresses. */
export async function withAnycastHolders(surroundings: Surroundings, netnsInode: number): Promise<Surroundings> {
  const sockets = await readAnycastSockets(netnsInode);
  return sockets === undefined ? surroundings : {
    ...surroundings, anycastHolders: sockets.flatMap(({ pid, ifindex, address }) => {
      const program = programOf(pid);
      return program === undefined ? [] : [{ ifindex, address, program }];
    }),
  };
}

/** Who holds a routing socket in the namespace of that table, ourselves left out. */
function readPrograms(table: string): { readonly programs: readonly RoutingProgram[]; readonly complete: boolean } {
  const sockets = new Map(routingSockets(table).map(({ inode, portid }) => [inode, portid]));
  const { byPid, complete } = findOpenSockets(new Set(sockets.keys()));
  const programs = [...byPid].filter(([pid]) => pid !== process.pid).flatMap(([pid, inodes]): RoutingProgram[] => {
    const program = programOf(pid);
    return program === undefined ? [] : [{ ...program, portids: inodes.flatMap(inode => sockets.get(inode) ?? []) }];
  });
  return { programs, complete };
}

function programOf(pid: number): AnycastHolder['program'] | undefined {
  const seen = readProcess(pid, libc().now());
  return seen === undefined ? undefined : { pid, comm: seen.comm, argv: seen.argv, ...(seen.unit === undefined ? {} : { unit: seen.unit }) };
}

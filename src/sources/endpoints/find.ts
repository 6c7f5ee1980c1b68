import type { DaemonPeers } from './daemons.ts';
import { questionOf, type Endpoint } from './endpoint.ts';
import type { Gateway } from './gateways.ts';
import { isBgp, peerEndpoints, socketEndpoint } from './peer-endpoints.ts';
import { readSockets } from './sockets.ts';
import type { Talk } from './talk.ts';
import { readDevices, type Devices } from './tunnels.ts';

export interface Found {
  /** Each id once; what other endpoints depend on first. */
  readonly endpoints: readonly Endpoint[];
  readonly unchecked: readonly string[];
}

export interface KnownBefore { readonly peers: DaemonPeers; readonly gateways: Iterable<Gateway> }

/** All endpoints of the namespace that `talk` is in. */
export async function findEndpoints(talk: Talk, { peers, gateways }: KnownBefore): Promise<Found> {
  const devices = await readDevices(talk);
  const sockets = await readSockets(talk);
  const sessions = sockets.endpoints.map(one => socketEndpoint(one, devices));
  const others = peerEndpoints(peers, sessions, devices, sockets.unchecked.length === 0);
  const nexthops = [...gateways].flatMap(gateway => nexthopEndpoint(gateway, devices) ?? []);
  const marks = sessions.length > 0 && sessions.every(({ socket }) => socket?.hasMark === false) ? ['marks of sockets: the kernel tells them with CAP_NET_ADMIN only'] : [];
  const all = [...others, ...devices.endpoints, ...nexthops, ...sessions.filter(isBgp), ...sessions.filter(one => !isBgp(one))];
  return { endpoints: [...new Map(all.map(one => [one.told.id, one])).values()], unchecked: [...sockets.unchecked, ...marks, ...devices.unchecked, ...peers.unchecked] };
}

function nexthopEndpoint({ address, ifindex, routes }: Gateway, { vrfOf }: Devices): Endpoint | undefined {
  const asked = questionOf(address, undefined, { oif: vrfOf(ifindex) });
  return asked === undefined ? undefined : { told: { id: `nexthop/${ifindex}/${address}`, what: 'nexthop', remote: address, ifindex, routes: [...routes] }, ...asked };
}

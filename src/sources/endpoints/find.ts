import type { DaemonPeers } from './daemons.ts';
import { questionOf, type Endpoint } from './endpoint.ts';
import type { Gateway } from './gateways.ts';
import { readSockets } from './sockets.ts';
import type { Talk } from './talk.ts';
import { readDevices, type Devices } from './tunnels.ts';

export interface Found {
  /** Each id once; what other endpoints depend on first. */
  readonly endpoints: readonly Endpoint[];
  readonly unchecked: readonly string[];
}

export interface KnownBefore { readonly peers: DaemonPeers; readonly gateways: Iterable<Gateway> }

const BGP_PORT = 179;

/** All endpoints of the namespace that `talk` is in. */
export async function findEndpoints(talk: Talk, { peers, gateways }: KnownBefore): Promise<Found> {
  const devices = await readDevices(talk);
  const sockets = await readSockets(talk);
  const sessions = new Set(sockets.endpoints.filter(isBgp).map(({ told }) => told.remote));
  // A session of a peer is watched as what it is: a socket.
  const others = peers.peers.filter(({ remote, what }) => what !== 'bgp-peer' || !sessions.has(remote)).flatMap(peer => peerEndpoint(peer, devices) ?? []);
  const nexthops = [...gateways].flatMap(gateway => nexthopEndpoint(gateway, devices) ?? []);
  const marks = sockets.endpoints.length > 0 && sockets.endpoints.every(({ socket }) => socket?.hasMark === false) ? ['marks of sockets: the kernel tells them with CAP_NET_ADMIN only'] : [];
  const all = [...others, ...devices.endpoints, ...nexthops, ...sockets.endpoints.filter(isBgp), ...sockets.endpoints.filter(one => !isBgp(one))];
  return { endpoints: [...new Map(all.map(one => [one.told.id, one])).values()], unchecked: [...sockets.unchecked, ...marks, ...devices.unchecked, ...peers.unchecked] };
}

const isBgp = ({ told }: Endpoint): boolean => told.what === 'tcp' && (told.remotePort === BGP_PORT || told.localPort === BGP_PORT);

function peerEndpoint({ what, remote, local, vrf, state, daemon }: DaemonPeers['peers'][number], { byName, vrfOf }: Devices): Endpoint | undefined {
  const device = vrf === undefined ? undefined : byName.get(vrf);
  if (vrf !== undefined && device === undefined) return undefined;
  const asked = /^fe[89ab]/i.test(remote) ? undefined : questionOf(remote, local, { oif: vrfOf(device) ?? device });
  return asked === undefined ? undefined : {
    told: { id: `${what}/${vrf ?? ''}/${remote}`, what, remote, ...(local === undefined ? {} : { local }), ...(device === undefined ? {} : { ifindex: device }), name: daemon.name, state }, ...asked, pid: daemon.pid,
  };
}

function nexthopEndpoint({ address, ifindex, routes }: Gateway, { vrfOf }: Devices): Endpoint | undefined {
  const asked = questionOf(address, undefined, { oif: vrfOf(ifindex) });
  return asked === undefined ? undefined : { told: { id: `nexthop/${ifindex}/${address}`, what: 'nexthop', remote: address, ifindex, routes: [...routes] }, ...asked };
}

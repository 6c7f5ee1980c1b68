import type { DaemonPeers } from './daemons.ts';
import { questionOf, type Endpoint } from './endpoint.ts';
import type { Devices } from './tunnels.ts';

type DaemonPeer = DaemonPeers['peers'][number];
const BGP_PORT = 179;

export const isBgp = ({ told }: Endpoint): boolean => told.what === 'tcp' && (told.remotePort === BGP_PORT || told.localPort === BGP_PORT);

/** VRFs may have neighbours with the same address. */
const neighbourOf = (remote: string, vrf: number | undefined): string => `${vrf ?? ''} ${remote}`;
const deviceOf = ({ device, vrf }: DaemonPeer, { byName }: Devices): number | 'gone' | undefined => {
  // What is bound to a device is so in its VRF, too.
  const name = device ?? vrf;
  return name === undefined ? undefined : byName.get(name) ?? 'gone';
};

/** A socket with what only the devices of its namespace tell. */
export function socketEndpoint(endpoint: Endpoint, { vrfOf }: Devices): Endpoint {
  const { told: { remote, ifindex } } = endpoint;
  return { ...endpoint, ...bound(ifindex, vrfOf), ...(isBgp(endpoint) ? { neighbour: neighbourOf(remote, vrfOf(ifindex)) } : {}) };
}

const bound = (ifindex: number | undefined, vrfOf: Devices['vrfOf']): Pick<Endpoint, 'isBound'> => ifindex === undefined || vrfOf(ifindex) === ifindex ? {} : { isBound: true };

/** The peers that have no session among the sockets: those are watched as what they are. */
export function peerEndpoints({ peers }: DaemonPeers, sockets: readonly Endpoint[], devices: Devices, isAllSeen: boolean): readonly Endpoint[] {
  const sessions = new Set(sockets.flatMap(({ neighbour }) => neighbour ?? []));
  return peers.flatMap(peer => {
    const { what, remote, local, vrf, device, state, daemon } = peer;
    const oif = deviceOf(peer, devices);
    if (oif === 'gone') return [];
    const neighbour = neighbourOf(remote, vrf === undefined ? undefined : devices.byName.get(vrf));
    // A session that the daemon told of ended meanwhile.
    if (what === 'bgp-peer' && (sessions.has(neighbour) || (isAllSeen && state === 'Established'))) return [];
    const asked = /^fe[89ab]/i.test(remote) ? undefined : questionOf(remote, local, { oif });
    return asked === undefined ? [] : [{
      told: { id: `${what}/${vrf ?? ''}/${device ?? ''}/${remote}`, what, remote, ...(local === undefined ? {} : { local }), ...(oif === undefined ? {} : { ifindex: oif }), name: daemon.name, state },
      ...asked, ...bound(oif, devices.vrfOf), ...(what === 'bgp-peer' ? { neighbour } : {}), pid: daemon.pid,
    }];
  });
}

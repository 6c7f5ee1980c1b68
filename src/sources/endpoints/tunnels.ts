import { AF_BRIDGE, AF_INET, AF_INET6 } from '../../netlink/address.ts';
import { NDMSG_BYTES, RTM } from '../../netlink/constants.ts';
import { decodeMessage } from '../../netlink/decode.ts';
import { decodeNeighbour } from '../../netlink/decode-lookup.ts';
import { neighboursRequest } from '../../netlink/lookup-requests.ts';
import { dumpRequest, request } from '../../netlink/requests.ts';
import { decodeForwarding, decodeTunnel, type TunnelEnd } from '../../netlink/tunnels.ts';
import { decodeGenericFamily, decodeWireguard, wireguardDeviceRequest, wireguardFamilyRequest } from '../../netlink/wireguard.ts';
import { NLM_F, type LinkMessage } from '../../model/rtnetlink.ts';
import { questionOf, type Endpoint } from './endpoint.ts';
import { ask, dumpAll, type Talk } from './talk.ts';

/** A VXLAN device learns an entry per address behind it: of one remote they are one endpoint. */
const FORWARDINGS = 20_000;
const NEIGHBOURS = 256;
/** NUD_REACHABLE, STALE, DELAY, PROBE and PERMANENT: somebody has answered there. */
const ANSWERED = 0x2 | 0x4 | 0x8 | 0x10 | 0x80;

/** What the devices of a namespace tell of it. */
export interface Devices {
  readonly endpoints: readonly Endpoint[];
  readonly unchecked: readonly string[];
  /** The VRF that a device is in, by ifindex. */
  readonly vrfOf: (ifindex: number | undefined) => number | undefined;
  /** Devices by name: VRFs are known to daemons by theirs. */
  readonly byName: ReadonlyMap<string, number>;
}

export async function readDevices(talk: Talk): Promise<Devices> {
  const messages = await dumpAll(talk, 'route', seq => dumpRequest({ type: RTM.GETLINK, answer: RTM.NEWLINK, family: 0 }, seq));
  const links = new Map<number, LinkMessage>();
  const ends: TunnelEnd[] = [];
  for (const bytes of typeof messages === 'number' ? [] : messages) {
    const link = decodeMessage(bytes);
    if (link.kind !== 'link') continue;
    links.set(link.ifindex, link);
    const end = decodeTunnel(bytes);
    if (end !== undefined) ends.push(end);
  }
  const vrfOf = (ifindex: number | undefined): number | undefined => {
    const master = ifindex === undefined ? undefined : links.get(ifindex)?.infoKind === 'vrf' ? ifindex : links.get(ifindex)?.master;
    return master !== undefined && links.get(master)?.infoKind === 'vrf' ? master : undefined;
  };
  const { peers, unchecked } = await readWireguard(talk, [...links.values()].filter(link => link.infoKind === 'wireguard'));
  const all = [...ends, ...await readForwardings(talk, links, ends), ...peers];
  const tunnels = all.flatMap(end => tunnelEndpoint(end, links.get(end.ifindex)?.name, vrfOf(end.link) ?? end.link) ?? []);
  return {
    endpoints: [...new Map([...tunnels, ...await readNeighbours(talk, vrfOf)].map(one => [one.told.id, one])).values()], unchecked, vrfOf,
    byName: new Map([...links.values()].flatMap(link => link.name === undefined ? [] : [[link.name, link.ifindex] as const])),
  };
}

function tunnelEndpoint({ ifindex, type, remote, local, mark }: TunnelEnd, name: string | undefined, oif: number | undefined): Endpoint | undefined {
  const asked = questionOf(remote, local, { oif, mark });
  return asked === undefined ? undefined : {
    told: { id: `tunnel/${ifindex}/${remote}`, what: 'tunnel', remote, ...(local === undefined ? {} : { local }), ...(oif === undefined ? {} : { ifindex: oif }), name: `${type} ${name ?? ifindex}` }, ...asked,
  };
}

/** Remotes in the forwarding tables of VXLAN devices: those of EVPN stand nowhere else. */
async function readForwardings(talk: Talk, links: ReadonlyMap<number, LinkMessage>, ends: readonly TunnelEnd[]): Promise<readonly TunnelEnd[]> {
  const isVxlan = ({ infoKind }: Pick<LinkMessage, 'infoKind'>): boolean => infoKind === 'vxlan';
  if (![...links.values()].some(isVxlan)) return [];
  const messages = await dumpAll(talk, 'route', seq => request({ type: RTM.GETNEIGH, flags: NLM_F.DUMP, seq, family: AF_BRIDGE, structBytes: NDMSG_BYTES, attributes: [] }));
  const found = new Map<string, TunnelEnd>();
  for (const bytes of typeof messages === 'number' ? [] : messages.slice(0, FORWARDINGS)) {
    const entry = decodeForwarding(bytes);
    const link = entry === undefined ? undefined : links.get(entry.ifindex);
    if (entry === undefined || link === undefined || !isVxlan(link)) continue;
    const { local, link: below } = ends.find(({ ifindex }) => ifindex === entry.ifindex) ?? {};
    found.set(`${entry.ifindex}/${entry.remote}`, { ...entry, type: 'vxlan', ...(local === undefined ? {} : { local }), ...(below === undefined ? {} : { link: below }) });
  }
  return [...found.values()];
}

async function readWireguard(talk: Talk, devices: readonly LinkMessage[]): Promise<{ readonly peers: readonly TunnelEnd[]; readonly unchecked: readonly string[] }> {
  if (devices.length === 0) return { peers: [], unchecked: [] };
  const told = ask(talk.generic, wireguardFamilyRequest);
  const family = told === undefined ? undefined : decodeGenericFamily(told);
  const peers: TunnelEnd[] = [];
  let isRefused = family === undefined;
  for (const { ifindex } of family === undefined ? [] : devices) {
    const messages = await dumpAll(talk, 'generic', seq => wireguardDeviceRequest(family ?? 0, ifindex, seq));
    if (typeof messages === 'number') { isRefused = true; continue; }
    for (const bytes of messages) {
      const { mark, remotes = [] } = decodeWireguard(bytes, family ?? 0) ?? {};
      for (const remote of remotes) peers.push({ ifindex, type: 'wireguard', remote, ...(mark === undefined ? {} : { mark }) });
    }
  }
  return { peers, unchecked: isRefused ? ['WireGuard peers: the kernel tells them with CAP_NET_ADMIN only'] : [] };
}

async function readNeighbours(talk: Talk, vrfOf: Devices['vrfOf']): Promise<readonly Endpoint[]> {
  const found: Endpoint[] = [];
  for (const [family, af] of [['ipv4', AF_INET], ['ipv6', AF_INET6]] as const) {
    const messages = await dumpAll(talk, 'route', seq => neighboursRequest(family, seq));
    for (const bytes of typeof messages === 'number' ? [] : messages) {
      const neighbour = bytes[16] === af ? decodeNeighbour(bytes) : undefined;
      if (neighbour === undefined || (neighbour.state & ANSWERED) === 0 || /^fe[89ab]/i.test(neighbour.address) || found.length >= NEIGHBOURS) continue;
      const { address, ifindex } = neighbour;
      const asked = questionOf(address, undefined, { oif: vrfOf(ifindex) });
      if (asked !== undefined) found.push({ told: { id: `neighbour/${ifindex}/${address}`, what: 'neighbour', remote: address, ifindex }, ...asked });
    }
  }
  return found;
}

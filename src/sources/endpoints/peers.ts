/** What a routing daemon says of one of its neighbours. */
export interface Peer {
  readonly what: 'bgp-peer' | 'bfd-peer';
  readonly remote: string;
  readonly local?: string;
  /** Name of the VRF, but for the default one. */
  readonly vrf?: string;
  /** Name of the device that the daemon's packets are bound to. */
  readonly device?: string;
  readonly state: string;
}

type Json = Readonly<Record<string, unknown>>;
/** undefined: that is not what was asked for; a message, or another version of the daemon. */
type Read<T> = readonly T[] | undefined;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (object: Json, ...keys: readonly string[]): string | undefined => keys.map(key => object[key]).find(value => typeof value === 'string');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isAddress = (text: string): boolean => /^[\da-f.:]*[.:][\da-f.:]*$/i.test(text);
const inVrf = (name: string | undefined): Pick<Peer, 'vrf'> => name === undefined || name === 'default' || name === '' ? {} : { vrf: name };
const fromLocal = (local: string | undefined): Pick<Peer, 'local'> => local === undefined || !isAddress(local) ? {} : { local };

/** `show bgp vrf all neighbors json` of FRR: by VRF, then by neighbour. Those that are switched off are none. Never throws. */
export function bgpPeersOf(text: string): Read<Peer> {
  const all = parse(text);
  if (!isObject(all)) return undefined;
  return Object.entries(all).flatMap(([name, vrf]) => isObject(vrf) ? Object.entries(vrf).flatMap(([key, neighbour]) => {
    const state = isObject(neighbour) ? textIn(neighbour, 'bgpState') : undefined;
    if (!isObject(neighbour) || state === undefined || neighbour['adminShutDown'] === true) return [];
    // Of an unnumbered neighbour the key is a device.
    const remote = isAddress(key) ? key : textIn(neighbour, 'bgpNeighborAddr', 'hostForeign');
    const local = state === 'Established' ? textIn(neighbour, 'hostLocal') : undefined;
    // The default VRF may be called otherwise (-o).
    const where = vrf['vrfId'] === 0 ? {} : inVrf(textIn(vrf, 'vrfName') ?? name);
    return remote === undefined || !isAddress(remote) ? [] : [{ what: 'bgp-peer' as const, remote, ...fromLocal(local), ...where, state }];
  }) : []);
}

/** `show bfd peers json` of FRR. Never throws. */
export function bfdPeersOf(text: string): Read<Peer> {
  const all = parse(text);
  if (!Array.isArray(all)) return undefined;
  return all.flatMap((one: unknown) => {
    const remote = isObject(one) ? textIn(one, 'peer') : undefined;
    if (!isObject(one) || remote === undefined || !isAddress(remote) || textIn(one, 'status') === 'shutdown') return [];
    const device = textIn(one, 'interface');
    return [{ what: 'bfd-peer' as const, remote, ...fromLocal(textIn(one, 'local')), ...inVrf(textIn(one, 'vrf')), ...(device === undefined ? {} : { device }), state: textIn(one, 'status') ?? 'unknown' }];
  });
}

interface Protocol { readonly name: string; readonly type: string; readonly state: string; readonly value: (name: string) => string | undefined }

/** `show protocols all` of BIRD: a protocol begins at the margin. */
function protocolsOf(text: string): Read<Protocol> {
  const [head, table] = text.split(/^Name +Proto .*\n/m);
  if (head === undefined || table === undefined) return undefined;
  return table.split(/\n(?=\S)/).flatMap(part => {
    const [, name = '', type = '', state = ''] = /^(\S+) +(\S+) +\S+ +(\S+)/.exec(part) ?? [];
    return name === '' ? [] : [{ name, type, state, value: key => new RegExp(`^\\s+${key}:\\s+(\\S+)`, 'm').exec(part)?.[1] }];
  });
}

/** The BGP neighbours of `show protocols all`. Those that are switched off are none, nor are ranges. Never throws. */
export const birdPeersOf = (text: string): Read<Peer> => protocolsOf(text)?.flatMap(({ type, state, value }) => {
  const [address] = value('Neighbor address')?.split('%') ?? [];
  if (type !== 'BGP' || state === 'down' || address === undefined || !isAddress(address)) return [];
  return [{ what: 'bgp-peer' as const, remote: address, ...fromLocal(value('Source address')), ...inVrf(value('VRF')), state: value('BGP state') ?? 'unknown' }];
});

/** The BFD protocols of `show protocols all`: each has sessions of its own, in its VRF. Never throws. */
export const bfdProtocolsOf = (text: string): Read<Pick<Peer, 'vrf'> & { readonly name: string }> =>
  protocolsOf(text)?.flatMap(({ name, type, state, value }) => type === 'BFD' && state !== 'down' && /^[\w.:-]+$/.test(name) ? [{ name, ...inVrf(value('VRF')) }] : []);

/** `show bfd sessions` of BIRD, of one protocol. Never throws. */
export function birdSessionsOf(text: string): Read<Peer> {
  const [head, table] = text.split(/^IP address +Interface +State .*(?:\n|$)/m);
  if (head === undefined || table === undefined) return undefined;
  return table.split('\n').flatMap(line => {
    const [, address = '', device = '', state = ''] = /^([^\s%]+)\S* +(\S+) +(\S+)/.exec(line) ?? [];
    return !isAddress(address) || state === 'AdminDown' ? [] : [{ what: 'bfd-peer' as const, remote: address, ...(device === '---' ? {} : { device }), state }];
  });
}

/** What a routing daemon says of one of its neighbours. */
export interface Peer {
  readonly what: 'bgp-peer' | 'bfd-peer';
  readonly remote: string;
  readonly local?: string;
  /** Name of the VRF, but for the default one. */
  readonly vrf?: string;
  readonly state: string;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const textIn = (object: Json, ...keys: readonly string[]): string | undefined => keys.map(key => object[key]).find(value => typeof value === 'string');

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Another version of the daemon, or a message of it.
    return undefined;
  }
}

const isAddress = (text: string): boolean => /^[\da-f.:]*[.:][\da-f.:]*$/i.test(text);
const inVrf = (name: string | undefined): Pick<Peer, 'vrf'> => name === undefined || name === 'default' || name === '' ? {} : { vrf: name };

/** `show bgp vrf all neighbors json` of FRR: by VRF, then by neighbour. Never throws. */
export function bgpPeersOf(text: string): readonly Peer[] {
  const all = parse(text);
  if (!isObject(all)) return [];
  return Object.entries(all).flatMap(([name, vrf]) => isObject(vrf) ? Object.entries(vrf).flatMap(([key, neighbour]) => {
    const state = isObject(neighbour) ? textIn(neighbour, 'bgpState') : undefined;
    if (!isObject(neighbour) || state === undefined) return [];
    // Of an unnumbered neighbour the key is a device.
    const remote = isAddress(key) ? key : textIn(neighbour, 'bgpNeighborAddr', 'hostForeign');
    const local = state === 'Established' ? textIn(neighbour, 'hostLocal') : undefined;
    return remote === undefined || !isAddress(remote) ? [] : [{ what: 'bgp-peer' as const, remote, ...(local === undefined ? {} : { local }), ...inVrf(textIn(vrf, 'vrfName') ?? name), state }];
  }) : []);
}

/** `show bfd peers json` of FRR. Never throws. */
export function bfdPeersOf(text: string): readonly Peer[] {
  const all = parse(text);
  if (!Array.isArray(all)) return [];
  return all.flatMap((one: unknown) => {
    const remote = isObject(one) ? textIn(one, 'peer') : undefined;
    if (!isObject(one) || remote === undefined || !isAddress(remote)) return [];
    const local = textIn(one, 'local');
    return [{ what: 'bfd-peer' as const, remote, ...(local === undefined ? {} : { local }), ...inVrf(textIn(one, 'vrf')), state: textIn(one, 'status') ?? 'unknown' }];
  });
}

/** `show protocols all` of BIRD, as 2.0 prints it: a protocol begins at the margin. Never throws. */
export function birdPeersOf(text: string): readonly Peer[] {
  return text.split(/\n(?=\S)/).flatMap(part => {
    const value = (name: string): string | undefined => new RegExp(`^\\s+${name}:\\s+(\\S+)`, 'm').exec(part)?.[1];
    const remote = value('Neighbor address');
    const state = value('BGP state');
    if (remote === undefined || state === undefined) return [];
    const address = remote.split('%')[0] ?? '';
    const local = value('Source address');
    return isAddress(address) ? [{ what: 'bgp-peer' as const, remote: address, ...(local === undefined || !isAddress(local) ? {} : { local }), ...inVrf(value('VRF')), state }] : [];
  });
}

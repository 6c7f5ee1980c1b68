import { EXIT, RoutecauseError } from '../model/errors.ts';
import type { Situation } from '../lookup/situation.ts';
import { parseAddress, parsePrefix, type Address, type Prefix } from '../netlink/parse-address.ts';
import { formatAddress, networkOf } from '../netlink/prefix-text.ts';

/** What is asked of `why`, as a person gives it. */
export interface WhyQuestion {
  /** An address, with %DEVICE where it means little without, or a prefix. */
  readonly target: string;
  readonly from?: string;
  readonly vrf?: string;
  readonly mark?: number;
  /** A file made by `routecause record`. */
  readonly recording?: string;
}

export interface Target { readonly address?: Address; readonly prefix?: Prefix; readonly zone?: string; readonly caveat?: string }

const usage = (message: string, remedy: string): RoutecauseError => new RoutecauseError(message, remedy, { exitCode: EXIT.usage });

/** @throws RoutecauseError for what is neither an address nor a prefix */
export function parseTarget(text: string): Target {
  const [, host = '', zone] = /^([^%]*)%([^/]+)$/.exec(text) ?? [undefined, text];
  const address = parseAddress(host);
  if (address?.value === 0n) throw usage(`${host} stands for no destination`, `ask for an address, or for ${host}/0, the default route`);
  if (address !== undefined) return { address, ...(zone === undefined ? {} : { zone }) };
  const prefix = zone === undefined ? parsePrefix(host === 'default' ? '0.0.0.0/0' : host) : undefined;
  if (prefix !== undefined) {
    const network = networkOf(formatAddress(prefix), prefix.length) ?? host;
    const whole = parsePrefix(network) ?? prefix;
    return { prefix: whole, ...(whole.value === prefix.value ? {} : { caveat: `${host} was taken for ${network}: bits behind the length do not count.` }) };
  }
  throw notAnAddress(text);
}

function notAnAddress(text: string): RoutecauseError {
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(text) && /[a-z]/i.test(text)) {
    return usage(`${text} is a name, and routes know only addresses`, `ask for one of its addresses: getent ahosts ${text}`);
  }
  return usage(`${text} is neither an address nor a prefix`, 'give one such as 192.0.2.1, 2001:db8::1, fe80::1%eth0 or 192.0.2.0/24');
}

/** The source address. @throws RoutecauseError */
export function parseFrom(text: string | undefined, family: Address['family']): Address | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (address === undefined) throw usage(`--from ${text} is no address`, 'give one of this host\'s addresses: ip address show');
  if (address.family !== family) throw usage(`--from ${text} is of another family than the destination`, `give an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address of this host: ip address show`);
  return address;
}

/** The device that the question is bound to: a VRF, or that of the zone. @throws RoutecauseError where there is none */
export function deviceFor({ vrf, zone }: { readonly vrf?: string | undefined; readonly zone?: string | undefined }, { links }: Situation): number | undefined {
  const find = (name: string) => [...links.values()].find(link => link.name === name);
  if (vrf !== undefined) {
    const link = find(vrf);
    if (link?.infoKind === 'vrf') return link.ifindex;
    throw link === undefined ? usage(`there is no VRF ${vrf} in this namespace`, 'list them with: ip vrf show') : usage(`${vrf} is a device, but no VRF`, 'list them with: ip vrf show');
  }
  if (zone === undefined) return undefined;
  const link = find(zone) ?? links.get(Number(zone));
  if (link === undefined) throw usage(`there is no device ${zone} in this namespace`, 'list them with: ip link show');
  return link.ifindex;
}

import type { RouteException } from '../model/attribution.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { AF_INET, addressOfBytes } from '../netlink/address.ts';
import { netnsOf } from './removal.ts';

/** rtnetlink's RTF_*: a gateway is used; the exception is from a redirect, not from a path MTU. */
const RTF_GATEWAY = 0x2;
const RTF_MODIFIED = 0x20;

/** What a probe could read of an exception, but for the packet it came from. */
export function exceptionOf(record: ProbeObservation): RouteException | undefined {
  const { fields, time } = record;
  const netns = netnsOf(record);
  const dst = addressOf(record, 'dst');
  if (netns === undefined || dst === undefined) return undefined;
  const isIpv4 = fields.family === AF_INET;
  // IPv4 tells the two apart by what is given, IPv6 by flags; rt6_do_update_pmtu knows only one of them.
  const isRedirect = isIpv4 ? fields.mtu === 0 : fields.rtflags !== undefined && (fields.rtflags & RTF_MODIFIED) === 0;
  const hasGateway = isIpv4 || ((fields.rtflags ?? 0) & RTF_GATEWAY) !== 0;
  const gateway = isRedirect && hasGateway ? addressOf(record, 'gateway') : undefined;
  const { mtu, ifindex, lifetime } = fields;
  if (!isRedirect && (mtu === undefined || mtu === 0)) return undefined;
  return {
    netns, time, event: isRedirect ? 'redirect' : 'path-mtu', family: isIpv4 ? 'ipv4' : 'ipv6', dst: `${dst}/${isIpv4 ? 32 : 128}`,
    ...(gateway === undefined ? {} : { gateway }), ...(isRedirect || mtu === undefined ? {} : { mtu }),
    ...(ifindex === undefined ? {} : { ifindex }), ...(lifetime === undefined || lifetime === 0 ? {} : { expiresSec: lifetime }),
  };
}

export const addressOf = ({ fields }: ProbeObservation, name: 'dst' | 'gateway' | 'src' | 'quoted'): string | undefined => addressOfBytes(fields[name], fields.family);

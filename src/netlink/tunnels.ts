import { AF_BRIDGE, formatIpv4, formatIpv6 } from './address.ts';
import { HEADER_BYTES, IFINFOMSG_BYTES, IFLA, IFLA_INFO, NDA_DST, NDMSG_BYTES, RTM } from './constants.ts';
import { findAttribute, HOST_LITTLE_ENDIAN, payloadEnd, payloadLength, payloadStart, readText, readU32, wireOf } from './wire.ts';
import type { Wire } from './wire.ts';

/** Where a tunnel device sends what goes into it. */
export interface TunnelEnd {
  readonly ifindex: number;
  /** IFLA_INFO_KIND: "vxlan", "gre"... */
  readonly type: string;
  readonly remote: string;
  /** Absent: the source address is chosen by the route. */
  readonly local?: string;
  /** The device below, where it is bound to one. */
  readonly link?: number;
  readonly mark?: number;
}

interface Layout { readonly link?: number; readonly local: readonly number[]; readonly remote: readonly number[]; readonly mark?: number }

/** include/uapi/linux/if_link.h IFLA_VXLAN_*, IFLA_GENEVE_*; include/uapi/linux/if_tunnel.h IFLA_GRE_*, IFLA_IPTUN_*, IFLA_VTI_*. */
const GRE: Layout = { link: 1, local: [6], remote: [7], mark: 20 };
const IPTUN: Layout = { link: 1, local: [2], remote: [3], mark: 20 };
const VTI: Layout = { link: 1, local: [4], remote: [5], mark: 6 };
const LAYOUTS: Readonly<Record<string, Layout>> = {
  vxlan: { link: 3, local: [4, 17], remote: [2, 16] }, geneve: { local: [], remote: [2, 7] },
  gre: GRE, gretap: GRE, erspan: GRE, ip6gre: GRE, ip6gretap: GRE, ip6erspan: GRE,
  ipip: IPTUN, sit: IPTUN, ip6tnl: IPTUN, vti: VTI, vti6: VTI,
};

/** Of an RTM_NEWLINK; undefined: no tunnel, or one without a fixed remote. Never throws. */
export function decodeTunnel(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): TunnelEnd | undefined {
  if (bytes.length < HEADER_BYTES + IFINFOMSG_BYTES) return undefined;
  const wire = wireOf(bytes, little);
  if (wire.view.getUint16(4, little) !== RTM.NEWLINK) return undefined;
  const info = findAttribute(wire, HEADER_BYTES + IFINFOMSG_BYTES, bytes.length, IFLA.LINKINFO);
  if (info < 0) return undefined;
  const [kind, data] = [IFLA_INFO.KIND, IFLA_INFO.DATA].map(type => findAttribute(wire, payloadStart(info), payloadEnd(wire, info), type));
  if (kind === undefined || data === undefined || kind < 0 || data < 0) return undefined;
  const type = readText(wire, kind);
  const layout = Object.hasOwn(LAYOUTS, type) ? LAYOUTS[type] : undefined;
  const remote = layout && addressIn(wire, data, layout.remote);
  if (layout === undefined || remote === undefined || isMulticast(remote)) return undefined;
  const local = addressIn(wire, data, layout.local);
  const link = numberIn(wire, data, layout.link);
  const mark = numberIn(wire, data, layout.mark);
  return {
    ifindex: wire.view.getInt32(HEADER_BYTES + 4, little), type, remote,
    ...(local === undefined ? {} : { local }), ...(link === undefined ? {} : { link }), ...(mark === undefined ? {} : { mark }),
  };
}

/** Of an RTM_NEWNEIGH of a bridge's forwarding table: where a VXLAN device sends frames for one address (NDA_DST). Never throws. */
export function decodeForwarding(bytes: Uint8Array, little = HOST_LITTLE_ENDIAN): { readonly ifindex: number; readonly remote: string } | undefined {
  if (bytes.length < HEADER_BYTES + NDMSG_BYTES) return undefined;
  const wire = wireOf(bytes, little);
  if (wire.view.getUint16(4, little) !== RTM.NEWNEIGH || wire.view.getUint8(HEADER_BYTES) !== AF_BRIDGE) return undefined;
  const at = findAttribute(wire, HEADER_BYTES + NDMSG_BYTES, bytes.length, NDA_DST);
  const remote = at < 0 ? undefined : addressAt(wire, at);
  return remote === undefined || isMulticast(remote) ? undefined : { ifindex: wire.view.getInt32(HEADER_BYTES + 4, little), remote };
}

function addressIn(wire: Wire, data: number, types: readonly number[]): string | undefined {
  for (const type of types) {
    const at = findAttribute(wire, payloadStart(data), payloadEnd(wire, data), type);
    const address = at < 0 ? undefined : addressAt(wire, at);
    if (address !== undefined) return address;
  }
  return undefined;
}

/** undefined, too, for the unspecified address. */
function addressAt(wire: Wire, at: number): string | undefined {
  const payload = wire.bytes.subarray(payloadStart(at), payloadEnd(wire, at));
  if (payload.every(byte => byte === 0)) return undefined;
  return payload.length === 4 ? formatIpv4(payload, 0) : payload.length === 16 ? formatIpv6(payload, 0) : undefined;
}

function numberIn(wire: Wire, data: number, type: number | undefined): number | undefined {
  const at = type === undefined ? -1 : findAttribute(wire, payloadStart(data), payloadEnd(wire, data), type);
  const value = at < 0 || payloadLength(wire, at) < 4 ? 0 : readU32(wire, at, 0);
  return value === 0 ? undefined : value;
}

const isMulticast = (address: string): boolean => /^ff/i.test(address) || (!address.includes(':') && Number(address.split('.')[0]) >= 224);

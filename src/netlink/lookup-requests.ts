import type { Family } from '../model/route.ts';
import { NLM_F } from '../model/rtnetlink.ts';
import { AF_INET, AF_INET6 } from './address.ts';
import { NDMSG_BYTES, RTA, RTM, RTMSG_BYTES, RTM_F_FIB_MATCH, RTM_F_LOOKUP_TABLE } from './constants.ts';
import type { Address } from './parse-address.ts';
import { bytesOfAddress, familyBits } from './parse-address.ts';
import { bytesAttribute, request, u32Attribute } from './requests.ts';
import { HOST_LITTLE_ENDIAN } from './wire.ts';

/** What is asked of the kernel: where would a packet of this host go? */
export interface RouteQuestion {
  readonly dst: Address;
  readonly src?: Address;
  readonly oif?: number;
  readonly mark?: number;
  readonly tos?: number;
  readonly uid?: number;
  /** IPPROTO_*; without it no rule is asked for ports. */
  readonly ipProtocol?: number;
  readonly ports?: { readonly source: number; readonly destination: number };
  /** The entry of the table that answers, rather than what packets are sent by (which exceptions may change). */
  readonly fibMatch: boolean;
}

/** IPTOS_RT_MASK: kernels refuse other bits in the TOS of a lookup. */
const TOS_MASK = 0x1c;
const portBytes = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 255);
const afOf = (family: Family): number => (family === 'ipv4' ? AF_INET : AF_INET6);

/** RTM_GETROUTE for one destination (net/ipv4/route.c inet_rtm_getroute(), net/ipv6/route.c inet6_rtm_getroute()). */
export function routeGetRequest({ dst, src, oif, mark, tos, uid, ipProtocol, ports, fibMatch }: RouteQuestion, seq: number): Uint8Array {
  return request({
    type: RTM.GETROUTE, flags: 0, seq, family: afOf(dst.family), structBytes: RTMSG_BYTES,
    fill: rtmsg => {
      rtmsg.setUint8(1, familyBits(dst.family));
      if (src !== undefined) rtmsg.setUint8(2, familyBits(src.family));
      if (tos !== undefined && dst.family === 'ipv4') rtmsg.setUint8(3, tos & TOS_MASK);
      rtmsg.setUint32(8, RTM_F_LOOKUP_TABLE | (fibMatch ? RTM_F_FIB_MATCH : 0), HOST_LITTLE_ENDIAN);
    },
    attributes: [
      bytesAttribute(RTA.DST, bytesOfAddress(dst)),
      ...(src === undefined ? [] : [bytesAttribute(RTA.SRC, bytesOfAddress(src))]),
      ...(oif === undefined ? [] : [u32Attribute(RTA.OIF, oif)]),
      ...(mark === undefined ? [] : [u32Attribute(RTA.MARK, mark)]),
      ...(uid === undefined ? [] : [u32Attribute(RTA.UID, uid)]),
      ...(ipProtocol === undefined ? [] : [bytesAttribute(RTA.IP_PROTO, Uint8Array.of(ipProtocol))]),
      ...(ports === undefined ? [] : [bytesAttribute(RTA.SPORT, portBytes(ports.source)), bytesAttribute(RTA.DPORT, portBytes(ports.destination))]),
    ],
  });
}

/** All neighbours of one family. */
export const neighboursRequest = (family: Family, seq: number): Uint8Array =>
  request({ type: RTM.GETNEIGH, flags: NLM_F.DUMP, seq, family: afOf(family), structBytes: NDMSG_BYTES, attributes: [] });

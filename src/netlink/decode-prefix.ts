import type { NlHeader, OtherMessage, PrefixMessage } from '../model/rtnetlink.ts';
import { addressBytes, readAddress } from './address.ts';
import { PREFIX } from './constants.ts';
import { tooShort, undecodable } from './other.ts';
import type { Wire } from './wire.ts';
import { findAttribute, payloadLength, payloadStart } from './wire.ts';

/** `struct prefixmsg`. */
const PREFIXMSG_BYTES = 12;
const IF_PREFIX_AUTOCONF = 2;
const FOREVER = 0xffff_ffff;

/** RTM_NEWPREFIX (net/ipv6/addrconf.c inet6_fill_prefix()). */
export function decodePrefix(wire: Wire, header: NlHeader, at: number, end: number): PrefixMessage | OtherMessage {
  if (at + PREFIXMSG_BYTES > end) return tooShort(header, 'prefixmsg');
  const length = wire.view.getUint8(at + 9);
  const found = findAttribute(wire, at + PREFIXMSG_BYTES, end, PREFIX.ADDRESS);
  const address = found < 0 ? undefined : readAddress(wire, found, 'ipv6');
  if (address === undefined || length > addressBytes('ipv6') * 8) return undecodable(header, 'no PREFIX_ADDRESS');
  const times = findAttribute(wire, at + PREFIXMSG_BYTES, end, PREFIX.CACHEINFO);
  // struct prefix_cacheinfo: preferred, valid.
  const valid = times < 0 || payloadLength(wire, times) < 8 ? FOREVER : wire.view.getUint32(payloadStart(times) + 4, wire.little);
  return { kind: 'prefix', header, ifindex: wire.view.getInt32(at + 4, wire.little), prefix: `${address}/${length}`, autoconf: (wire.view.getUint8(at + 10) & IF_PREFIX_AUTOCONF) !== 0, ...(valid === FOREVER ? {} : { validSec: valid }) };
}

import type { AddressMessage, AnycastMessage, NlHeader, OtherMessage } from '../model/rtnetlink.ts';
import { addressBytes, familyOf, readAddress } from './address.ts';
import { IFA, RTM } from './constants.ts';
import type { Mutable } from './mutable.ts';
import { notOurs, tooShort, undecodable } from './other.ts';
import type { Wire } from './wire.ts';
import { attributeType, findAttribute, hasAttribute, nextAttribute, payloadLength, payloadStart, readText, readU32, readU8 } from './wire.ts';

/** `struct ifaddrmsg`. */
const IFADDRMSG_BYTES = 8;
/** INFINITY_LIFE_TIME of `struct ifa_cacheinfo`. */
const FOREVER = 0xffff_ffff;

/** RTM_NEWADDR and RTM_DELADDR (net/ipv4/devinet.c inet_fill_ifaddr(), net/ipv6/addrconf.c inet6_fill_ifaddr()). */
export function decodeAddress(wire: Wire, header: NlHeader, at: number, end: number): AddressMessage | OtherMessage {
  if (at + IFADDRMSG_BYTES > end) return tooShort(header, 'ifaddrmsg');
  const family = familyOf(wire.view.getUint8(at));
  if (family === undefined) return notOurs(header);
  const prefixLength = wire.view.getUint8(at + 1);
  if (prefixLength > addressBytes(family) * 8) return undecodable(header, `prefix length ${prefixLength} of an ${family} address`);
  const message: Mutable<AddressMessage> = {
    kind: 'address', deleted: header.type === RTM.DELADDR, header, family,
    ifindex: wire.view.getInt32(at + 4, wire.little), address: '', prefixLength,
    scope: wire.view.getUint8(at + 3), flags: wire.view.getUint8(at + 2),
  };
  let local: string | undefined;
  let address: string | undefined;
  for (let a = at + IFADDRMSG_BYTES; hasAttribute(wire, a, end); a = nextAttribute(wire, a)) {
    const type = attributeType(wire, a);
    if (type === IFA.LOCAL) local = readAddress(wire, a, family);
    else if (type === IFA.ADDRESS) address = readAddress(wire, a, family);
    else setAttribute(wire, a, message);
  }
  const own = local ?? address;
  if (own === undefined) return undecodable(header, 'no IFA_LOCAL and no IFA_ADDRESS');
  message.address = own;
  if (address !== undefined && address !== own) message.peer = address;
  return message;
}

function setAttribute(wire: Wire, at: number, message: Mutable<AddressMessage>): void {
  switch (attributeType(wire, at)) {
    case IFA.LABEL: message.label = readText(wire, at); break;
    case IFA.FLAGS: message.flags = readU32(wire, at, message.flags); break;
    case IFA.PROTO: message.protocol = readU8(wire, at, 0); break;
    case IFA.RT_PRIORITY: message.metric = readU32(wire, at, 0); break;
    case IFA.BROADCAST: {
      const broadcast = readAddress(wire, at, message.family);
      if (broadcast !== undefined) message.broadcast = broadcast;
      break;
    }
    case IFA.CACHEINFO: setLifetimes(wire, at, message); break;
    default: break;
  }
}

/** `struct ifa_cacheinfo`: preferred, valid, created, updated. */
function setLifetimes(wire: Wire, at: number, message: Mutable<AddressMessage>): void {
  if (payloadLength(wire, at) < 8) return;
  const preferred = wire.view.getUint32(payloadStart(at), wire.little);
  const valid = wire.view.getUint32(payloadStart(at) + 4, wire.little);
  if (preferred !== FOREVER) message.preferredSec = preferred;
  if (valid !== FOREVER) message.validSec = valid;
}

/** RTM_NEWANYCAST and RTM_DELANYCAST (net/ipv6/addrconf.c inet6_fill_ifacaddr()). */
export function decodeAnycast(wire: Wire, header: NlHeader, at: number, end: number): AnycastMessage | OtherMessage {
  if (at + IFADDRMSG_BYTES > end) return tooShort(header, 'ifaddrmsg');
  if (familyOf(wire.view.getUint8(at)) !== 'ipv6') return notOurs(header);
  const found = findAttribute(wire, at + IFADDRMSG_BYTES, end, IFA.ANYCAST);
  const address = found < 0 ? undefined : readAddress(wire, found, 'ipv6');
  if (address === undefined) return undecodable(header, 'no IFA_ANYCAST');
  return { kind: 'anycast', deleted: header.type === RTM.DELANYCAST, header, ifindex: wire.view.getInt32(at + 4, wire.little), address };
}

import type { NlHeader, OtherMessage, RuleMessage } from '../model/rtnetlink.ts';
import { addressBytes, familyOf, readAddress } from './address.ts';
import { FRA, RTM } from './constants.ts';
import type { Mutable } from './mutable.ts';
import { notOurs, tooShort, undecodable } from './other.ts';
import type { Wire } from './wire.ts';
import { attributeType, hasAttribute, nextAttribute, payloadLength, payloadStart, readS32, readText, readU32, readU8 } from './wire.ts';

/** `struct fib_rule_hdr`. */
const RULE_BYTES = 12;
const FIB_RULE_INVERT = 2;

/** RTM_NEWRULE and RTM_DELRULE (net/core/fib_rules.c fib_nl_fill_rule()). */
export function decodeRule(wire: Wire, header: NlHeader, at: number, end: number): RuleMessage | OtherMessage {
  if (at + RULE_BYTES > end) return tooShort(header, 'fib_rule_hdr');
  const family = familyOf(wire.view.getUint8(at));
  if (family === undefined) return notOurs(header);
  const lengths = { dst: wire.view.getUint8(at + 1), src: wire.view.getUint8(at + 2) };
  if (Math.max(lengths.dst, lengths.src) > addressBytes(family) * 8) return undecodable(header, `prefix length ${Math.max(lengths.dst, lengths.src)} of an ${family} rule`);
  const rule: Mutable<RuleMessage> = {
    kind: 'rule', deleted: header.type === RTM.DELRULE, header, family,
    priority: 0, action: wire.view.getUint8(at + 7), table: wire.view.getUint8(at + 4),
  };
  const tos = wire.view.getUint8(at + 3);
  if (tos !== 0) rule.tos = tos;
  if ((wire.view.getUint32(at + 8, wire.little) & FIB_RULE_INVERT) !== 0) rule.invert = true;
  for (let a = at + RULE_BYTES; hasAttribute(wire, a, end); a = nextAttribute(wire, a)) setAttribute(wire, a, rule, lengths);
  return rule;
}

function setAttribute(wire: Wire, at: number, rule: Mutable<RuleMessage>, lengths: { readonly dst: number; readonly src: number }): void {
  switch (attributeType(wire, at)) {
    case FRA.PRIORITY: rule.priority = readU32(wire, at, 0); break;
    case FRA.TABLE: rule.table = readU32(wire, at, rule.table); break;
    case FRA.SRC: {
      const address = readAddress(wire, at, rule.family);
      if (address !== undefined) rule.src = `${address}/${lengths.src}`;
      break;
    }
    case FRA.DST: {
      const address = readAddress(wire, at, rule.family);
      if (address !== undefined) rule.dst = `${address}/${lengths.dst}`;
      break;
    }
    case FRA.IIFNAME: rule.iifname = readText(wire, at); break;
    case FRA.OIFNAME: rule.oifname = readText(wire, at); break;
    case FRA.FWMARK: rule.fwmark = readU32(wire, at, 0); break;
    case FRA.FWMASK: rule.fwmask = readU32(wire, at, 0); break;
    case FRA.PROTOCOL: rule.protocol = readU8(wire, at, 0); break;
    case FRA.L3MDEV: rule.l3mdev = readU8(wire, at, 0) !== 0; break;
    case FRA.GOTO: rule.goto = readU32(wire, at, 0); break;
    case FRA.SUPPRESS_PREFIXLEN: {
      // The kernel always sends it; -1 says that nothing is suppressed.
      const length = readS32(wire, at, -1);
      if (length >= 0) rule.suppressPrefixLength = length;
      break;
    }
    case FRA.SUPPRESS_IFGROUP: {
      const group = readS32(wire, at, -1);
      if (group >= 0) rule.suppressIfGroup = group;
      break;
    }
    case FRA.IP_PROTO: rule.ipProtocol = readU8(wire, at, 0); break;
    case FRA.SPORT_RANGE: {
      const range = readRange(wire, at, readU16At);
      if (range !== undefined) rule.sourcePorts = range;
      break;
    }
    case FRA.DPORT_RANGE: {
      const range = readRange(wire, at, readU16At);
      if (range !== undefined) rule.destinationPorts = range;
      break;
    }
    case FRA.UID_RANGE: {
      const range = readRange(wire, at, readU32At);
      if (range !== undefined) rule.uidRange = range;
      break;
    }
    case FRA.TUN_ID: if (payloadLength(wire, at) >= 8) rule.tunnelId = wire.view.getBigUint64(payloadStart(at), false); break;
    default: break;
  }
}

interface Reader { readonly size: number; readonly at: (wire: Wire, at: number) => number }

/** `struct fib_rule_port_range` and `struct fib_rule_uid_range`: two numbers in host order. */
function readRange(wire: Wire, at: number, read: Reader): readonly [number, number] | undefined {
  return payloadLength(wire, at) < 2 * read.size ? undefined : [read.at(wire, payloadStart(at)), read.at(wire, payloadStart(at) + read.size)];
}
const readU16At: Reader = { size: 2, at: (wire: Wire, at: number): number => wire.view.getUint16(at, wire.little) };
const readU32At: Reader = { size: 4, at: (wire: Wire, at: number): number => wire.view.getUint32(at, wire.little) };


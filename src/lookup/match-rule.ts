import type { RuleMessage } from '../model/rtnetlink.ts';
import { covers, parsePrefix } from '../netlink/parse-address.ts';
import type { LookupKey } from './flow.ts';
import type { Situation } from './situation.ts';

/** The selector of a rule that decides; `inverted`: it fits, and the rule says "not". */
export type Selector = 'from' | 'to' | 'iif' | 'oif' | 'fwmark' | 'tun_id' | 'l3mdev' | 'uidrange' | 'tos' | 'ipproto' | 'sport' | 'dport' | 'not';

/** Packets of this host come from lo, as rules see it. */
const LOOPBACK = 1;

/** Why the rule is passed over: the first selector that does not fit, in the kernel's order; undefined: it applies (net/core/fib_rules.c fib_rule_match()). */
export function misfit(rule: RuleMessage, key: LookupKey, situation: Situation): Selector | undefined {
  const unfit = firstUnfit(rule, key, situation);
  if (rule.invert !== true) return unfit;
  return unfit === undefined ? 'not' : undefined;
}

function firstUnfit(rule: RuleMessage, key: LookupKey, situation: Situation): Selector | undefined {
  const indexOf = (name: string): number | undefined => [...situation.links.values()].find(link => link.name === name)?.ifindex;
  // A VRF that was asked for is not left in the key as a device (l3mdev_update_flow()).
  if (rule.iifname !== undefined && indexOf(rule.iifname) !== LOOPBACK) return 'iif';
  if (rule.oifname !== undefined && (key.legDevice === undefined || indexOf(rule.oifname) !== key.legDevice)) return 'oif';
  const mask = rule.fwmask ?? (rule.fwmark === undefined ? 0 : 0xffff_ffff);
  if ((((rule.fwmark ?? 0) ^ key.mark) & mask) !== 0) return 'fwmark';
  if ((rule.tunnelId ?? 0n) !== 0n) return 'tun_id';
  if (rule.l3mdev === true && key.vrf === undefined) return 'l3mdev';
  if (rule.uidRange !== undefined && (key.uid < rule.uidRange[0] || key.uid > rule.uidRange[1])) return 'uidrange';
  if (rule.family === 'ipv6') return unfitTo(rule, key) ?? unfitFrom(rule, key) ?? unfitRest(rule, key);
  return unfitFrom(rule, key) ?? unfitTo(rule, key) ?? unfitRest(rule, key);
}

function unfitFrom({ src, family }: RuleMessage, key: LookupKey): Selector | undefined {
  const prefix = src === undefined ? undefined : parsePrefix(src);
  if (prefix === undefined || prefix.length === 0) return undefined;
  // No source was given: IPv4 compares with 0.0.0.0, IPv6 does not compare.
  const source = key.src ?? (family === 'ipv4' ? { family, value: 0n } : undefined);
  return source !== undefined && covers(prefix, source) ? undefined : 'from';
}

function unfitTo({ dst }: RuleMessage, key: LookupKey): Selector | undefined {
  const prefix = dst === undefined ? undefined : parsePrefix(dst);
  return prefix === undefined || covers(prefix, key.dst) ? undefined : 'to';
}

function unfitRest(rule: RuleMessage, key: LookupKey): Selector | undefined {
  if ((rule.tos ?? 0) !== 0) return 'tos';
  if (rule.ipProtocol !== undefined && rule.ipProtocol !== 0 && rule.ipProtocol !== key.ipProtocol) return 'ipproto';
  // The question names no ports; a range never begins with 0.
  if (isSet(rule.sourcePorts)) return 'sport';
  return isSet(rule.destinationPorts) ? 'dport' : undefined;
}

const isSet = (range: readonly [number, number] | undefined): boolean => range !== undefined && (range[0] !== 0 || range[1] !== 0);

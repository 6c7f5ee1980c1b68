import { ruleText } from '../causes/rule-words.ts';
import type { NameLookup, RuleChange } from '../model/attribution.ts';
import type { RuleOutput } from '../model/output.ts';
import { RULE_ACTIONS } from '../netlink/names.ts';
import type { Names } from './names.ts';

/** A rule with the names that people know its numbers by. */
export function ruleOutput({ rule, netns }: Pick<RuleChange, 'rule' | 'netns'>, lookup: NameLookup, names: Names): RuleOutput {
  const tableName = rule.table === 0 ? undefined : names.table(rule.table, lookup);
  const protocolName = rule.protocol === undefined ? undefined : names.protocol(rule.protocol);
  const netnsName = names.netns(netns);
  return {
    family: rule.family, priority: rule.priority, action: RULE_ACTIONS[rule.action] ?? String(rule.action),
    table: rule.table, ...present({ tableName, protocol: rule.protocol, protocolName }),
    ...(rule.invert === undefined ? {} : { not: rule.invert }),
    ...present({ from: rule.src, to: rule.dst, iif: rule.iifname, oif: rule.oifname, tos: rule.tos, fwmark: rule.fwmark, fwmask: rule.fwmask }),
    ...(rule.l3mdev === true ? { l3mdev: true as const } : {}),
    ...present({ uidrange: rule.uidRange, ipproto: rule.ipProtocol, sport: rule.sourcePorts, dport: rule.destinationPorts, tunId: rule.tunnelId?.toString() }),
    ...present({ goto: rule.goto, suppressPrefixLength: rule.suppressPrefixLength, suppressIfGroup: rule.suppressIfGroup }),
    text: ruleText(rule),
    netns: { inode: netns.inode, ...present({ name: netnsName }) },
  };
}

/** Only what is there. */
function present<T extends object>(fields: T): { [Key in keyof T]?: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [Key in keyof T]?: NonNullable<T[Key]> };
}

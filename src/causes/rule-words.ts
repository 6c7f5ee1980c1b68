import type { RuleMessage } from '../model/rtnetlink.ts';
import { RULE_ACTIONS, TABLES } from '../netlink/names.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;
const part = (word: string, value: string | number | undefined): string | undefined => value === undefined ? undefined : `${word} ${value}`;

/** A rule as iproute2 words it: "100: from 192.0.2.0/24 lookup 77". */
export function ruleText(rule: RuleMessage): string {
  const mark = rule.fwmark === undefined ? undefined
    : `fwmark ${hex(rule.fwmark)}${rule.fwmask === undefined || rule.fwmask === 0xffffffff ? '' : `/${hex(rule.fwmask)}`}`;
  return [
    `${rule.priority}:`, rule.invert === true ? 'not' : undefined, `from ${rule.src ?? 'all'}`, part('to', rule.dst),
    part('tos', rule.tos), mark, part('iif', rule.iifname), part('oif', rule.oifname), rule.l3mdev === true ? 'l3mdev' : undefined,
    rule.uidRange === undefined ? undefined : `uidrange ${rule.uidRange[0]}-${rule.uidRange[1]}`, part('ipproto', rule.ipProtocol),
    range('sport', rule.sourcePorts), range('dport', rule.destinationPorts), part('tun_id', rule.tunnelId?.toString()), actionText(rule),
    part('suppress_prefixlength', rule.suppressPrefixLength), part('suppress_ifgroup', rule.suppressIfGroup),
  ].filter(text => text !== undefined).join(' ');
}

const range = (word: string, ports: readonly [number, number] | undefined): string | undefined =>
  ports === undefined ? undefined : `${word} ${ports[0] === ports[1] ? ports[0] : `${ports[0]}-${ports[1]}`}`;

function actionText({ action, table, goto, l3mdev }: RuleMessage): string | undefined {
  const name = RULE_ACTIONS[action] ?? `action ${action}`;
  // A request to delete may leave it open.
  if (name === 'unspec') return undefined;
  if (name === 'goto') return `goto ${goto ?? '?'}`;
  if (name !== 'lookup') return name;
  return l3mdev === true ? undefined : `lookup ${TABLES[table] ?? table}`;
}

import { RTN, RT_TABLE, type Route } from '../model/route.ts';
import type { RuleMessage } from '../model/rtnetlink.ts';
import type { LookupKey } from './flow.ts';
import { misfit, type Selector } from './match-rule.ts';
import type { Situation } from './situation.ts';
import { lookUpTable, type TableAnswer } from './table.ts';
import { lengthOf } from './table-ipv4.ts';
import { isBlackholeObject, isReject } from './usable.ts';

/** What became of one rule. */
export type RuleOutcome =
  | { readonly kind: 'no-match'; readonly selector: Selector }
  | { readonly kind: 'goto' | 'nop' | 'unresolved-goto' }
  | { readonly kind: 'fell-through' | 'answered'; readonly table: number }
  | { readonly kind: 'throw'; readonly table: number; readonly route: Route }
  | { readonly kind: 'suppressed'; readonly table: number; readonly route: Route; readonly by: 'prefix-length' | 'interface-group' }
  | { readonly kind: 'rejected' }
  | { readonly kind: 'jumped-over' | 'not-asked' };

export interface RuleStep { readonly rule: RuleMessage; readonly outcome: RuleOutcome }

/** Where a lookup ends by the rules and tables as they were read. */
export interface Walk {
  readonly steps: readonly RuleStep[];
  /** What the tables that were asked had to say. */
  readonly asked: readonly { readonly table: number; readonly answer: TableAnswer }[];
  readonly winner?: Route;
  /** What a program gets: of a route that rejects, of a rule that does, or because nothing answered. */
  readonly errno?: number;
  /** Tables local and main were asked as one, as long as no rule has ever been added (IPv4). */
  readonly merged?: true;
  /** Nothing answered, or with an error; IPv4 then takes a destination to be on the link of the device that was asked for. */
  readonly assumedOnLink?: true;
}

const ERRNO = { EAGAIN: 11, EACCES: 13, EINVAL: 22, ENETUNREACH: 101, EHOSTUNREACH: 113 } as const;
const ACTION = { LOOKUP: 1, GOTO: 2, NOP: 3, UNREACHABLE: 7, PROHIBIT: 8 } as const;
/** Rules may lead in a circle only by a bug of the kernel; a hostile answer must not hang us. */
const MOST_STEPS = 40_000;

/** The last resort of net/ipv4/route.c ip_route_output_key_hash_rcu(): "apparently, routing tables are wrong". */
export function withLastResort(walk: Walk, { dst, legDevice, vrf }: LookupKey): Walk {
  if (dst.family !== 'ipv4' || legDevice === undefined || walk.errno === undefined || (vrf !== undefined && dst.value >> 28n !== 0b1110n)) return walk;
  const { winner: _, errno: __, ...rest } = walk;
  return { ...rest, assumedOnLink: true };
}

/** net/core/fib_rules.c fib_rules_lookup(), with the tables of IPv4 (fib4_rule_action()) or IPv6 (fib6_rule_action()). */
export function walkRules(key: LookupKey, situation: Situation): Walk {
  const { rules } = situation;
  const outcomes = new Map<RuleMessage, RuleOutcome>();
  const asked: Walk['asked'][number][] = [];
  const end = (result: Pick<Walk, 'winner' | 'errno'>): Walk =>
    ({ steps: rules.map((rule, index) => ({ rule, outcome: outcomes.get(rule) ?? { kind: index <= at ? 'jumped-over' : 'not-asked' } })), asked, ...result });
  let at = 0;
  for (let count = 0; at < rules.length && count < MOST_STEPS; count++, at++) {
    const rule = rules[at];
    if (rule === undefined) break;
    const selector = misfit(rule, key, situation);
    if (selector !== undefined) { outcomes.set(rule, { kind: 'no-match', selector }); continue; }
    if (rule.action === ACTION.NOP) { outcomes.set(rule, { kind: 'nop' }); continue; }
    if (rule.action === ACTION.GOTO) {
      const target = rules.findIndex(({ priority }) => priority === rule.goto);
      outcomes.set(rule, { kind: target > at ? 'goto' : 'unresolved-goto' });
      if (target > at) at = target - 1;
      continue;
    }
    if (rule.action !== ACTION.LOOKUP) {
      outcomes.set(rule, { kind: 'rejected' });
      return end({ errno: rule.action === ACTION.UNREACHABLE ? ERRNO.ENETUNREACH : rule.action === ACTION.PROHIBIT ? ERRNO.EACCES : ERRNO.EINVAL });
    }
    const table = rule.l3mdev === true ? key.vrf?.table ?? rule.table : rule.table;
    const answer = lookUpTable(situation.routes.filter(route => route.table === table), key, situation);
    asked.push({ table, answer });
    const outcome = outcomeOf(rule, table, answer, situation);
    outcomes.set(rule, outcome);
    if (outcome.kind === 'answered' && answer.hit !== undefined) return end(resultOf(answer.hit, situation));
  }
  return end({ errno: ERRNO.ENETUNREACH });
}

function outcomeOf(rule: RuleMessage, table: number, { hit }: TableAnswer, situation: Situation): RuleOutcome {
  if (hit === undefined) return { kind: 'fell-through', table };
  if (hit.type === RTN.THROW) return { kind: 'throw', table, route: hit };
  if (isReject(hit.type) || isBlackholeObject(hit, situation)) return { kind: 'answered', table };
  if (rule.suppressPrefixLength !== undefined && lengthOf(hit) <= rule.suppressPrefixLength) return { kind: 'suppressed', table, route: hit, by: 'prefix-length' };
  const ifindex = hit.nexthops[0]?.ifindex;
  const group = ifindex === undefined ? undefined : situation.links.get(ifindex)?.group;
  if (rule.suppressIfGroup !== undefined && group === rule.suppressIfGroup) return { kind: 'suppressed', table, route: hit, by: 'interface-group' };
  return { kind: 'answered', table };
}

/** fib_props[] of IPv4, fib6_prop[] of IPv6: the same numbers. */
const REJECTS: Readonly<Record<number, number>> = { 6: ERRNO.EINVAL, 7: ERRNO.EHOSTUNREACH, 8: ERRNO.EACCES, 9: ERRNO.EAGAIN };

function resultOf(winner: Route, situation: Situation): Pick<Walk, 'winner' | 'errno'> {
  const errno = isBlackholeObject(winner, situation) ? ERRNO.EINVAL : REJECTS[winner.type];
  return { winner, ...(errno === undefined ? {} : { errno }) };
}

/** The rules are those that every namespace begins with. */
export function hasDefaultRules({ rules, family }: Situation): boolean {
  const plain = rules.filter(rule => rule.action === ACTION.LOOKUP && rule.src === undefined && rule.dst === undefined && rule.fwmark === undefined && rule.l3mdev !== true && rule.invert !== true);
  const wanted = family === 'ipv4' ? '0 255, 32766 254, 32767 253' : '0 255, 32766 254';
  return plain.length === rules.length && rules.map(({ priority, table }) => `${priority} ${table}`).join(', ') === wanted;
}

/**
 * IPv4 keeps tables local and main in one trie until the first rule is added, and never parts with them after: a longer prefix in main
 * then goes before a shorter one in local (net/ipv4/fib_frontend.c fib_new_table(), fib_unmerge(); include/net/ip_fib.h fib_lookup()).
 */
export function walkMerged(key: LookupKey, situation: Situation): Walk {
  const isIn = (...tables: readonly number[]): readonly Route[] => situation.routes.filter(({ table }) => tables.includes(table));
  const first = lookUpTable(isIn(RT_TABLE.LOCAL, RT_TABLE.MAIN), key, situation);
  const second = first.hit === undefined || first.hit.type === RTN.THROW ? lookUpTable(isIn(RT_TABLE.DEFAULT), key, situation) : undefined;
  const hit = second === undefined ? first.hit : second.hit;
  const answeredBy = situation.rules.findIndex(({ table }) => table === hit?.table);
  const steps = situation.rules.map((rule, at): RuleStep => {
    if (at === answeredBy) return { rule, outcome: { kind: 'answered', table: rule.table } };
    return { rule, outcome: answeredBy < 0 || at < answeredBy ? { kind: 'fell-through', table: rule.table } : { kind: 'not-asked' } };
  });
  const asked = [{ table: first.hit?.table ?? RT_TABLE.MAIN, answer: first }, ...(second === undefined ? [] : [{ table: RT_TABLE.DEFAULT, answer: second }])];
  return { steps, asked, merged: true, ...(hit === undefined || hit.type === RTN.THROW ? { errno: ERRNO.ENETUNREACH } : resultOf(hit, situation)) };
}

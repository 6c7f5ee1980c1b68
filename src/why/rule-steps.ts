import { ruleOutput } from '../explanation/rule-output.ts';
import type { Selector } from '../lookup/match-rule.ts';
import type { RuleStep } from '../lookup/walk.ts';
import type { NetnsOutput } from '../model/output.ts';
import type { RuleStepOutput } from '../model/why.ts';
import type { Naming } from './input.ts';

export const SELECTORS: Readonly<Record<Selector, string>> = {
  from: 'it is for other sources', to: 'it is for other destinations', iif: 'it is for packets that came in by another device', oif: 'it is for sockets bound to a device',
  fwmark: 'it is for another mark', tun_id: 'it is for packets of a tunnel', l3mdev: 'it is for packets of a VRF', uidrange: 'it is for other users', tos: 'it is for another type of service',
  ipproto: 'it is for another IP protocol', sport: 'it is for certain source ports', dport: 'it is for certain destination ports', not: 'it is for what does not fit its selector',
};

/** Every rule in order, with what became of it. */
export const ruleSteps = (steps: readonly RuleStep[], netns: NetnsOutput, { lookup, names }: Naming): readonly RuleStepOutput[] => steps.map(({ rule, outcome }) => {
  const table = 'table' in outcome ? outcome.table : undefined;
  return {
    rule: ruleOutput({ rule, netns }, lookup, names), outcome: outcome.kind, ...(table === undefined ? {} : { table }),
    text: words({ rule, outcome }, table === undefined ? '' : names.table(table, lookup) ?? String(table)),
  };
});

function words({ rule, outcome }: RuleStep, table: string): string {
  switch (outcome.kind) {
    case 'no-match': return SELECTORS[outcome.selector];
    case 'goto': return `on to rule ${rule.goto ?? '?'}`;
    case 'unresolved-goto': return `leads nowhere: there is no rule ${rule.goto ?? '?'} behind it`;
    case 'nop': return 'does nothing';
    case 'fell-through': return `table ${table} has no route for it`;
    case 'throw': return `table ${table} says throw for ${outcome.route.dst}: on to the next rule`;
    case 'suppressed': return outcome.by === 'prefix-length' ? `table ${table} has ${outcome.route.dst}, which is too short for this rule: on to the next` : `table ${table} has ${outcome.route.dst}, over a device of a group that this rule refuses: on to the next`;
    case 'rejected': return 'refuses';
    case 'answered': return `table ${table} answers`;
    case 'jumped-over': return 'jumped over';
    case 'not-asked': return 'not asked any more';
  }
}

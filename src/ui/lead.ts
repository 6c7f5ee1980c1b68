import type { ChangeOutput, RouteOutput } from '../model/output.ts';
import { RT_TABLE } from '../model/route.ts';

/** The change that speaks for those of one act: the one that touches most traffic, of equal ones the first. */
export function leadOf(changes: readonly ChangeOutput[]): ChangeOutput | undefined {
  let lead: ChangeOutput | undefined;
  for (const change of changes) if (lead === undefined || isWeightier(change, lead)) lead = change;
  return lead;
}

/** Whether `one` rather than `other`, which came before it, speaks for both. */
export const isWeightier = (one: ChangeOutput, other: ChangeOutput): boolean => weightOf(one) > weightOf(other);

/** A device that goes down takes the default route along in silence, but first its link-local routes lose their link: that must not hide it. */
function weightOf(change: ChangeOutput): number {
  switch (change.kind) {
    case 'route-change': return routeWeight(change.route);
    case 'rule-change': return 4;
    // The route stays, and may not be used.
    case 'route-flags': return routeWeight(change.route) - 1;
    case 'route-present': case 'exception': case 'attempt': return 0;
  }
}

const DEFAULTS = new Set(['0.0.0.0/0', '::/0']);
/** Link-local (fe80::/10), multicast and loopback: they carry what stays on the link or the host. */
const NEAR = /^(fe[89ab]|ff|127\.|::1\/|169\.254\.|2(2[4-9]|3\d)\.)/;

function routeWeight({ dst, type, table }: RouteOutput): number {
  if (DEFAULTS.has(dst)) return 6;
  if (NEAR.test(dst)) return 1;
  if (table !== RT_TABLE.LOCAL) return 4;
  return type === 'anycast' ? 4 : 2;
}

import type { Fetch } from './fetch.ts';

export type Relation = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A condition as far as the kernel's event filters can decide it. `mask`: whether any of these bits is set. */
export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'compare'; readonly fetch: Fetch; readonly relation: Relation; readonly value: bigint }
  | { readonly kind: 'mask'; readonly fetch: Fetch; readonly mask: bigint; readonly set: boolean }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'unknown' };

export const ALWAYS: Condition = { kind: 'constant', value: true };
export const NEVER: Condition = { kind: 'constant', value: false };
export const UNKNOWN: Condition = { kind: 'unknown' };

const OPPOSITE: Readonly<Record<Relation, Relation>> = { '==': '!=', '!=': '==', '<': '>=', '>=': '<', '>': '<=', '<=': '>' };

export function not(condition: Condition): Condition {
  switch (condition.kind) {
    case 'constant': return { kind: 'constant', value: !condition.value };
    case 'compare': return { ...condition, relation: OPPOSITE[condition.relation] };
    case 'mask': return { ...condition, set: !condition.set };
    case 'and': return or(...condition.parts.map(not));
    case 'or': return and(...condition.parts.map(not));
    case 'unknown': return condition;
  }
}

export const and = (...parts: readonly Condition[]): Condition => join('and', parts, true);
export const or = (...parts: readonly Condition[]): Condition => join('or', parts, false);

function join(kind: 'and' | 'or', given: readonly Condition[], neutral: boolean): Condition {
  const parts = given.flatMap(part => part.kind === kind ? part.parts : [part]).filter(part => part.kind !== 'constant' || part.value !== neutral);
  if (parts.some(part => part.kind === 'constant')) return { kind: 'constant', value: !neutral };
  const [first] = parts;
  return first === undefined ? { kind: 'constant', value: neutral } : parts.length === 1 ? first : { kind, parts };
}

/**
 * The strongest part of it that a filter can hold: what the filter drops, the condition would have dropped too. Of an "and",
 * parts that only user space can decide are left to it; an "or" with one of them lets everything through.
 */
export function necessary(condition: Condition): Condition {
  switch (condition.kind) {
    case 'unknown': return ALWAYS;
    case 'and': return and(...condition.parts.map(necessary));
    case 'or': return or(...condition.parts.map(necessary));
    default: return condition;
  }
}

/** In the words of Documentation/trace/events.rst section 5. `name` gives a fetch argument its field. Empty: no filter. */
export function filterText(condition: Condition, name: (fetch: Fetch) => string): string {
  switch (condition.kind) {
    case 'constant': return condition.value ? '' : 'common_pid < 0';
    case 'compare': return `${name(condition.fetch)} ${condition.relation} ${condition.value}`;
    case 'mask': return `${condition.set ? '' : '!'}(${name(condition.fetch)} & ${condition.mask})`;
    case 'and': case 'or': return condition.parts.map(part => `(${filterText(part, name)})`).join(condition.kind === 'and' ? ' && ' : ' || ');
    case 'unknown': return '';
  }
}

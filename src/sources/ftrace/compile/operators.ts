import type { Binary } from '../script/ast.ts';
import { ScriptError } from '../script/tokens.ts';
import { sizeOf, S64, U64, type CType } from './c-type.ts';
import { and, not, or, UNKNOWN, type Condition, type Relation } from './condition.ts';
import type { Fetch, Width } from './fetch.ts';
import { nearPointer, shifted } from './memory.ts';
import type { Typed } from './typed.ts';
import { isTrue, wrap, type Evaluate } from './value.ts';

const BOOL: CType = { kind: 'int', size: 8, signed: true };
const FLIPPED: Readonly<Record<Relation, Relation>> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** What the kernel could decide of it before the event is kept. */
export function conditionOf({ condition, constant, mask, fetch }: Typed): Condition {
  if (condition !== undefined) return condition;
  if (constant !== undefined) return { kind: 'constant', value: constant !== 0n };
  if (mask !== undefined) return { kind: 'mask', ...mask, set: true };
  return fetch !== undefined && isNumber(fetch.form) ? { kind: 'compare', fetch, relation: '!=', value: 0n } : UNKNOWN;
}

const isNumber = (form: Fetch['form'] | undefined): form is Width => typeof form === 'object' && 'size' in form;

export function negation(sign: '!' | '-' | '~', of: Typed): Typed {
  if (sign === '!') return { type: BOOL, run: frame => isTrue(of.run(frame)) ? 0n : 1n, condition: not(conditionOf(of)) };
  return { type: S64, run: frame => { const value = of.run(frame); return typeof value === 'bigint' ? wrap(sign === '-' ? -value : ~value, 8, true) : undefined; } };
}

export function logical(sign: '&&' | '||', left: Typed, right: Typed): Typed {
  const condition = sign === '&&' ? and(conditionOf(left), conditionOf(right)) : or(conditionOf(left), conditionOf(right));
  const run: Evaluate = sign === '&&'
    ? frame => isTrue(left.run(frame)) && isTrue(right.run(frame)) ? 1n : 0n
    : frame => isTrue(left.run(frame)) || isTrue(right.run(frame)) ? 1n : 0n;
  return { type: BOOL, run, condition };
}

/** What could not be read compares as nothing: neither equal nor unequal. */
export function comparison(sign: Relation, left: Typed, right: Typed): Typed {
  const compare = COMPARE[sign];
  const run: Evaluate = frame => {
    const [a, b] = [left.run(frame), right.run(frame)];
    return typeof a === 'bigint' && typeof b === 'bigint' ? (compare(a, b) ? 1n : 0n) : a !== undefined && a === b && sign === '==' ? 1n : 0n;
  };
  return { type: BOOL, run, condition: filtered(sign, left, right) };
}

const COMPARE: Readonly<Record<Relation, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b, '!=': (a, b) => a !== b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

function filtered(relation: Relation, left: Typed, right: Typed): Condition {
  if (left.constant !== undefined) {
    return right.constant === undefined ? filtered(FLIPPED[relation], right, left) : { kind: 'constant', value: COMPARE[relation](left.constant, right.constant) };
  }
  const value = right.constant;
  if (value === undefined) return UNKNOWN;
  if (left.mask !== undefined) return value === 0n && (relation === '==' || relation === '!=') ? { kind: 'mask', ...left.mask, set: relation === '!=' } : UNKNOWN;
  const form = left.fetch?.form;
  // A number that the field cannot have: the filter would read it as another one.
  if (left.fetch === undefined || form === undefined || form === 'text' || 'words' in form || wrap(value, form.size, form.signed) !== value) return UNKNOWN;
  return { kind: 'compare', fetch: left.fetch, relation, value };
}

export function arithmetic(sign: Exclude<Binary, Relation | '&&' | '||'>, left: Typed, right: Typed): Typed {
  const isAddress = left.type.kind !== 'int' || (left.type.size === 8 && !left.type.signed);
  if (isAddress && (sign === '+' || sign === '-') && right.constant !== undefined && left.constant === undefined) {
    const bytes = Number(right.constant) * (sign === '-' ? -1 : 1) * (left.type.kind === 'pointer' ? sizeOf(left.type.to()) : 1);
    if (left.at !== undefined || left.window !== undefined) return shifted(left, bytes);
  }
  const signed = maySign(left) && maySign(right);
  const type: CType = left.type.kind === 'pointer' ? left.type : signed ? S64 : U64;
  const scale = (sign === '+' || sign === '-') && left.type.kind === 'pointer' ? BigInt(sizeOf(left.type.to())) : 1n;
  const run: Evaluate = frame => {
    const [a, b] = [left.run(frame), right.run(frame)];
    return typeof a === 'bigint' && typeof b === 'bigint' ? wrap(calculate(sign, a, b * scale), 8, signed) : undefined;
  };
  const window = left.window ?? right.window ?? (sign === '&' ? nearPointer(left) : undefined);
  const bits = sign === '&' ? right.constant : undefined;
  const form = left.fetch?.form;
  // Bits that the field has: any above them are its sign, of which a filter knows nothing.
  const mask = left.fetch !== undefined && bits !== undefined && isNumber(form) && wrap(bits, form.size, false) === bits ? { fetch: left.fetch, mask: bits } : undefined;
  const constant = left.constant !== undefined && right.constant !== undefined ? wrap(calculate(sign, left.constant, right.constant), 8, signed) : undefined;
  return { type, run, ...(window && { window }), ...(mask && { mask }), ...(constant !== undefined && { constant }) };
}

/** Numbers in a script are signed, and give way to what is not. */
const maySign = ({ type }: Typed): boolean => type.kind === 'int' && type.signed;

function calculate(sign: Exclude<Binary, Relation | '&&' | '||'>, a: bigint, b: bigint): bigint {
  switch (sign) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b === 0n ? 0n : a / b;
    case '%': return b === 0n ? 0n : a % b;
    case '&': return a & b;
    case '|': return a | b;
    case '^': return a ^ b;
    case '<<': return b > 63n ? 0n : a << b;
    case '>>': return b > 63n ? 0n : a >> b;
    default: throw new ScriptError(`${sign as string} is not in the subset`);
  }
}

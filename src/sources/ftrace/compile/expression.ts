import type { Expression } from '../script/ast.ts';
import { ScriptError } from '../script/tokens.ts';
import { arithmetic, comparison, logical, negation } from './operators.ts';
import { S64, sizeOf, typeOfName, U64, type CType } from './c-type.ts';
import { POINTER, type Fetch, type Origin } from './fetch.ts';
import { bytesAt, load, member, shifted, textAt } from './memory.ts';
import { accessorOf, type Scope } from './scope.ts';
import type { Typed } from './typed.ts';
import { wrap, type Evaluate, type Value } from './value.ts';

/** bpftrace's own limit for `str()` without a length. */
const TEXT_LIMIT = 64;

/** @throws ScriptError for what this kernel or kprobe events have no means for */
export function compile(scope: Scope, expression: Expression): Typed {
  switch (expression.kind) {
    case 'number': return constantOf(expression.value, S64);
    case 'given': return constantOf(scope.script.kernel.given[expression.index - 1] ?? 0n, S64);
    case 'text': return { type: { kind: 'text' }, run: () => expression.value };
    case 'sizeof': return constantOf(BigInt(sizeOf(typeOfName(scope.script.kernel.btf, expression.type))), U64);
    case 'builtin': return builtin(scope, expression.name);
    case 'variable': {
      const known = scope.variables.get(expression.name);
      if (known === undefined) throw new ScriptError(`${expression.name} is used before it has a value`);
      return known;
    }
    case 'map': return readMap(scope, expression.name, expression.keys);
    case 'call': return call(scope, expression.name, expression.args);
    case 'cast': return cast(scope, compile(scope, expression.of), typeOfName(scope.script.kernel.btf, expression.type));
    case 'member': return member(scope, compile(scope, expression.of), expression.name);
    case 'index': return element(scope, compile(scope, expression.of), compile(scope, expression.at));
    case 'unary': return expression.sign === '*' ? dereference(scope, compile(scope, expression.of)) : negation(expression.sign, compile(scope, expression.of));
    case 'binary': {
      const { sign } = expression;
      const [left, right] = [compile(scope, expression.left), compile(scope, expression.right)];
      if (sign === '&&' || sign === '||') return logical(sign, left, right);
      if (sign === '==' || sign === '!=' || sign === '<' || sign === '<=' || sign === '>' || sign === '>=') return comparison(sign, left, right);
      return arithmetic(sign, left, right);
    }
  }
}

const constantOf = (constant: bigint, type: CType): Typed => ({ type, constant, run: () => constant });

function builtin(scope: Scope, name: string): Typed {
  const argument = /^arg(\d)$/.exec(name)?.[1];
  if (argument !== undefined) {
    const index = scope.argument(Number(argument));
    if (index === undefined) throw new ScriptError(`${name} is not to be had where this handler runs`);
    return fetched(scope, { kind: 'argument', index });
  }
  switch (name) {
    case 'retval': return scope.isVoid ? constantOf(0n, U64) : fetched(scope, { kind: 'returned' });
    case 'nsecs': return { type: U64, run: frame => frame.time };
    case 'cpu': return { type: U64, run: frame => BigInt(frame.cpu) };
    case 'tid': return { type: U64, run: frame => BigInt(frame.tid) };
    case 'curtask': return scope.task === undefined ? { type: U64, run: () => undefined, task: '' } : fetched(scope, scope.task);
    case 'cgroup': return cgroup(scope);
    // The mode of kstack().
    case 'perf': return { type: { kind: 'opaque' }, run: () => undefined };
    default: throw new ScriptError(`${name} is not in the subset`);
  }
}

function fetched(scope: Scope, origin: Origin): Typed {
  const fetch: Fetch = { origin, form: POINTER };
  return { type: U64, run: accessorOf(scope, fetch), fetch, at: { origin, delta: 0 } };
}

/** The number of a cgroup, version 2: `task->cgroups->dfl_cgrp->kn->id`. */
function cgroup(scope: Scope): Typed {
  if (scope.cgroupTask === undefined) throw new ScriptError('the cgroup of the running thread cannot be fetched');
  const task = cast(scope, fetched(scope, scope.cgroupTask), typeOfName(scope.script.kernel.btf, { name: 'struct task_struct', pointers: 1 }));
  return ['cgroups', 'dfl_cgrp', 'kn', 'id'].reduce((of, name) => member(scope, of, name), task);
}

function readMap(scope: Scope, name: string, keyExpressions: readonly Expression[]): Typed {
  const key = keyOf(scope, keyExpressions);
  return { type: scope.script.maps.get(name) ?? U64, map: name, run: frame => { const text = key(frame); return text === undefined ? 0n : frame.maps.get(name)?.get(text)?.value ?? 0n; } };
}

/** undefined: a part of the key could not be read. */
export function keyOf(scope: Scope, keys: readonly Expression[]): (frame: Parameters<Evaluate>[0]) => string | undefined {
  const parts = keys.map(key => compile(scope, key).run);
  return frame => {
    let text = '';
    for (const part of parts) {
      const value = part(frame);
      if (value === undefined) return undefined;
      text += `${String(value)}|`;
    }
    return text;
  };
}

function call(scope: Scope, name: string, args: readonly Expression[]): Typed {
  const [first, second] = args;
  const number = (expression: Expression | undefined, otherwise: number): number => {
    if (expression === undefined) return otherwise;
    if (expression.kind !== 'number') throw new ScriptError(`${name}() wants a number`);
    return Number(expression.value);
  };
  switch (name) {
    case 'kstack':
      // Nothing, rather than an empty stack: that one would be told, under the number of the other.
      if (scope.stackless) return { type: { kind: 'stack' }, run: () => undefined };
      scope.wantsStack = true;
      return { type: { kind: 'stack' }, run: frame => frame.stack };
    case 'kaddr': {
      const address = first?.kind === 'text' ? scope.script.kernel.address(first.value) : undefined;
      if (address === undefined) throw new ScriptError(`${name}() of a symbol that the kernel does not show`);
      return { ...constantOf(address, U64), at: { origin: { kind: 'address', address }, delta: 0 } };
    }
    case 'uptr': {
      const of = compile(scope, first as Expression);
      return of.at === undefined ? of : { ...of, at: { ...of.at, user: true } };
    }
    case 'str': return textAt(scope, compile(scope, first as Expression), number(second, TEXT_LIMIT));
    case 'buf': return bytesAt(scope, compile(scope, first as Expression), number(second, TEXT_LIMIT));
    default: throw new ScriptError(`${name}() is not in the subset`);
  }
}

/** Narrower than it was: that many bytes are fetched from the start, as a little-endian CPU keeps numbers. */
function cast(scope: Scope, of: Typed, type: CType): Typed {
  if (type.kind !== 'int') return { ...of, type };
  if (of.constant !== undefined) return { ...constantOf(wrap(of.constant, type.size, type.signed), type), ...(of.at === undefined ? {} : { at: of.at }) };
  const { size, signed } = type;
  const run: Evaluate = frame => { const value: Value = of.run(frame); return typeof value === 'bigint' ? wrap(value, size, signed) : undefined; };
  const form = of.fetch === undefined || of.fetch.form === 'text' || !('size' in of.fetch.form) ? undefined : of.fetch.form;
  if (of.fetch !== undefined && form !== undefined && form.size > size) {
    const fetch: Fetch = { origin: of.fetch.origin, form: { size, signed } };
    return { type, run: accessorOf(scope, fetch), fetch };
  }
  const { at, window, map, task } = of;
  // A filter compares the field: it can do so where every number that it may hold is still the same number.
  const fetch = form === undefined || form.signed === signed || (signed && form.size < size) ? of.fetch : undefined;
  const mask = of.mask !== undefined && wrap(of.mask.mask, size, false) === of.mask.mask ? of.mask : undefined;
  return { type, run, ...(mask && { mask }), ...(at && size === 8 && { at }), ...(window && { window }), ...(map !== undefined && { map }), ...(task !== undefined && { task }), ...(fetch && { fetch }) };
}

function dereference(scope: Scope, of: Typed): Typed {
  if (of.type.kind !== 'pointer') throw new ScriptError('* of what is no pointer');
  return load(scope, of, of.type.to());
}

function element(scope: Scope, of: Typed, at: Typed): Typed {
  if (of.type.kind !== 'array' || at.constant === undefined) throw new ScriptError('[] of what is no array, or with no constant');
  const type = of.type.of();
  return load(scope, shifted(of, Number(at.constant) * sizeOf(type)), type);
}

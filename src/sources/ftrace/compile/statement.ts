import type { Expression, Statement } from '../script/ast.ts';
import { ScriptError } from '../script/tokens.ts';
import { ALWAYS, and, NEVER, not, or, type Condition } from './condition.ts';
import { compile, keyOf } from './expression.ts';
import { compileFormat } from './format.ts';
import { asText } from './memory.ts';
import { conditionOf } from './operators.ts';
import type { Scope } from './scope.ts';
import type { Typed } from './typed.ts';
import { isTrue, type Entry, type Frame, type Value } from './value.ts';

/** `run` tells whether the handler returned. */
export interface Compiled {
  readonly run: (frame: Frame) => boolean;
  /** When it has an effect: prints, or changes a map. */
  readonly matters: Condition;
  readonly returns: Condition;
}

/** Entries of programs that ended unseen would stay for ever. */
const MAP_ENTRIES = 16_384;

export function compileBlock(scope: Scope, statements: readonly Statement[]): Compiled {
  let matters: Condition = NEVER;
  let returns: Condition = NEVER;
  const runs: Compiled['run'][] = [];
  for (const statement of statements) {
    const compiled = compileStatement(scope, statement);
    const reached = not(returns);
    matters = or(matters, and(reached, compiled.matters));
    returns = or(returns, and(reached, compiled.returns));
    runs.push(compiled.run);
  }
  return { run: frame => runs.some(run => run(frame)), matters, returns };
}

const effect = (act: (frame: Frame) => void): Compiled => ({ run: frame => { act(frame); return false; }, matters: ALWAYS, returns: NEVER });

function compileStatement(scope: Scope, statement: Statement): Compiled {
  switch (statement.kind) {
    case 'return': return { run: () => true, matters: NEVER, returns: ALWAYS };
    case 'assign': return assign(scope, statement.variable, statement.value);
    case 'store': return store(scope, statement.map, statement.keys, statement.value);
    case 'if': return branch(scope, statement);
    case 'do': return perform(scope, statement.call.name, statement.call.args);
  }
}

function assign(scope: Scope, variable: string, expression: Expression): Compiled {
  const value = compile(scope, expression);
  const local = scope.locals.get(variable) ?? scope.locals.size;
  scope.locals.set(variable, local);
  const known: Typed = { ...value, run: frame => frame.locals[local] };
  if (value.map === undefined || expression.kind === 'map') {
    scope.variables.set(variable, known);
    return { run: frame => { frame.locals[local] = value.run(frame); return false; }, matters: NEVER, returns: NEVER };
  }
  // A pointer out of a map: what it points to was read when it was stored.
  const map = innermost(expression);
  const key = keyOf(scope, map.keys);
  const slot = scope.slots++;
  scope.variables.set(variable, { ...known, at: { origin: { kind: 'remembered', map: map.name, slot }, delta: 0 } });
  return {
    run: frame => {
      frame.locals[local] = value.run(frame);
      frame.entries[slot] = frame.maps.get(map.name)?.get(key(frame) ?? '');
      return false;
    },
    matters: NEVER, returns: NEVER,
  };
}

function innermost(expression: Expression): Extract<Expression, { kind: 'map' }> {
  if (expression.kind === 'map') return expression;
  if (expression.kind === 'cast') return innermost(expression.of);
  throw new ScriptError('a pointer out of a map is used in a way that is not known');
}

function store(scope: Scope, map: string, keys: readonly Expression[], expression: Expression): Compiled {
  const key = keyOf(scope, keys);
  const value = compile(scope, expression);
  const extras: ((frame: Frame) => Value)[] = [];
  const { writers, maps } = scope.script;
  if (value.type.kind === 'stack') maps.set(map, value.type);
  if (value.at !== undefined) writers.set(map, writers.has(map) ? 'several' : { scope, origin: value.at.origin, delta: value.at.delta, extras, known: new Map() });
  return effect(frame => {
    const text = key(frame);
    const result = value.run(frame);
    if (text === undefined || result === undefined) return;
    const entry: Entry = { value: result, extras: extras.map(extra => extra(frame)) };
    const entries = frame.maps.get(map) ?? new Map<string, Entry>();
    frame.maps.set(map, entries);
    // Set anew, it is the youngest again.
    entries.delete(text);
    entries.set(text, entry);
    const oldest = entries.size > MAP_ENTRIES ? entries.keys().next().value : undefined;
    if (oldest !== undefined) entries.delete(oldest);
  });
}

function branch(scope: Scope, { condition, body, otherwise }: Extract<Statement, { kind: 'if' }>): Compiled {
  const test = compile(scope, condition);
  const before = scope.variables;
  const arm = (statements: readonly Statement[]): { compiled: Compiled; variables: Map<string, Typed> } => {
    scope.variables = new Map(before);
    return { compiled: compileBlock(scope, statements), variables: scope.variables };
  };
  const [yes, no] = [arm(body), arm(otherwise)];
  scope.variables = merged(yes.variables, no.variables);
  const when = conditionOf(test);
  return {
    run: frame => isTrue(test.run(frame)) ? yes.compiled.run(frame) : no.compiled.run(frame),
    matters: or(and(when, yes.compiled.matters), and(not(when), no.compiled.matters)),
    returns: or(and(when, yes.compiled.returns), and(not(when), no.compiled.returns)),
  };
}

/** Of a variable that two arms set differently, only its value at run time is known. */
function merged(a: ReadonlyMap<string, Typed>, b: ReadonlyMap<string, Typed>): Map<string, Typed> {
  const all = new Map([...a, ...b]);
  for (const [name, { type, run }] of all) if (a.get(name) !== b.get(name)) all.set(name, { type, run });
  return all;
}

function perform(scope: Scope, name: string, args: readonly Expression[]): Compiled {
  const [first, ...rest] = args;
  if (name === 'printf' && first?.kind === 'text') {
    const write = compileFormat(first.value, rest.map(arg => asText(scope, compile(scope, arg))));
    return effect(frame => { const text = write(frame); if (text !== undefined) frame.print(text); });
  }
  if (name === 'delete' && first?.kind === 'map') {
    const key = keyOf(scope, first.keys);
    const { name: map } = first;
    return effect(frame => { frame.maps.get(map)?.delete(key(frame) ?? ''); });
  }
  if (name === 'clear' && first?.kind === 'map') {
    const { name: map } = first;
    return effect(frame => { frame.maps.get(map)?.clear(); });
  }
  throw new ScriptError(`${name}() is not in the subset`);
}

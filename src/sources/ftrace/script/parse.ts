import type { Binary, Expression, Handler, Statement, TypeName } from './ast.ts';
import { ScriptError, tokensOf, type Token } from './tokens.ts';

/** Binding strength of C. */
const STRENGTH: Readonly<Record<Binary, number>> = {
  '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '<': 7, '<=': 7, '>': 7, '>=': 7, '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10,
};
const INTEGER = /^u?int(8|16|32|64)(_t)?$|^char$|^int$/;
const PROBES = ['kprobe', 'kretprobe', 'tracepoint', 'interval', 'profile'];

/** The handlers of a script in the subset of bpftrace that probes/README.md describes. @throws ScriptError */
export function parseScript(script: string): readonly Handler[] {
  const tokens = tokensOf(script);
  let position = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(position + ahead, tokens.length - 1)] as Token;
  const is = (text: string, ahead = 0): boolean => peek(ahead).text === text && ['sign', 'name'].includes(peek(ahead).kind);
  const next = (): Token => { const token = peek(); position++; return token; };
  const fail = (wanted: string): never => { throw new ScriptError(`${wanted} expected at "${script.slice(peek().at, peek().at + 30)}"`); };
  const take = (text: string): void => { if (!is(text)) fail(`"${text}"`); position++; };
  const skip = (text: string): boolean => { if (!is(text)) return false; position++; return true; };

  function handler(): Handler {
    const probe = next().text;
    if (!PROBES.includes(probe)) throw new ScriptError(`"${probe}" is no probe of the subset`);
    let target = '';
    while (skip(':')) target += `${target === '' ? '' : ':'}${next().text}`;
    const predicate = skip('/') ? until(() => expression(0, true)) : undefined;
    return { probe, target, predicate, body: block() };
  }
  function until(read: () => Expression): Expression { const result = read(); take('/'); return result; }

  function block(): Statement[] {
    take('{');
    const statements: Statement[] = [];
    while (!skip('}')) {
      if (skip(';')) continue;
      if (peek().kind === 'end') fail('"}"');
      statements.push(statement());
    }
    return statements;
  }

  function statement(): Statement {
    if (skip('if')) {
      take('(');
      const condition = expression(0);
      take(')');
      const body = block();
      return { kind: 'if', condition, body, otherwise: skip('else') ? is('if') ? [statement()] : block() : [] };
    }
    if (skip('return')) { take(';'); return { kind: 'return' }; }
    const subject = unary();
    if (skip('=')) {
      const value = expression(0);
      endOfStatement();
      if (subject.kind === 'variable') return { kind: 'assign', variable: subject.name, value };
      if (subject.kind === 'map') return { kind: 'store', map: subject.name, keys: subject.keys, value };
    } else if (subject.kind === 'call') {
      endOfStatement();
      return { kind: 'do', call: subject };
    }
    return fail('a statement');
  }
  /** The last statement of a block may go without. */
  function endOfStatement(): void { if (!is('}')) take(';'); }

  /** `inPredicate`: a slash ends it. */
  function expression(least: number, inPredicate = false): Expression {
    let left = unary();
    for (;;) {
      const sign = peek().text as Binary;
      const strength = peek().kind === 'sign' ? STRENGTH[sign] : undefined;
      if (strength === undefined || strength <= least || (inPredicate && sign === '/')) return left;
      position++;
      left = { kind: 'binary', sign, left, right: expression(strength, inPredicate) };
    }
  }

  function unary(): Expression {
    for (const sign of ['!', '-', '~', '*'] as const) if (skip(sign)) return { kind: 'unary', sign, of: unary() };
    if (is('(') && isType(1)) {
      take('(');
      const type = typeName();
      take(')');
      return { kind: 'cast', type, of: unary() };
    }
    return postfix(primary());
  }

  function postfix(of: Expression): Expression {
    if (is('->') || is('.')) {
      const arrow = next().text === '->';
      return postfix({ kind: 'member', of, name: next().text, arrow });
    }
    if (!skip('[')) return of;
    const at = expression(0);
    take(']');
    return postfix({ kind: 'index', of, at });
  }

  function primary(): Expression {
    const token = next();
    switch (token.kind) {
      case 'number': return { kind: 'number', value: BigInt(token.text) };
      case 'given': return { kind: 'given', index: Number(token.text.slice(1)) };
      case 'variable': return { kind: 'variable', name: token.text };
      case 'text': return { kind: 'text', value: JSON.parse(token.text) as string };
      case 'map': return { kind: 'map', name: token.text, keys: skip('[') ? list(']') : [] };
      case 'name':
        if (token.text === 'sizeof') { take('('); const type = typeName(); take(')'); return { kind: 'sizeof', type }; }
        return skip('(') ? { kind: 'call', name: token.text, args: list(')') } : { kind: 'builtin', name: token.text };
      default:
        if (token.text !== '(') { position--; return fail('an expression'); }
    }
    const inner = expression(0);
    take(')');
    return inner;
  }

  function list(end: string): Expression[] {
    const items: Expression[] = [];
    while (!skip(end)) { items.push(expression(0)); if (!is(end)) take(','); }
    return items;
  }

  function isType(ahead: number): boolean {
    return is('struct', ahead) || (peek(ahead).kind === 'name' && INTEGER.test(peek(ahead).text));
  }
  function typeName(): TypeName {
    if (!isType(0)) fail('a type');
    const name = skip('struct') ? `struct ${next().text}` : next().text;
    let pointers = 0;
    while (skip('*')) pointers++;
    return { name, pointers };
  }

  const handlers: Handler[] = [];
  while (peek().kind !== 'end') handlers.push(handler());
  return handlers;
}

import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseScript } from '../../../src/sources/ftrace/script/parse.ts';
import { ScriptError } from '../../../src/sources/ftrace/script/tokens.ts';
import type { Expression } from '../../../src/sources/ftrace/script/ast.ts';

/** As fully parenthesised text, so that a table can show how things bind. */
function shown(expression: Expression): string {
  switch (expression.kind) {
    case 'number': return String(expression.value);
    case 'text': return JSON.stringify(expression.value);
    case 'given': return `$${expression.index}`;
    case 'builtin': case 'variable': return expression.name;
    case 'map': return `${expression.name}[${expression.keys.map(shown).join(',')}]`;
    case 'call': return `${expression.name}(${expression.args.map(shown).join(',')})`;
    case 'sizeof': return `sizeof(${expression.type.name})`;
    case 'unary': return `(${expression.sign}${shown(expression.of)})`;
    case 'binary': return `(${shown(expression.left)}${expression.sign}${shown(expression.right)})`;
    case 'cast': return `<${expression.type.name}${'*'.repeat(expression.type.pointers)}>${shown(expression.of)}`;
    case 'member': return `${shown(expression.of)}${expression.arrow ? '->' : '.'}${expression.name}`;
    case 'index': return `${shown(expression.of)}[${shown(expression.at)}]`;
  }
}
const parsed = (text: string): string => {
  const [statement] = parseScript(`kprobe:f { $x = ${text}; }`)[0]?.body ?? [];
  return statement?.kind === 'assign' ? shown(statement.value) : 'no assignment';
};

describe('expressions bind as in C', () => {
  test.each([
    ['1 + 2 * 3', '(1+(2*3))'],
    ['1 - 2 - 3', '((1-2)-3)'],
    ['$a & 1 == 0', '($a&(1==0))'],
    ['$a == 1 || $b == 2 && $c == 3', '(($a==1)||(($b==2)&&($c==3)))'],
    ['(uint64)$rt->nh', '<uint64>$rt->nh'],
    ['(uint64)arg0 + 8', '(<uint64>arg0+8)'],
    ['*(uint64 *)(arg0 + 8)', '(*<uint64*>(arg0+8))'],
    ['*(struct net_device **)arg2', '(*<struct net_device**>arg2)'],
    ['*($icmp + 6) << 8 | *($icmp + 7)', '(((*($icmp+6))<<8)|(*($icmp+7)))'],
    ['!((struct nl_info *)arg1)->skip_notify', '(!<struct nl_info*>arg1->skip_notify)'],
    ['$rt->a.b[1] | 2', '($rt->a.b[1]|2)'],
    ['@m[tid, $s]', '@m[tid,$s]'],
    ['sizeof(struct fib_info)', 'sizeof(struct fib_info)'],
    ['kaddr("jiffies")', 'kaddr("jiffies")'],
    ['0x7f', '127'],
    ['-1', '(-1)'],
  ])('%s', (text, expected) => {
    expect(parsed(text)).toBe(expected);
  });
});

describe('handlers', () => {
  test('have a probe, a target, a predicate and a body', () => {
    const [first, second, third] = parseScript('/* a */ kprobe:f / arg0 == 1 / { return; } tracepoint:sched:x { if ($1) { clear(@a); } else { delete(@a[1]); } } interval:s:10 {}');
    expect(first).toMatchObject({ probe: 'kprobe', target: 'f', body: [{ kind: 'return' }] });
    expect(first?.predicate).toBeDefined();
    expect(second).toMatchObject({ probe: 'tracepoint', target: 'sched:x', predicate: undefined, body: [{ kind: 'if', body: [{ kind: 'do' }], otherwise: [{ kind: 'do' }] }] });
    expect(third).toMatchObject({ probe: 'interval', target: 's:10', body: [] });
  });

  test.each(['kprobe:f {', 'kprobe:f { $x = ; }', 'kprobe:f { $x }', 'BEGIN { }', 'kprobe:f { @x++; }', 'kprobe:f { while (1) { } }', 'fentry:f { }', 'kprobe:f { $x = "a; }'])('no script: %s', text => {
    expect(() => parseScript(text)).toThrow(ScriptError);
  });

  test.each(readdirSync('probes').filter(name => name.endsWith('.bt')))('probes/%s is in the subset', name => {
    expect(parseScript(readFileSync(`probes/${name}`, 'utf8')).length).toBeGreaterThan(0);
  });

  test('text that is no script ends in a ScriptError, whatever it is', () => {
    const piece = fc.constantFrom('kprobe', ':', 'f', '{', '}', '(', ')', '$x', '=', '@m', '[', ']', '1', ';', '->', '/', '"a"', 'if', 'struct', '*', ',', ' ');
    fc.assert(fc.property(fc.array(piece), pieces => {
      try {
        parseScript(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(ScriptError);
      }
    }));
  });
});

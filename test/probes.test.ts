import { execaSync } from 'execa';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readProbes } from '../src/cli/places.ts';
import { inspectHost } from '../src/host/inspect.ts';
import { coverageOf, wantedBy } from '../src/host/coverage.ts';
import { FIELD_FORMS, type FieldName } from '../src/model/fields.ts';
import { composeProgram } from '../src/sources/bpftrace/compose.ts';
import { decodeRecord } from '../src/sources/bpftrace/decode.ts';
import { ROOT } from './source-tree.ts';

const TYPES = ['call', 'return', 'request', 'via', 'notify', 'remove', 'alter', 'exception', 'refuse', 'defer', 'exec', 'argv', 'fork', 'exit', 'user', 'close', 'sentinel'];
/** Forms that run to the end of their record, so that their content cannot pose as another field. */
const LAST = new Set(['text', 'bytes']);

const probes = readProbes();
const facts = await inspectHost(wantedBy(probes));
const coverage = coverageOf({ ...facts, kprobes: true, tracefs: '' }, probes, []);
const canCompile = facts.bpftrace !== undefined && facts.types !== undefined && facts.functions !== undefined && facts.uid === 0;

/** Format strings of a script, with what they stand for left in. */
const formatsOf = (body: string): string[] => [...body.matchAll(/printf\("((?:[^"\\]|\\.)*)"/g)].map(([, format = '']) => format);

const code = (body: string): string => body.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');

/** What 0.17 has not, what later versions dropped, and what keeps scripts from being joined. */
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['BEGIN or END', /^\s*(BEGIN|END|begin|end)\b/m],
  ['fentry or kfunc', /\b(fentry|fexit|kfunc|kretfunc):/],
  ['a wildcard', /\b(kprobe|kretprobe|tracepoint):[\w:]*\*/],
  ['a loop', /\b(while|unroll|for)\b/],
  ['let', /\blet\b/],
  ['a config block', /\bconfig\s*=/],
  ['has_key or the two-argument delete', /\bhas_key\s*\(|\bdelete\(@\w+\s*,/],
  ['an argument to nsecs', /\bnsecs\s*\(/],
  ['pid (it follows namespaces from 0.23 on)', /(?<![\w>$@.])pid\b/],
  ['a dot on a pointer', /\$\w+\.\w/],
  ['print, time or system', /\b(print|zero|time|system|exit|join)\s*\(/],
];

describe.each(probes.map(probe => [probe.name, probe] as const))('probes/%s.bt', (name, probe) => {
  const text = readFileSync(join(ROOT, 'probes', `${name}.bt`), 'utf8');
  const formats = formatsOf(probe.body);

  test('has a whole header', () => {
    expect(text.startsWith('#!/usr/bin/env bpftrace\n/*\n')).toBe(true);
    expect(probe.purpose).toMatch(/\.$/);
    for (const field of ['kernel', 'context', 'rate', 'example'] as const) expect(probe[field], field).not.toBe('');
    for (const label of ['Kernel', 'Requires', 'Context', 'Rate', 'Cannot see', 'Example']) expect(text).toMatch(new RegExp(`^ \\* ${label}:`, 'm'));
  });

  test('requires what it attaches to, in words that coverage knows', () => {
    const attached = [...code(probe.body).matchAll(/\b(kprobe|kretprobe|tracepoint):([\w:]+)/g)].map(([, kind = '', target = '']) => `${kind.replace('kretprobe', 'kprobe')}:${target}`);
    expect([...new Set(attached)].filter(point => !probe.requires.includes(point))).toStrictEqual([]);
    for (const requirement of [...probe.requires, ...probe.applies]) expect(requirement).toMatch(/^(kprobe:\w+|kallsyms:\w+|tracepoint:\w+:\w+|struct \w+(\.\w+(@\d+)?)?)$/);
  });

  test('stands in for scripts that there are', () => {
    expect(probe.replaces.filter(other => other === name || !probes.some(one => one.name === other))).toStrictEqual([]);
  });

  test('prints records whose type and fields are in the vocabulary, what is text at the end', () => {
    expect(formats.length).toBeGreaterThan(0);
    for (const format of formats) {
      const [head = '', ...rest] = format.replace(/\\n$/, '').split(' ');
      if (head === 'tick' || head === 'stack') continue;
      expect(TYPES, format).toContain(head);
      expect(rest.slice(1, 5), format).toStrictEqual(['%llu', '%d', '%d', '%d']);
      const keys = rest.slice(5).map(pair => pair.slice(0, pair.indexOf('=')));
      expect(keys.filter(key => !(key in FIELD_FORMS)), format).toStrictEqual([]);
      expect(new Set(keys).size, format).toBe(keys.length);
      const last = keys.findIndex(key => LAST.has(FIELD_FORMS[key as FieldName]));
      expect(last === -1 || last === keys.length - 1, format).toBe(true);
    }
  });

  test('prints what the decoder reads', () => {
    for (const format of formats) {
      const sample = format.replace(/\\n$/, '').replaceAll('\\n', '\n').replaceAll(/%(?:ll)?[udx]/g, '7').replaceAll('%rh', '2f 62').replaceAll('%s', 'x');
      expect(decodeRecord(sample), sample).toBeDefined();
    }
  });

  test('names its maps after itself, so that scripts can be joined', () => {
    const maps = [...code(probe.body).matchAll(/@(\w*)/g)].map(([, map = '']) => map);
    expect(maps.filter(map => !map.startsWith(`${name}_`))).toStrictEqual([]);
  });

  test('keeps to the language of bpftrace 0.17 that later versions still speak', () => {
    expect(FORBIDDEN.filter(([, pattern]) => pattern.test(code(probe.body))).map(([what]) => what)).toStrictEqual([]);
    expect([...text].filter(character => character > '~' || (character < ' ' && character !== '\n'))).toStrictEqual([]);
  });

  // Without tracefs a tracepoint has no format to compile against: the lab runs those.
  test.skipIf(!canCompile || coverage.missing.has(name))('compiles alone', () => {
    expect(compile(join(ROOT, 'probes', `${name}.bt`))).toBe('');
  });
});

test.skipIf(!canCompile)('all that this kernel offers compile as one program', () => {
  const program = composeProgram(probes.filter(probe => !coverage.missing.has(probe.name)));
  expect(compile('-', program)).toBe('');
}, 60_000);

/** What bpftrace complains of when it compiles without attaching; from 0.22 on it calls that a dry run. */
function compile(file: string, input?: string): string {
  const option = facts.bpftrace !== undefined && (facts.bpftrace.major > 0 || facts.bpftrace.minor >= 22) ? '--dry-run' : '-d';
  const result = execaSync('bpftrace', [option, file, '0'], { reject: false, timeout: 50_000, ...(input === undefined ? {} : { input }) });
  return result.exitCode === 0 ? '' : result.stderr;
}


import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProgram, type Actions } from '../../../src/cli/options.ts';
import { FIELD_FORMS, type FieldName } from '../../../src/model/fields.ts';
import { composeProgram, SENTINELS } from '../../../src/sources/bpftrace/compose.ts';
import { decodeRecord } from '../../../src/sources/bpftrace/decode.ts';
import { isWanted, parseProbeFile, type ProbeFile } from '../../../src/sources/bpftrace/probe-file.ts';

const files: readonly ProbeFile[] = readdirSync('probes').filter(name => name.endsWith('.bt'))
  .map(name => parseProbeFile(name.slice(0, -3), readFileSync(`probes/${name}`, 'utf8')));
const named = files.map((file): [string, ProbeFile] => [file.name, file]);

/** What a format string prints where every number is 1 and every text "x". */
const sample = (format: string): string => format.replaceAll('\\n', '\n')
  .replaceAll(/%ll[xud]|%[dux]/g, '1').replaceAll('%rh', '2f 62').replaceAll('%s', 'x');
const formats = (file: ProbeFile): string[] => [...file.body.matchAll(/printf\("([^"]*)"/g)].map(match => match[1] ?? '');

describe('isWanted', () => {
  test('arms all but those that wait for an option', () => {
    expect(files.filter(file => !isWanted(file, [])).map(file => file.name)).toEqual(['netlink_ack']);
    expect(files.filter(file => !isWanted(file, ['--attempts']))).toEqual([]);
  });
  test('waits for options that watch and record have', () => {
    const { commands } = createProgram('0', {} as Actions, () => undefined);
    for (const command of commands.filter(one => ['watch', 'record'].includes(one.name()))) {
      expect(command.options.map(option => option.long)).toEqual(expect.arrayContaining(files.map(file => file.option).filter(option => option !== '')));
    }
  });
});

describe.each(named)('probes/%s.bt', (name, file) => {
  test('has every label of the header filled in that must be', () => {
    const { purpose, kernel, context, rate, example } = file;
    for (const label of [purpose, kernel, context, rate, example]) expect(label).not.toBe('');
    expect(name === 'tick' || file.requires.length > 0).toBe(true);
  });

  test('says what it requires in words that the host check knows', () => {
    for (const need of file.requires) expect(need).toMatch(/^(kprobe:\w+|kallsyms:\w+|tracepoint:\w+:\w+|struct \w+(\.\w+(@\d+)?)?)$/);
  });

  test('requires each function that it attaches to', () => {
    for (const [, kind = '', target = ''] of file.body.matchAll(/^(kprobe|kretprobe|tracepoint):([\w:]+)/gm)) {
      expect(file.requires).toContain(`${kind === 'tracepoint' ? 'tracepoint' : 'kprobe'}:${target}`);
    }
  });

  test('prints only records that the decoder reads', () => {
    for (const format of formats(file)) expect(decodeRecord(sample(format)), format).toMatchObject({ kind: expect.stringMatching(/^(probe|stack|tick)$/) });
  });

  test('prints text and bytes last, so that they cannot pose as other fields', () => {
    for (const format of formats(file)) {
      const keys = [...format.matchAll(/(\w+)=/g)].map(match => match[1] as FieldName);
      const open = keys.filter(key => FIELD_FORMS[key] === 'text' || FIELD_FORMS[key] === 'bytes');
      expect(open, format).toEqual(open.length === 0 ? [] : keys.slice(-1));
    }
  });

  test('hands over as many arguments as its formats ask for', () => {
    for (const [, format = '', rest = ''] of file.body.matchAll(/printf\("([^"]*)"([^;]*)\);/g)) {
      let depth = 0;
      let count = 0;
      for (const char of rest) {
        if (char === '(' || char === '[') depth++;
        if (char === ')' || char === ']') depth--;
        if (char === ',' && depth === 0) count++;
      }
      expect(count, format).toBe([...format.matchAll(/%/g)].length);
    }
  });

  test('keeps its maps to itself: they carry its name', () => {
    for (const [, map = ''] of file.body.matchAll(/@(\w+)/g)) expect(map.startsWith(name)).toBe(true);
  });
});

describe('composeProgram', () => {
  const body = (name: string): number => composeProgram(files).indexOf(`/* ${name} */`);
  test('puts a sentinel at each end', () => {
    const program = composeProgram(files);
    const names = [...program.matchAll(/^\/\* (\S+) \*\/$/gm)].map(match => match[1]);
    expect([names[0], names.at(-1)]).toEqual([SENTINELS.first, SENTINELS.last]);
    expect(new Set(names)).toEqual(new Set(files.map(file => file.name)));
    expect(names.length).toBe(files.length);
    expect(body(SENTINELS.first)).toBe(0);
  });

  test('does so for any subset in any order, and takes each script once', () => {
    fc.assert(fc.property(fc.shuffledSubarray([...files]), (some) => {
      const names = [...composeProgram(some).matchAll(/^\/\* (\S+) \*\/$/gm)].map(match => match[1]);
      expect(new Set(names)).toEqual(new Set(some.map(file => file.name)));
      expect(names.length).toBe(some.length);
      const isIn = (name: string): boolean => some.some(file => file.name === name);
      if (isIn(SENTINELS.first)) expect(names[0]).toBe(SENTINELS.first);
      if (isIn(SENTINELS.last)) expect(names.at(-1)).toBe(SENTINELS.last);
    }));
  });
});

test('without cookies, nothing of the program asks for one', () => {
  expect(composeProgram(files)).toContain('->net_cookie');
  expect(composeProgram(files, { cookies: false })).not.toContain('net_cookie');
});

test('the cookie of a namespace is read where BTF has it, in every script', () => {
  const program = composeProgram(files, { cookieAt: 4672 });
  expect(program.replaceAll(/\/\*[\s\S]*?\*\//g, '')).not.toContain('net_cookie');
  expect(program.match(/ \+ 4672\)/g)).toHaveLength(composeProgram(files).match(/->net_cookie/g)?.length ?? 0);
  expect(program).toContain('*(uint64 *)((uint64)((struct net_device *)arg0)->nd_net.net + 4672)');
});

test('parseProbeFile gives empty strings for labels that are missing, on any text', () => {
  expect(parseProbeFile('x', 'kprobe:x { }')).toMatchObject({ name: 'x', purpose: '', kernel: '', requires: [] });
  fc.assert(fc.property(fc.string(), (text) => { parseProbeFile('x', text); }));
});

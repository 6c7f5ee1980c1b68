import { describe, expect, test } from 'vitest';
import type { Program } from '../../../src/sources/ftrace/compile/script.ts';
import { createInstance } from '../../../src/sources/ftrace/instance.ts';
import { createLosses, lostIn } from '../../../src/sources/ftrace/losses.ts';
import type { Tracefs } from '../../../src/sources/ftrace/tracefs.ts';

/** Where probes are counted: `profile` makes kprobe_profile of the names that events got, in their order. */
function instanceWith(programs: readonly (readonly [Program['probe'], string])[], profile: (names: readonly string[]) => string, countsMisses = true) {
  const names: string[] = [];
  const tracefs: Tracefs = {
    read: path => path === 'kprobe_profile' ? profile(names) : path.endsWith('/format') ? 'ID: 9\n' : 'overrun: 0\n', write: () => undefined,
    append: (_path, text) => { names.push(/\/(\S+)/.exec(text)?.[1] ?? ''); },
    list: () => ['cpu0'], exists: () => true, makeDirectory: () => undefined, removeDirectory: () => undefined, open: () => ({ read: () => 0, close: () => undefined }),
  };
  const instance = createInstance(tracefs, { pid: 7, start: 9n }, { returns: 'kretprobe', countsMisses });
  for (const [probe, target] of programs) instance.add({ script: target, probe, target, fetches: [], filter: '', wantsStack: false, locals: 0, run: () => undefined });
  return instance;
}

const PROGRAMS = [['kprobe', 'ndisc_rcv'], ['kretprobe', 'ndisc_rcv'], ['kprobe', 'rtnl_notify'], ['kprobe', 'inet_netconf_get_devconf']] as const;
const row = (name: string, hits: number, misses: number): string => `  ${name.padEnd(44)} ${String(hits).padStart(15)} ${String(misses).padStart(15)}\n`;

describe('probes that missed their function', () => {
  test.each<[string, readonly number[], { missed: number; functions: readonly string[] }]>([
    ['none', [0, 0, 0, 0], { missed: 0, functions: [] }],
    ['are told by name', [0, 0, 3, 0], { missed: 3, functions: ['rtnl_notify'] }],
    ['one call, and its return with it', [2, 2, 0, 0], { missed: 4, functions: ['ndisc_rcv'] }],
    ['what only says that all is attached tells nothing any more', [0, 0, 0, 5], { missed: 0, functions: [] }],
    ['and does not hide what else was missed', [0, 0, 1, 5], { missed: 1, functions: ['rtnl_notify'] }],
  ])('%s', (_case, misses, expected) => {
    const instance = instanceWith(PROGRAMS, names => `${row('theirs', 100, 9)}${names.map((name, at) => row(name, 50, misses[at] ?? 0)).join('')}`);
    expect(createLosses(instance).take([])).toEqual({ full: 0, ...expected });
  });

  test('are not told where the kernel counts other things as well', () => {
    expect(createLosses(instanceWith(PROGRAMS, names => names.map(name => row(name, 6, 422)).join(''), false)).take([0])).toEqual({ full: 0, missed: 0, functions: [] });
  });

  test('are told once, and again when there are more', () => {
    let count = 2;
    const losses = createLosses(instanceWith(PROGRAMS, ([name = '']) => row(name, 50, count)));
    expect([losses.take([0]).missed, losses.take([0]).missed]).toEqual([2, 0]);
    count = 5;
    expect(losses.take([0])).toEqual({ full: 0, missed: 3, functions: ['ndisc_rcv'] });
  });

  test('a profile that cannot be read counts none', () => {
    expect(createLosses(instanceWith(PROGRAMS, () => '')).take([0])).toEqual({ full: 0, missed: 0, functions: [] });
  });
});

test('buffers lose what they overwrote, could not commit and dropped', () => {
  expect(lostIn('entries: 0\noverrun: 3\ncommit overrun: 1\nbytes: 0\noldest event ts: 1\nnow ts: 2\ndropped events: 5\nread events: 9\n')).toBe(9);
});

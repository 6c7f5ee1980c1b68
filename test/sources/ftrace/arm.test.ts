import { expect, test } from 'vitest';
import { armPrograms } from '../../../src/sources/ftrace/arm.ts';
import type { Program } from '../../../src/sources/ftrace/compile/script.ts';
import { createInstance } from '../../../src/sources/ftrace/instance.ts';
import type { Tracefs } from '../../../src/sources/ftrace/tracefs.ts';

const at = 'instances/routecause-7-9';
const refusal = (code: string): Error => Object.assign(new Error(code), { code });

/** As much of tracefs as instances need; what `refuses` names, it does not take. */
function fakeTracefs(refuses: (path: string, text: string) => string | undefined) {
  const defined = new Map<string, string>();
  const enabled = new Set<string>();
  const recording: string[] = [];
  const eventOf = (path: string): string => path.split('/').at(-2) ?? '';
  const check = (path: string, text: string): void => { const code = refuses(path, text); if (code !== undefined) throw refusal(code); };
  const tracefs: Tracefs = {
    read: path => path.endsWith('/format') && (defined.has(eventOf(path)) || path.includes('/sched/there/')) ? `name: x\nID: ${100 + [...defined.keys()].indexOf(eventOf(path))}\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n` : undefined,
    write(path, text) {
      check(path, text);
      if (path.endsWith('/enable')) { if (text === '1') enabled.add(eventOf(path)); else enabled.delete(eventOf(path)); }
      if (path.endsWith('/trigger')) { if (text.startsWith('!')) enabled.delete(`trigger of ${eventOf(path)}`); else enabled.add(`trigger of ${eventOf(path)}`); }
      if (path === `${at}/tracing_on`) recording.push(text);
    },
    append(path, text) {
      check(path, text);
      const [what = '', target = ''] = text.split(' ');
      const name = what.split('/').at(-1) ?? '';
      if (!what.startsWith('-:')) { defined.set(name, target); return; }
      if (enabled.has(name) || enabled.has(`trigger of ${name}`)) throw refusal('EBUSY');
      defined.delete(name);
    },
    list: () => ['cpu0'], exists: () => true, makeDirectory: () => undefined, removeDirectory: () => undefined,
    open: () => ({ read: () => 0, close: () => undefined }),
  };
  return { tracefs, defined, enabled, recording };
}

const program = (script: string, target: string, probe: Program['probe'] = 'kprobe'): Program =>
  ({ script, probe, target, fetches: [], filter: '', wantsStack: true, locals: 0, run: () => undefined });
const programs = [
  program('whole', 'f'), program('whole', 'f', 'kretprobe'), program('listed', 'g'), program('listed', 'refused'), program('late', 'h'), program('gone', 'sched:gone', 'tracepoint'),
  program('there', 'sched:there', 'tracepoint'), program('clock', 's:1', 'interval'),
];

async function arm(refuses: Parameters<typeof fakeTracefs>[0]) {
  const { tracefs, defined, enabled, recording } = fakeTracefs(refuses);
  const instance = createInstance(tracefs, { pid: 7, start: 9n });
  const { formats, refused } = await armPrograms(instance, programs);
  const before = [...recording];
  instance.record();
  return { armed: [...formats.keys()].map(({ script, target }) => `${script} ${target}`), refused: Object.fromEntries(refused), functions: [...defined.values()], enabled: enabled.size, before, after: recording };
}

test('all is enabled, and nothing recorded before it is asked for', async () => {
  const { armed, refused, functions, before, after } = await arm(() => undefined);
  expect(armed).toEqual(['whole f', 'whole f', 'listed g', 'listed refused', 'late h', 'there sched:there']);
  expect(functions).toEqual(['f', 'f', 'g', 'refused', 'h']);
  expect(refused).toEqual({ gone: `tracepoint:sched:gone (refused: tracefs has no ${at}/events/sched/gone/format)` });
  expect([before, after]).toEqual([['0'], ['0', '1']]);
});

test('return probes are enabled before any other is, be it by its trigger', async () => {
  const { tracefs, enabled } = fakeTracefs(() => undefined);
  await armPrograms(createInstance(tracefs, { pid: 7, start: 9n }), [program('one', 'f'), program('one', 'f', 'kretprobe'), program('two', 'g'), { ...program('two', 'f', 'kretprobe'), wantsStack: false }]);
  expect([...enabled]).toEqual(['trigger of e7_0', 'e7_0', 'e7_1', 'trigger of e7_2', 'trigger of e7_3', 'e7_2', 'e7_3']);
});

test.each([
  ['EINVAL', 'as for a function on the blacklist'], ['ENOENT', 'as for one that it does not find'], ['EADDRNOTAVAIL', 'as for one of several of that name'],
])('%s, %s: nothing of that script stays, and all others do', async code => {
  const { armed, refused, functions, enabled } = await arm((path, text) => path === 'dynamic_events' && text.includes(' refused') ? code : undefined);
  expect(armed).toEqual(['whole f', 'whole f', 'late h', 'there sched:there']);
  expect(refused).toMatchObject({ listed: `kprobe:refused (refused: ${code})` });
  expect(functions).toEqual(['f', 'f', 'h']);
  // Three events and their triggers, and the tracepoint.
  expect(enabled).toBe(7);
});

test('where the kernel takes no fprobe on a function, a kretprobe waits for its return', () => {
  const { tracefs, defined } = fakeTracefs((path, text) => path === 'dynamic_events' && text.startsWith('f:') && text.includes(' gone%') ? 'EINVAL' : undefined);
  const instance = createInstance(tracefs, { pid: 7, start: 9n }, { returns: 'fprobe', countsMisses: true });
  for (const target of ['there', 'gone']) instance.add(program('s', target, 'kretprobe'));
  expect([...defined.values()]).toEqual(['there%return', 'gone']);
});

test.each([['filter', 'EINVAL'], ['trigger', 'ENOMEM'], ['enable', 'EBUSY']])('what is refused at its %s is taken off again', async (file, code) => {
  const { armed, refused, functions } = await arm((path, text) => path.endsWith(`e7_4/${file}`) && text !== '0' && !text.startsWith('!') ? code : undefined);
  const isRefused = file !== 'filter';
  expect(armed.includes('late h')).toBe(!isRefused);
  expect(refused['late']).toBe(isRefused ? `kprobe:h (refused: ${code})` : undefined);
  expect(functions.includes('h')).toBe(!isRefused);
});

test('an instance that is refused ends the session: nothing can be traced', () => {
  const { tracefs } = fakeTracefs(path => path.endsWith('buffer_size_kb') ? 'ENOMEM' : undefined);
  expect(() => createInstance(tracefs, { pid: 7, start: 9n })).toThrow('tracefs refuses buffers: ENOMEM');
});

import { describe, expect, test } from 'vitest';
import { createTasks, startAtFork, type Thread } from '../../../src/sources/ftrace/tasks.ts';
import { definition, groupName, groupsIn, instanceName, ownerOf } from '../../../src/sources/ftrace/definitions.ts';

const PROC: Readonly<Record<number, Thread>> = { 10: { pid: 10, start: 100n, comm: 'main' }, 11: { pid: 10, start: 100n, comm: 'worker' } };

describe('who a thread belongs to', () => {
  const facts = (tid: number, tasks = createTasks(id => PROC[id])): unknown[] => ['.pid', '.tgid', '.group_leader.start_boottime', '.group_leader.comm'].map(path => tasks.fact(tid, path));

  test('a thread that was there before is asked of /proc, and its name is that of its process', () => {
    expect(facts(11)).toEqual([11n, 10n, 100n, 'main']);
  });
  test('one that nobody knows is at least itself', () => {
    expect(facts(12)).toEqual([12n, 12n, undefined, undefined]);
  });
  test('idle threads are in no list', () => {
    expect(facts(0)).toEqual([0n, 0n, 0n, 'swapper']);
  });
  test('a number that is used again is another process', () => {
    const tasks = createTasks(id => PROC[id]);
    facts(10, tasks);
    tasks.died(10);
    expect(tasks.fact(10, '.group_leader.start_boottime')).toBe(100n);
    tasks.born(10, { pid: 10, start: 200n, comm: 'next' });
    tasks.seed(10, { pid: 10, start: 100n, comm: 'main' });
    expect(facts(10, tasks)).toEqual([10n, 10n, 200n, 'next']);
  });
  test('names change', () => {
    const tasks = createTasks(id => PROC[id]);
    facts(11, tasks);
    tasks.renamed(10, 'other');
    expect(tasks.fact(11, '.group_leader.comm')).toBe('other');
  });
});

describe('when a process began, as /proc has it', () => {
  test.each<[string, readonly (bigint | undefined)[], bigint]>([
    ['the step of 10 ms that its fork is in', [], 50_000_000n],
    ['what /proc says, where that agrees', [undefined, 50_000_000n], 50_000_000n],
    ['the step before, where /proc says so: the fork was traced a little later', [undefined, 40_000_000n], 40_000_000n],
    ['not what /proc said of another process of that pid', [10_000_000n, 60_000_000n], 50_000_000n],
  ])('is %s', (_what, told, start) => { expect(startAtFork(50_123_456n, told)).toBe(start); });
});

describe('whose it is', () => {
  const owner = { pid: 4711, start: 123_456n };
  test('instances and groups name their owner', () => {
    expect([ownerOf(instanceName(owner)), ownerOf(groupName(owner))]).toEqual([owner, owner]);
  });
  test.each(['perf', 'routecause', 'routecause-', 'routecause-1', 'routecause-1-2-3', 'routecause-x-1', 'kprobes', 'my_routecause_1_2'])('%s is none of ours', name => {
    expect(ownerOf(name)).toBeUndefined();
  });
  test('dynamic_events is read as the kernel prints it', () => {
    const text = 'p:kprobes/mine do_sys_open\nr256:routecause_1_2/e1 rtnl_notify\np:routecause_1_2/e0 fib6_del a0=$arg1:u64\nf:routecause_1_2/e2 f%return a0=$retval\ns:synthetic u64 x\np:routecause_3_4/e0 f\n';
    expect([...groupsIn(text)]).toEqual([['kprobes', ['mine']], ['routecause_1_2', ['e1', 'e0', 'e2']], ['routecause_3_4', ['e0']]]);
  });
  test('a definition is a line that the kernel takes', () => {
    const program = { script: 'f', probe: 'kretprobe', target: 'f', fetches: [{ origin: { kind: 'returned' }, form: { size: 4, signed: true } }], filter: '', wantsStack: false, locals: 0, run: () => undefined } as const;
    expect(definition('g', 'e', program, 'kretprobe')).toBe('r256:g/e f a0=$retval:s32');
    expect(definition('g', 'e', program, 'fprobe')).toBe('f:g/e f%return a0=$retval:s32');
    expect(definition('g', 'e', { ...program, probe: 'kprobe' }, 'fprobe')).toBe('p:g/e f a0=$retval:s32');
  });
});

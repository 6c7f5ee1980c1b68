import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringOf, stringsOf } from '../../src/processes/argv.ts';
import { createProcessTable, type ProcessTable } from '../../src/processes/table.ts';
import type { ProbeFields } from '../../src/model/fields.ts';
import type { Observation, ProbeObservation } from '../../src/model/observation.ts';
import type { Actor } from '../../src/model/output.ts';
import { BY_KIND } from '../recording/arbitraries.ts';
import { at, identity, probe, processSeen, task, type Task } from '../model/build.ts';

const text = (...argv: readonly string[]): Uint8Array => new TextEncoder().encode(argv.map(word => `${word}\0`).join(''));
const parentOf = (parent: Task): ProbeFields => ({ parent: parent.pid, parentstart: at(parent.startMs) });
const fork = (child: Task, parent: Task, ms = child.startMs): ProbeObservation =>
  probe(child, ms, 'fork', 'wake_up_new_task', { start: at(child.startMs), ...parentOf(parent), uid: 0, cgroup: 5n, comm: parent.comm });
const exit = (who: Task, ms: number): ProbeObservation => probe(who, ms, 'exit', 'sched_process_exit', { start: at(who.startMs) });
function exec(who: Task, parent: Task, ms: number, argv: readonly string[], chunk = 192): ProbeObservation[] {
  const bytes = text(...argv);
  const chunks = [0, 1, 2].map(i => i * chunk).filter((from, i) => i === 0 || bytes.length > from);
  return [
    probe(who, ms, 'exec', 'sched_process_exec', { ...identity(who), ...parentOf(parent), uid: 1000, cgroup: 5n, arglen: bytes.length }),
    ...chunks.map(from => probe(who, ms, 'argv', 'sched_process_exec', { arglen: bytes.length, offset: from, argv: bytes.slice(from, from + chunk) })),
  ];
}
const table = (...observations: readonly (Observation | readonly Observation[])[]): ProcessTable => {
  const made = createProcessTable();
  for (const observation of observations.flat()) made.observe(observation);
  return made;
};
const actorOf = (processes: ProcessTable, who: Task): Actor => processes.actor(who.pid, at(who.startMs), undefined);

const init = task(1, 'systemd', { startMs: 20 });
const bash = task(100, 'bash', { startMs: 1000 });
const ip = task(200, 'ip', { startMs: 2000 });

describe('an actor', () => {
  test('is told with its arguments, user and ancestry', () => {
    const processes = table(processSeen(500, 1, 20, { comm: 'systemd', argv: ['/sbin/init'], ppid: 0, uid: 0 }),
      fork(bash, init), exec(bash, init, 1001, ['-bash']), fork(ip, bash), exec(ip, bash, 2001, ['ip', 'route', 'add', 'x y']));
    expect(actorOf(processes, ip)).toEqual({
      kind: 'process', pid: 200, comm: 'ip', argv: ['ip', 'route', 'add', 'x y'], uid: 1000,
      ancestry: [{ pid: 100, comm: 'bash', argv: ['-bash'] }, { pid: 1, comm: 'systemd', argv: ['/sbin/init'] }],
    });
  });

  test('does not descend from what an interrupt found idle', () => {
    const idle = task(0, 'swapper/0', { startMs: 0 });
    const processes = table(processSeen(500, 1, 20, { comm: 'systemd', argv: ['/sbin/init'], ppid: 0 }), probe(idle, 900, 'defer', '__put_net', identity(idle)), fork(bash, init));
    expect(actorOf(processes, bash).ancestry).toEqual([{ pid: 1, comm: 'systemd', argv: ['/sbin/init'] }]);
  });

  test('that forked and never executed has the arguments of its parent', () => {
    const child = task(201, 'bash', { startMs: 2100 });
    expect(actorOf(table(fork(bash, init), exec(bash, init, 1001, ['-bash', '-l']), fork(child, bash)), child)).toMatchObject({ comm: 'bash', argv: ['-bash', '-l'] });
  });

  test('that executed after its fork has its own, and its parent keeps its own', () => {
    const processes = table(fork(bash, init), exec(bash, init, 1001, ['-bash']), fork(ip, bash), exec(ip, bash, 2001, ['ip', 'a']));
    expect([actorOf(processes, ip).argv, actorOf(processes, bash).argv]).toEqual([['ip', 'a'], ['-bash']]);
  });

  test('that gave up root acts for another user from then on, and its parent does not', () => {
    const drop = (who: Task, ms: number, uid: number): ProbeObservation => probe(who, ms, 'user', 'commit_creds', { start: at(who.startMs), uid });
    const processes = table(fork(bash, init), fork(ip, bash), drop(ip, 2000.5, 998));
    expect([actorOf(processes, ip).uid, actorOf(processes, bash).uid]).toEqual([998, 0]);
    expect(actorOf(table(fork(ip, bash), drop(ip, 2000.5, 998), exec(ip, bash, 2001, ['ip', 'a'])), ip).uid).toBe(1000);
  });

  test('that executed twice has the last arguments', () => {
    expect(actorOf(table(exec(ip, bash, 2001, ['sh', '-c', 'ip a']), exec(ip, bash, 2002, ['ip', 'a'])), ip).argv).toEqual(['ip', 'a']);
  });

  test('that nobody saw is named by what its record says', () => {
    expect(table().actor(7, at(1), 'ghost')).toEqual({ kind: 'process', pid: 7, comm: 'ghost' });
    expect(table().actor(7, undefined, undefined)).toEqual({ kind: 'process', pid: 7 });
  });

  test('belongs to the unit of its control group', () => {
    const processes = table(fork(bash, init), { kind: 'name', source: 'host', time: at(1), of: 'cgroup', id: '5', name: 'ssh.service' });
    expect(actorOf(processes, bash)).toMatchObject({ unit: 'ssh.service' });
  });
});

describe('a process id that is used again', () => {
  const old = task(300, 'dhclient', { startMs: 3000 });
  const young = task(300, 'ip', { startMs: 9000 });
  const processes = table(exec(old, init, 3001, ['dhclient', 'eth0']), exit(old, 5000), exec(young, bash, 9001, ['ip', 'a']));

  test.each([['the old one', old, ['dhclient', 'eth0']], ['the young one', young, ['ip', 'a']]])('tells %s apart by the start time', (_case, who, argv) => {
    expect(actorOf(processes, who).argv).toEqual(argv);
  });

  test('means the newest one where no start time is known', () => {
    expect(processes.actor(300, undefined, undefined).argv).toEqual(['ip', 'a']);
  });

  test('gives nothing of the known ones to a third one', () => {
    expect(processes.actor(300, at(20_000), 'x')).toEqual({ kind: 'process', pid: 300, comm: 'x' });
  });

  test('does not make a parent of a process younger than the child', () => {
    const child = task(301, 'hook', { startMs: 4000 });
    const seen = table(processSeen(9500, 301, 4000, { ppid: 300, comm: 'hook' }), exec(young, bash, 9001, ['ip', 'a']));
    expect(actorOf(seen, child).ancestry).toBeUndefined();
  });

  test('does not make a parent of the one that had the number before the real parent', () => {
    const child = task(302, 'hook', { startMs: 9100 });
    const seen = table(exec(old, init, 3001, ['dhclient', 'eth0']), fork(child, young));
    expect(JSON.stringify(actorOf(seen, child))).not.toContain('dhclient');
  });
});

describe('arguments', () => {
  test.each([
    ['that fit one chunk', ['ip', 'a'], undefined], ['none', [], undefined], ['an empty one', ['x', '', 'y'], undefined],
    ['over three chunks', ['x', 'A'.repeat(570)], undefined], ['exactly 576 bytes', ['x', 'A'.repeat(573)], undefined],
    ['longer than is read', ['x', 'A'.repeat(4090)], true],
  ])('are put together: %s', (_case, argv, truncated) => {
    const actor = actorOf(table(exec(ip, bash, 2001, argv)), ip);
    expect(actor.argvTruncated).toBe(truncated);
    expect(actor.argv).toEqual(truncated === true ? ['x', 'A'.repeat(574)] : argv);
  });

  test('with a chunk missing end there and say so', () => {
    const [told, first, , third] = exec(ip, bash, 2001, ['x', 'A'.repeat(570)]);
    const records = [told, first, third].filter(record => record !== undefined);
    expect(actorOf(table(records), ip)).toMatchObject({ argv: ['x', 'A'.repeat(190)], argvTruncated: true });
  });

  test('of one exec do not join those of the next', () => {
    const [one] = exec(ip, bash, 2001, ['sh', 'A'.repeat(300)]);
    expect(actorOf(table(one ?? [], exec(ip, bash, 2002, ['ip'])), ip).argv).toEqual(['ip']);
  });

  test('that /proc tells in full replace truncated ones', () => {
    const processes = table(exec(ip, bash, 2001, ['x', 'A'.repeat(4090)]), processSeen(2002, 200, 2000, { comm: 'ip', argv: ['x', 'A'.repeat(4090)] }));
    expect(actorOf(processes, ip)).toMatchObject({ argv: ['x', 'A'.repeat(4090)] });
    expect(actorOf(processes, ip)).not.toHaveProperty('argvTruncated');
  });

  test.each([
    ['a NUL after each', [0x61, 0, 0x62, 0], ['a', 'b']], ['no NUL at the end', [0x61, 0, 0x62], ['a', 'b']], ['nothing', [], []], ['only a NUL', [0], ['']],
    ['bad UTF-8', [0xff, 0], ['\ufffd']],
  ])('are read from bytes with %s', (_case, bytes, expected) => expect(stringsOf(Uint8Array.from(bytes))).toEqual(expected));

  test.each([['with NUL', [0x61, 0, 0x62], 'a'], ['without', [0x61, 0x62], 'ab'], ['empty', [], '']])('a C string %s', (_case, bytes, expected) => {
    expect(stringOf(Uint8Array.from(bytes))).toBe(expected);
  });
});

describe('the dead and the living', () => {
  test('the dead are still known, for what their files hold goes later', () => {
    expect(actorOf(table(exec(ip, bash, 2001, ['ip', 'tuntap']), exit(ip, 2500)), ip).argv).toEqual(['ip', 'tuntap']);
  });

  test('a long-lived process is known after a hundred thousand short ones', () => {
    const processes = table(processSeen(500, 1, 20, { comm: 'systemd', argv: ['/sbin/init'] }), processSeen(500, 50, 100, { comm: 'zebra', argv: ['zebra', '-d'], unit: 'frr.service' }));
    for (let i = 0; i < 100_000; i++) {
      const short = task(1000 + i % 30_000, 'true', { startMs: 10_000 + i * 10 });
      processes.observe(fork(short, bash));
      processes.observe(exit(short, short.startMs + 1));
    }
    expect(processes.actor(50, at(100), undefined)).toMatchObject({ comm: 'zebra', argv: ['zebra', '-d'], unit: 'frr.service', ancestry: [{ pid: 1, comm: 'systemd' }] });
  });
});

describe('ancestry', () => {
  const life = fc.array(fc.record({
    pid: fc.integer({ min: 1, max: 8 }), startMs: fc.integer({ min: 0, max: 30 }).map(n => n * 10), parent: fc.integer({ min: 0, max: 8 }),
    parentMs: fc.option(fc.integer({ min: 0, max: 30 }).map(n => n * 10)), how: fc.constantFrom('fork', 'exec', 'proc', 'exit'),
  }), { maxLength: 30 });
  type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;
  const observe = (events: Life): ProcessTable => table(events.map(({ pid, startMs, parent, parentMs, how }): Observation => {
    const who = task(pid, `p${pid}.${startMs}`, { startMs });
    if (how === 'proc') return processSeen(500, pid, startMs, { ppid: parent, comm: who.comm });
    if (how === 'exit') return exit(who, startMs + 5);
    return probe(who, startMs, how, 'x', { ...identity(who), parent, ...(parentMs === null ? {} : { parentstart: at(parentMs) }) });
  }));

  test('never holds a parent younger than its child', () => {
    fc.assert(fc.property(life, (events) => {
      const processes = observe(events);
      for (const { pid, startMs } of events) {
        let bound = startMs;
        for (const { comm } of processes.actor(pid, at(startMs), undefined).ancestry ?? []) {
          // Of one that was forked before its parent was known there is no name, which has its start.
          if (comm === undefined) continue;
          const started = Number(comm.split('.')[1]);
          expect(started).toBeLessThanOrEqual(bound);
          bound = started;
        }
      }
    }));
  });

  test('has no cycle: nobody is told twice', () => {
    fc.assert(fc.property(life, (events) => {
      const processes = observe(events);
      const known = new Set(events.map(({ pid, startMs }) => `${pid}/${startMs}`));
      for (const { pid, startMs } of events) expect(processes.actor(pid, at(startMs), undefined).ancestry?.length ?? 0).toBeLessThan(known.size);
    }), { numRuns: 1000 });
  });
});

test('the table never throws, whatever is observed', () => {
  fc.assert(fc.property(fc.array(fc.oneof(BY_KIND.probe, BY_KIND.process, BY_KIND.name)), (list) => {
    const processes = table(list);
    for (const observation of list) if (observation.kind === 'probe') processes.actor(observation.pid, observation.fields.start, observation.fields.comm);
  }));
});

import { describe, expect, test } from 'vitest';
import { createPortOwners } from '../../src/attribution/port-owners.ts';
import type { LifeObservation, PortObservation, ProcessObservation } from '../../src/model/observation.ts';
import { bootTime } from '../../src/model/time.ts';
import { createProcessTable } from '../../src/processes/table.ts';

const netns = { inode: 1, cookie: 7n };
const s = (seconds: number): ReturnType<typeof bootTime> => bootTime(BigInt(Math.round(seconds * 1000)) * 1_000_000n);
const seen = { source: 'host' as const };

const runs = (pid: number, startedAt: number, argv: readonly string[], more: Partial<ProcessObservation> = {}): ProcessObservation =>
  ({ kind: 'process', ...seen, time: s(startedAt), pid, startTicks: BigInt(Math.round(startedAt * 100)), ppid: 1, uid: 0, comm: argv[0] ?? '', argv, ...more });
const port = (at: number, portid: number, holders: readonly string[], inode: number | undefined = 500): PortObservation =>
  ({ kind: 'port', ...seen, time: s(at), netns, portid, holders, complete: true, ...(inode === undefined ? {} : { inode }) });
const gone = (at: number, portid: number): PortObservation => ({ kind: 'port', ...seen, time: s(at), netns, portid, holders: [], complete: true });
const life = (at: number, event: LifeObservation['event'], pid: number, parent?: number): LifeObservation => ({ kind: 'life', ...seen, time: s(at), event, pid, ...(parent === undefined ? {} : { parent }) });

type Input = ProcessObservation | PortObservation | LifeObservation;

/** Who is named for a message with port id 4242, sent between 100.0 s and 100.1 s after boot. */
function named(...inputs: readonly Input[]) {
  const processes = createProcessTable();
  const owners = createPortOwners(processes);
  for (const input of inputs) {
    if (input.kind === 'port') owners.onPort(input);
    else if (input.kind === 'life') owners.onLife(input);
    else { processes.observe(input); owners.onProcess(input); }
  }
  return owners.find(netns, 4242, s(100), s(100.1)).actor;
}

const zebra = runs(77, 10, ['zebra', '-d']);
const ip = [life(100.05, 'fork', 4242, 77), life(100.06, 'exec', 4242), runs(4242, 100.05, ['ip', 'route', 'add']), life(100.09, 'exit', 4242)] as const;

describe('the owner of a port id', () => {
  test.each<[string, readonly Input[], object]>([
    ['the one process that holds its socket', [zebra, port(100.11, 4242, ['77/1000'])], { kind: 'process', pid: 77, argv: ['zebra', '-d'] }],
    ['the one that held it a moment ago, if it was not looked at since', [zebra, port(99.5, 4242, ['77/1000'])], { kind: 'process', pid: 77 }],
    ['the process with that id that began and ended around it', [zebra, ...ip], { kind: 'process', pid: 4242, comm: 'ip', argv: ['ip', 'route', 'add'] }],
    ['a child that is what its parent is', [zebra, life(100.05, 'fork', 4242, 77), life(100.12, 'exit', 4242)], { kind: 'process', pid: 4242, comm: 'zebra', ancestry: [{ pid: 77, comm: 'zebra', argv: ['zebra', '-d'] }] }],
    ['by its number, where it was gone before it could be read', [zebra, ip[0], ip[1], ip[3]], { kind: 'process', pid: 4242, ancestry: [{ pid: 77 }] }],
    ['by its number, where it is another program by now', [zebra, ip[0], life(100.5, 'exec', 4242), runs(4242, 100.05, ['rm', '-r']), life(100.6, 'exit', 4242)], { kind: 'process', pid: 4242 }],
    ['the one that has its number, where nobody may see who holds the socket', [zebra, runs(4242, 20, ['networkd']), life(99, 'fork', 4300, 77), { ...port(100.11, 4242, []), complete: false }], { kind: 'process', pid: 4242, argv: ['networkd'] }],
    ['whoever holds it, though a child of it ended before', [zebra, life(99.5, 'fork', 4300, 77), life(99.9, 'exit', 4300), port(100.11, 4242, ['77/1000'])], { kind: 'process', pid: 77 }],
    ['whoever holds it, though a child of it was another program by then', [zebra, life(99.5, 'fork', 4300, 77), life(99.6, 'exec', 4300), port(100.11, 4242, ['77/1000'])], { kind: 'process', pid: 77 }],
    ['whoever holds it, though a child came of it after the message', [zebra, life(100.105, 'fork', 4300, 77), life(100.109, 'exit', 4300), port(100.11, 4242, ['77/1000'])], { kind: 'process', pid: 77 }],
  ])('is %s', (_name, inputs, actor) => { expect(named(...inputs)).toMatchObject(actor); });

  test.each<[string, readonly Input[]]>([
    ['two processes hold its socket', [zebra, runs(78, 11, ['bird']), port(100.11, 4242, ['77/1000', '78/1100'])]],
    ['whoever holds it now began after the message', [runs(77, 100.2, ['late']), port(100.3, 4242, ['77/10020'])]],
    ['its socket was looked at too long after', [zebra, port(103, 4242, ['77/1000'])]],
    ['its socket was gone, and nobody tells of processes', [zebra, runs(4242, 20, ['innocent']), gone(100.11, 4242)]],
    ['the process with that number began after the message', [life(99, 'fork', 1, 0), life(100.2, 'fork', 4242, 77), runs(4242, 100.2, ['innocent'])]],
    ['the process with that number had ended before it', [life(50, 'fork', 4242, 77), life(60, 'exit', 4242)]],
    ['two processes had that number at that time', [...ip, life(100.095, 'fork', 4242, 77)]],
    ['a process of another pid namespace has that number there', [...ip, runs(900, 20, ['ip', 'in', 'a', 'container'], { innerPid: 4242 })]],
    ['a process of another pid namespace may have it', [...ip, runs(900, 20, ['sh'], { innerPid: 1 }), life(100.01, 'fork', 901, 900)]],
    ['the one with that number is itself of another pid namespace', [life(99, 'fork', 1, 0), runs(4242, 20, ['sh'], { innerPid: 3 })]],
    ['its socket was gone, and the process with that number lives on without it', [zebra, runs(4242, 20, ['innocent']), life(99, 'fork', 4300, 77), gone(100.11, 4242)]],
    ['its socket was not looked at, and the process with that number lives on', [zebra, runs(4242, 20, ['innocent']), life(99, 'fork', 4300, 77)]],
    ['two processes hold its socket, and one of them has its number', [runs(4242, 20, ['parent']), life(99, 'fork', 78, 4242), port(100.11, 4242, ['4242/2000', '78/9900'])]],
    ['a child of whoever holds it ended before one looked', [zebra, life(100.01, 'fork', 4300, 77), life(100.104, 'exit', 4300), port(100.11, 4242, ['77/1000'])]],
    ['that child is one of a process whose beginning was told late', [zebra, life(90.3, 'fork', 79, 77), runs(79, 90, ['busy']), life(100.01, 'fork', 4300, 79), life(100.104, 'exit', 4300), port(100.11, 4242, ['79/9000'])]],
    ['a child of a child of whoever holds it did', [zebra, life(99, 'fork', 4300, 77), life(99.5, 'fork', 4301, 4300), life(100.104, 'exit', 4301), port(100.11, 4242, ['77/1000'])]],
    ['a child of whoever holds it became another program before one looked', [zebra, life(100.01, 'fork', 4300, 77), life(100.104, 'exec', 4300), port(100.11, 4242, ['77/1000'])]],
    ['the process with that number ended, and so did a child of it', [ip[0], life(100.06, 'fork', 4300, 4242), life(100.08, 'exit', 4300), life(100.09, 'exit', 4242)]],
    ['the process with that number ended just before, and its child lived on for a while', [life(99, 'fork', 4242, 77), life(99.1, 'fork', 4300, 4242), life(100.02, 'exit', 4242), life(100.3, 'exit', 4300), gone(100.31, 4242)]],
    ['the process with that number ended just before, its child lives on, and nobody has looked yet', [life(99, 'fork', 4242, 77), life(99.1, 'fork', 4300, 4242), life(100.02, 'exit', 4242)]],
    ['whoever held it a moment ago had ended by then', [zebra, life(98, 'fork', 78, 77), runs(78, 98, ['former']), port(99.5, 4242, ['78/9800']), life(99.6, 'exit', 78)]],
    ['events of processes were lost meanwhile', [zebra, ...ip.slice(0, 3), life(100.08, 'lost', 0)]],
  ])('is nobody where %s', (_name, inputs) => { expect(named(...inputs)).toEqual({ kind: 'unknown' }); });

  test('is a number without a name where it became another program since, and kept its socket', () => {
    expect(named(runs(77, 20, ['asker']), life(100.5, 'exec', 77), runs(77, 20, ['sleep']), port(100.51, 4242, ['77/2000']))).toEqual({ kind: 'process', pid: 77 });
  });

  test('is nobody for the kernel, whatever processes there are', () => {
    const owners = createPortOwners(createProcessTable());
    expect(owners.find(netns, 0, s(100), s(101))).toEqual({ actor: { kind: 'unknown' }, evidence: [] });
  });

  test('a socket of another namespace with the same port id is another one', () => {
    const processes = createProcessTable();
    const owners = createPortOwners(processes);
    processes.observe(zebra);
    owners.onPort({ ...port(100.11, 4242, ['77/1000']), netns: { inode: 1, cookie: 8n } });
    expect(owners.find(netns, 4242, s(100), s(100.1)).actor).toEqual({ kind: 'unknown' });
  });
});

test('a chain of forks of any length is looked through', () => {
  const chain = Array.from({ length: 40_000 }, (_, i) => [life(20, 'fork', 1000 + i, i === 0 ? 77 : 999 + i), ...(i === 0 ? [] : [life(20, 'exit', 999 + i)])]).flat();
  expect(named(life(10, 'fork', 77, 1), zebra, ...chain, port(100.11, 4242, ['77/1000']))).toMatchObject({ kind: 'process', pid: 77 });
  expect(named(life(10, 'fork', 77, 1), zebra, ...chain, life(100.05, 'exit', 40_999), port(100.11, 4242, ['77/1000']))).toEqual({ kind: 'unknown' });
});

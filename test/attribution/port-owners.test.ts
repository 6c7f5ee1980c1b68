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
/** A search for who has it; `searched`: an earlier one, and the socket is still there. */
const port = (at: number, holders: readonly string[], { searched = at, inode = 500 } = {}): PortObservation =>
  ({ kind: 'port', ...seen, time: s(at), netns, portid: 4242, holders, complete: true, inode, searched: s(searched) });
const gone = (at: number): PortObservation => ({ kind: 'port', ...seen, time: s(at), netns, portid: 4242, holders: [], complete: true });
const hidden = (at: number): PortObservation => ({ ...port(at, []), complete: false });
const life = (at: number, event: LifeObservation['event'], pid: number, parent?: number): LifeObservation => ({ kind: 'life', ...seen, time: s(at), event, pid, ...(parent === undefined ? {} : { parent }) });

/** As recordings of old have it. */
function ofOld(look: PortObservation): PortObservation {
  const { searched: _, ...old } = look;
  return old;
}

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

const told = life(50, 'fork', 3000, 1);
const zebra = runs(77, 10, ['zebra', '-d']);
/** A daemon of old, whose socket has the number of somebody else. */
const daemon = [told, zebra, port(99, ['77/1000'])] as const;
const still = port(100.11, ['77/1000'], { searched: 99 });
const again = port(100.11, ['77/1000']);
/** A program that has begun lately, and whose socket was never seen before. */
const begun = [told, zebra, life(98, 'fork', 4242, 77), life(98.1, 'exec', 4242), runs(4242, 98, ['python3', 'routes.py'])] as const;
const itsOwn = port(100.11, ['4242/9800']);
const ip = [life(100.05, 'fork', 4242, 77), life(100.06, 'exec', 4242), runs(4242, 100.05, ['ip', 'route', 'add']), life(100.09, 'exit', 4242)] as const;
const sibling = [...begun, life(98.5, 'fork', 4300, 4242), life(98.6, 'fork', 4301, 4300), life(98.6, 'fork', 4302, 4300), life(98.7, 'exit', 4300)] as const;

describe('the owner of a port id whose socket was there before and after', () => {
  test.each<[string, readonly Input[], object]>([
    ['the one process that alone had it', [...daemon, still], { kind: 'process', pid: 77, argv: ['zebra', '-d'] }],
    ['that one, where nobody tells of processes and one looked again', [zebra, port(99, ['77/1000']), again], { kind: 'process', pid: 77 }],
    ['that one, though a child of it was there when one looked first', [told, zebra, life(90, 'fork', 4300, 77), port(99, ['77/1000']), still], { kind: 'process', pid: 77 }],
    ['that one, though a child came and went before', [...daemon, life(99.5, 'fork', 4300, 77), life(99.9, 'exit', 4300), still], { kind: 'process', pid: 77 }],
    ['that one, though a child came after the message', [...daemon, life(100.105, 'fork', 4300, 77), still], { kind: 'process', pid: 77 }],
    ['that one, though others began and ended meanwhile', [...daemon, life(100.01, 'fork', 4300, 3000), life(100.02, 'exec', 4300), life(100.03, 'exit', 4300), still], { kind: 'process', pid: 77 }],
    ['the child that was left with it', [...begun, life(98.5, 'fork', 78, 4242), port(99, ['4242/9800', '78/9850']), port(99.5, ['78/9850']), port(100.11, ['78/9850'], { searched: 99.5 })], { kind: 'process', pid: 78 }],
    ['that one, after a loss of events that was over by then', [told, life(60, 'lost', 0), zebra, life(98, 'fork', 3001, 1), port(99, ['77/1000']), still], { kind: 'process', pid: 77 }],
  ])('is %s', (_name, inputs, actor) => { expect(named(...inputs)).toMatchObject(actor); });

  test.each<[string, readonly Input[]]>([
    ['several had it before', [told, zebra, runs(78, 11, ['bird']), port(99, ['77/1000', '78/1100']), again]],
    ['a child began since one looked, and has it', [...daemon, life(99.5, 'fork', 4300, 77), still]],
    ['that child is another program, which may have been given it', [...daemon, life(99.5, 'fork', 4300, 77), life(99.6, 'exec', 4300), again]],
    ['that child has ended before one looked again', [...daemon, life(99.5, 'fork', 4300, 77), life(100.104, 'exit', 4300), again]],
    ['that child alone has it now', [...daemon, life(99.5, 'fork', 4300, 77), port(100.11, ['4300/9950'])]],
    ['a child of that child may have it', [...daemon, life(99.5, 'fork', 4300, 77), life(99.6, 'fork', 4301, 4300), life(99.7, 'exit', 4300), again]],
    ['another one has it now', [...daemon, runs(78, 11, ['bird']), port(100.11, ['77/1000', '78/1100'])]],
    ['nobody tells of processes, and nobody looked again', [zebra, port(99, ['77/1000']), still]],
    ['a recording of old tells once more what was found before', [zebra, ofOld(port(99, ['77/1000'])), ofOld(still)]],
    ['events of processes were lost since', [...daemon, life(99.5, 'lost', 0), zebra, life(99.6, 'fork', 3001, 1), still]],
    ['they were, and one looked again', [...daemon, life(99.5, 'lost', 0), zebra, life(99.6, 'fork', 3001, 1), again]],
    ['it is another socket by now', [...daemon, port(100.11, ['77/1000'], { inode: 501 })]],
    ['it is gone', [...daemon, gone(100.11)]],
    ['one did not look since', [...daemon]],
    ['whoever had it had ended by then', [told, zebra, life(98, 'fork', 78, 77), runs(78, 98, ['former']), port(99.5, ['78/9800']), life(99.6, 'exit', 78), port(100.11, ['78/9800'], { searched: 99.5 })]],
    ['others were hidden when one looked', [told, zebra, { ...port(99, ['77/1000']), complete: false }, still]],
  ])('is nobody where %s', (_name, inputs) => { expect(named(...inputs)).toEqual({ kind: 'unknown' }); });
});

describe('the owner of a port id whose socket was first seen after', () => {
  test.each<[string, readonly Input[], object]>([
    ['the one that has it, and has its number', [...begun, itsOwn], { kind: 'process', pid: 4242, argv: ['python3', 'routes.py'] }],
    ['that one, though others may not be looked into', [...begun, { ...itsOwn, complete: false }], { kind: 'process', pid: 4242 }],
    ['that one, though whoever started it runs one program after the other', [...begun, life(100.01, 'fork', 4300, 77), life(100.02, 'exec', 4300), life(100.104, 'exit', 4300), itsOwn], { kind: 'process', pid: 4242 }],
    ['that one, though it had children before', [...begun, life(99, 'fork', 4300, 4242), life(99.9, 'exit', 4300), itsOwn], { kind: 'process', pid: 4242 }],
    ['a child of the one with its number, which has ended', [...begun, life(98.5, 'fork', 78, 4242), life(99.9, 'exit', 4242), port(100.11, ['78/9850'])], { kind: 'process', pid: 78 }],
  ])('is %s', (_name, inputs, actor) => { expect(named(...inputs)).toMatchObject(actor); });

  test.each<[string, readonly Input[]]>([
    ['it was looked at too long after', [...begun, port(103, ['4242/9800'])]],
    ['the one that has it began after the message', [told, zebra, life(100.2, 'fork', 4242, 77), runs(4242, 100.2, ['late']), port(100.3, ['4242/10020'])]],
    ['the one that has it has another number, and who opened it is not known', [told, zebra, again]],
    ['that one has begun lately', [...begun, life(98, 'fork', 78, 77), life(98.1, 'exec', 78), port(100.11, ['78/9800'])]],
    ['the one that has its number began before the session, and its children are not known', [told, runs(4242, 20, ['networkd']), port(100.11, ['4242/2000'])]],
    ['nobody tells of processes', [runs(4242, 98, ['python3']), itsOwn]],
    ['several have it', [...begun, life(99, 'fork', 78, 4242), port(100.11, ['4242/9800', '78/9900'])]],
    ['a child of it was there, and has it no more', [...begun, life(99, 'fork', 78, 4242), itsOwn]],
    ['a child of it ended before one looked', [...begun, life(100.01, 'fork', 78, 4242), life(100.104, 'exit', 78), itsOwn]],
    ['a child of a child of it did', [...begun, life(99, 'fork', 4300, 4242), life(99.1, 'fork', 4301, 4300), life(99.2, 'exit', 4300), life(100.104, 'exit', 4301), itsOwn]],
    ['a child that was given it did', [...begun, life(100.01, 'fork', 78, 4242), life(100.02, 'exec', 78), life(100.104, 'exit', 78), itsOwn]],
    ['its parent has ended meanwhile', [...begun, life(98.5, 'fork', 78, 4242), life(100.104, 'exit', 4242), port(100.11, ['78/9850'])]],
    ['its parent, which has the number, has closed it', [...begun, life(98.5, 'fork', 78, 4242), port(100.11, ['78/9850'])]],
    ['a sibling of it has ended, and their parent before', [...sibling, life(98.8, 'exit', 4242), life(100.104, 'exit', 4302), port(100.11, ['4301/9860'])]],
    ['a sibling of it has closed it', [...sibling, life(98.8, 'exit', 4242), port(100.11, ['4301/9860'])]],
    ['another socket had the number when one last looked', [...begun, port(99.5, ['77/1000'], { inode: 499 }), itsOwn]],
    ['another socket had the number a moment ago', [...begun, port(100.05, ['77/1000'], { inode: 499 }), itsOwn]],
    ['another one had it and was gone in that time', [...begun, gone(100.05), itsOwn]],
  ])('is nobody where %s', (_name, inputs) => { expect(named(...inputs)).toEqual({ kind: 'unknown' }); });

  test.each([3, 511])('is the one whose number stands in the low bits, below %d', above => {
    const owners = createPortOwners(createProcessTable());
    const portid = 4242 + above * 2 ** 22;
    for (const input of begun) if (input.kind === 'life') owners.onLife(input); else if (input.kind === 'process') owners.onProcess(input);
    owners.onPort({ ...itsOwn, portid });
    expect(owners.find(netns, portid, s(100), s(100.1)).actor).toMatchObject({ kind: 'process', pid: 4242 });
  });
});

describe('the owner of a port id whose socket is gone', () => {
  test.each<[string, readonly Input[], object]>([
    ['the process with that number that began and ended around it', [zebra, ...ip, gone(100.11)], { kind: 'process', pid: 4242, comm: 'ip', argv: ['ip', 'route', 'add'] }],
    ['that one, though nobody has looked yet', [zebra, ...ip], { kind: 'process', pid: 4242, argv: ['ip', 'route', 'add'] }],
    ['that one, where its end was told a bit after its socket went', [zebra, ...ip.slice(0, 3), gone(100.11), life(100.113, 'exit', 4242)], { kind: 'process', pid: 4242 }],
    ['that one, which was seen to have it', [...begun, port(99, ['4242/9800']), life(100.105, 'exit', 4242), gone(100.11)], { kind: 'process', pid: 4242 }],
    ['a child that is what its parent is', [zebra, life(100.05, 'fork', 4242, 77), life(100.1, 'exit', 4242)], { kind: 'process', pid: 4242, comm: 'zebra', ancestry: [{ pid: 77, comm: 'zebra', argv: ['zebra', '-d'] }] }],
    ['by its number, where it was gone before it could be read', [zebra, ip[0], ip[1], ip[3]], { kind: 'process', pid: 4242, ancestry: [{ pid: 77 }] }],
    ['by its name, where it was read as nobody had waited for it yet', [zebra, ip[0], ip[1], ip[3], runs(4242, 100.05, [], { comm: 'ip', time: s(100.12) })], { kind: 'process', pid: 4242, comm: 'ip' }],
    ['by its number, where it was another program when it ended', [zebra, ip[0], life(100.102, 'exec', 4242), runs(4242, 100.05, ['rm', '-r']), life(100.104, 'exit', 4242)], { kind: 'process', pid: 4242 }],
    ['the one that has its number, where nobody may see who has the socket', [zebra, runs(4242, 20, ['networkd']), life(99, 'fork', 4300, 77), hidden(100.11)], { kind: 'process', pid: 4242, argv: ['networkd'] }],
  ])('is %s', (_name, inputs, actor) => { expect(named(...inputs)).toMatchObject(actor); });

  test.each<[string, readonly Input[]]>([
    ['nobody tells of processes', [zebra, runs(4242, 20, ['innocent']), gone(100.11)]],
    ['the process with that number began after the message', [life(99, 'fork', 1, 0), life(100.2, 'fork', 4242, 77), runs(4242, 100.2, ['innocent'])]],
    ['the process with that number had ended before it', [life(50, 'fork', 4242, 77), life(60, 'exit', 4242)]],
    ['two processes had that number at that time', [...ip, life(100.095, 'fork', 4242, 77)]],
    ['a process of another pid namespace has that number there', [...ip, runs(900, 20, ['ip', 'in', 'a', 'container'], { innerPid: 4242 })]],
    ['a process of another pid namespace may have it', [...ip, runs(900, 20, ['sh'], { innerPid: 1 }), life(100.01, 'fork', 901, 900)]],
    ['the one with that number is itself of another pid namespace', [life(99, 'fork', 1, 0), runs(4242, 20, ['sh'], { innerPid: 3 })]],
    ['the process with that number lives on without it', [zebra, runs(4242, 20, ['innocent']), life(99, 'fork', 4300, 77), gone(100.11)]],
    ['that process ended only when one had looked', [...begun, gone(100.105), life(100.26, 'exit', 4242)]],
    ['that process ended before one looked, but long after the message', [...begun, life(100.26, 'exit', 4242), gone(100.3)]],
    ['nobody has looked, and that process lives on', [...begun]],
    ['nobody has looked, and that process ended later', [...begun, life(100.26, 'exit', 4242)]],
    ['another one was seen to have it', [zebra, port(99, ['77/1000']), ...ip, gone(100.11)]],
    ['the process with that number ended, and so did a child of it', [ip[0], life(100.06, 'fork', 4300, 4242), life(100.08, 'exit', 4300), life(100.09, 'exit', 4242)]],
    ['the process with that number ended, and a child of it lived on for a while', [life(99, 'fork', 4242, 77), life(99.1, 'fork', 4300, 4242), life(100.02, 'exit', 4242), life(100.3, 'exit', 4300), gone(100.31)]],
    ['the process with that number ended, and a child of it lives on', [life(99, 'fork', 4242, 77), life(99.1, 'fork', 4300, 4242), life(100.02, 'exit', 4242)]],
    ['nobody may see who has the socket, and a child of the one with its number may', [runs(4242, 20, ['parent']), life(99, 'fork', 4300, 4242), hidden(100.11)]],
    ['nobody may see who has the socket, but it has outlived the one with its number', [...ip, hidden(100.2)]],
    ['events of processes were lost meanwhile', [zebra, ...ip.slice(0, 3), life(100.08, 'lost', 0)]],
  ])('is nobody where %s', (_name, inputs) => { expect(named(...inputs)).toEqual({ kind: 'unknown' }); });
});

describe('the owner of a port id', () => {
  test('is a number without a name where it became another program since, and kept its socket', () => {
    expect(named(told, runs(77, 20, ['asker']), port(99, ['77/2000']), life(100.5, 'exec', 77), runs(77, 20, ['sleep']), port(100.51, ['77/2000']))).toEqual({ kind: 'process', pid: 77 });
  });

  test('is nobody for the kernel, whatever processes there are', () => {
    const owners = createPortOwners(createProcessTable());
    expect(owners.find(netns, 0, s(100), s(101))).toEqual({ actor: { kind: 'unknown' }, evidence: [] });
  });

  test('a socket of another namespace with the same port id is another one', () => {
    const elsewhere = { inode: 1, cookie: 8n };
    expect(named(told, zebra, { ...port(99, ['77/1000']), netns: elsewhere }, { ...again, netns: elsewhere })).toEqual({ kind: 'unknown' });
  });
});

describe('kin', () => {
  test('through a chain of forks of any length is found', () => {
    const chain = Array.from({ length: 40_000 }, (_, i) => [life(99, 'fork', 5000 + i, i === 0 ? 4242 : 4999 + i), ...(i === 0 ? [] : [life(99, 'exit', 4999 + i)])]).flat();
    expect(named(...begun, ...chain, life(99.5, 'exit', 44_999), itsOwn)).toMatchObject({ kind: 'process', pid: 4242 });
    expect(named(...begun, ...chain, life(100.05, 'exit', 44_999), itsOwn)).toEqual({ kind: 'unknown' });
  });

  test('of a process with very many children is found, and soon', () => {
    const short = Array.from({ length: 40_000 }, (_, i) => [life(60 + i / 1000, 'fork', 50_000 + i, 77), life(60 + i / 1000, 'exit', 50_000 + i)]).flat();
    const lone = [life(55, 'fork', 4300, 77), life(55, 'fork', 4301, 4300), life(56, 'exit', 4300)];
    const opener = [life(50, 'fork', 77, 1), runs(77, 50, ['many'])];
    const find = (...more: readonly Input[]) => named(...opener.map(one => ({ ...one, pid: 4242 })), ...[...lone, ...short].map(one => one.parent === 77 ? { ...one, parent: 4242 } : one), ...more, port(100.11, ['4242/5000']));
    expect(find()).toEqual({ kind: 'unknown' });
    expect(find(life(99.99, 'exit', 4301))).toMatchObject({ kind: 'process', pid: 4242 });
  });
});

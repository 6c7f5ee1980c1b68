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
    ['a child that is what its parent is', [zebra, life(100.05, 'fork', 4242, 77)], { kind: 'process', pid: 4242, comm: 'zebra', ancestry: [{ pid: 77, comm: 'zebra', argv: ['zebra', '-d'] }] }],
    ['by its number, where it was gone before it could be read', [zebra, ip[0], ip[1], ip[3]], { kind: 'process', pid: 4242, ancestry: [{ pid: 77 }] }],
    ['by its number, where it is another program by now', [zebra, ip[0], life(100.5, 'exec', 4242), runs(4242, 100.05, ['rm', '-r'])], { kind: 'process', pid: 4242 }],
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
    ['events of processes were lost meanwhile', [zebra, ...ip.slice(0, 3), life(100.08, 'lost', 0)]],
  ])('is nobody where %s', (_name, inputs) => { expect(named(...inputs)).toEqual({ kind: 'unknown' }); });

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

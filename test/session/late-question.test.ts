import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addLabNetns, type LabNetns } from '../../fixtures/rtnetlink/lab.ts';
import { readProcess } from '../../src/host/processes.ts';
import type { EndpointObservation, Observation } from '../../src/model/observation.ts';
import type { ImpactOutput, OutputRecord } from '../../src/model/output.ts';
import type { BootTime } from '../../src/model/time.ts';
import { createSession } from '../../src/session.ts';
import { createEndpointWatch, type EndpointWatch } from '../../src/sources/endpoints/watch.ts';
import { libc } from '../../src/sources/rtnetlink/libc.ts';
import { openRtnetlinkSource, type RtnetlinkSource } from '../../src/sources/rtnetlink/source.ts';
import { SKIP_REASON } from '../sources/rtnetlink/live.ts';

const SERVER = `require('node:net').createServer(socket => socket.on('error', () => {})).listen(7179, '::', () => console.log('up'));`;
/** Says so when it has done what it was told: "open ADDRESS", "close ADDRESS" (FIN), "reset ADDRESS" (RST). */
const CLIENT = `const net = require('node:net'), open = {}; console.log('up');
require('node:readline').createInterface({ input: process.stdin }).on('line', line => {
  const [what, host] = line.split(' '), done = () => console.log(line);
  if (what === 'open') open[host] = net.connect(7179, host, done).on('error', () => {});
  else open[host].on('close', done)[what === 'close' ? 'destroy' : 'resetAndDestroy']();
});`;

const told = ({ status, what, effect, endpoints }: ImpactOutput): string => `${status} ${what} ${effect} ${endpoints.map(({ remote }) => remote).sort().join(' ')}`;
const now = (): BootTime => libc().now();
/** Nothing that is older is told any more (GIVE_UP_NS of the impact stage, and what the timeline holds back). */
const TOLD_NS = 3_500_000_000n;

/** Sockets, routes and answers are the kernel's; of the tracer only the record of the end is stood in for, with a time that helps nobody. */
describe.skipIf(SKIP_REASON)(`sessions that ended before anybody could ask about them ${SKIP_REASON ?? ''}`, { timeout: 30_000 }, () => {
  const records: OutputRecord[] = [];
  const found = new Map<string, EndpointObservation>();
  const waiting: (() => void)[] = [];
  /** Different answers, by session, and where it was told that all had been asked about. */
  const marks: string[] = [];
  const session = createSession({ clockOffsetNs: '0', host: { hostname: 'h', kernel: '6.1.0', machine: 'x64', cpus: 2 }, tier: 'netlink' });
  let [near, far]: LabNetns[] = [];
  let source: RtnetlinkSource | undefined;
  let watch: EndpointWatch | undefined;
  let drained = 0n;
  let children: ChildProcess[] = [];
  /** What the watch does not get to hear yet. */
  let held: Observation[] | undefined;

  const impacts = (): ImpactOutput[] => records.filter(record => record.kind === 'impact').filter(({ what }) => what === 'tcp');
  const until = (condition: () => boolean): Promise<void> => new Promise(resolve => {
    const look = (): void => { if (condition()) resolve(); else waiting.push(look); };
    look();
  });

  function deliver(observation: Observation): void {
    if (observation.kind === 'drained') drained = observation.time;
    if (observation.kind === 'endpoint' && observation.what === 'tcp') {
      if (observation.event === 'gone') found.delete(observation.remote);
      else found.set(observation.remote, observation);
    }
    if (observation.kind === 'answer' && observation.reason === 'change' && observation.id.startsWith('tcp')) marks.push(observation.id);
    if (observation.kind === 'asked') marks.push('asked');
    records.push(...session.push(observation));
    for (const look of waiting.splice(0)) look();
  }

  function letHear(): void {
    const late = held ?? [];
    held = undefined;
    for (const one of late) watch?.heard(one);
  }

  async function run(netns: LabNetns, program: string): Promise<ChildProcess> {
    const child = spawn('ip', ['netns', 'exec', netns.path.split('/').at(-1) ?? '', process.execPath, '-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  }

  async function client(line: string): Promise<void> {
    const [, child] = children;
    const done = once(child?.stdout ?? process.stdin, 'data');
    child?.stdin?.write(`${line}\n`);
    await done;
  }

  async function open(remote: string): Promise<EndpointObservation> {
    await client(`open ${remote}`);
    await until(() => found.has(remote));
    const one = found.get(remote);
    if (one === undefined) throw new Error(`${remote} is not watched`);
    // What was due when it came has been asked.
    await until(() => drained > one.time + 500_000_000n);
    return one;
  }

  /** Ends the session; the time is the earliest, or the latest, that its end may have had. */
  async function end(how: 'close' | 'reset', remote: string, which: 'earliest' | 'latest'): Promise<BootTime> {
    const earliest = now();
    await client(`${how} ${remote}`);
    return which === 'earliest' ? earliest : now();
  }

  function tellEnd({ id, netns: { inode, cookie } }: EndpointObservation, time: BootTime, state: number): void {
    const socket = BigInt(`0x${id.replace('tcp/', '')}`);
    watch?.heard({ kind: 'probe', source: 'bpftrace', type: 'close', fn: 'tcp_set_state', time, cpu: 0, tid: 1, pid: 1, fields: { netns: inode, ...(cookie === undefined ? {} : { cookie }), socket, state } });
  }

  /** The messages of these commands have been received, and the watch has not heard of them. */
  async function actUnheard(...commands: readonly string[]): Promise<void> {
    held ??= [];
    for (const command of commands) near?.ip(...command.split(' '));
    const after = now();
    await until(() => drained > after);
  }

  beforeAll(async () => {
    [near, far] = [addLabNetns(), addLabNetns()];
    if (near === undefined || far === undefined) return;
    for (const netns of [near, far]) netns.ip('link', 'set', 'lo', 'up');
    near.ip('link', 'add', 'near0', 'type', 'veth', 'peer', 'name', 'far0', 'netns', far.path.split('/').at(-1) ?? '');
    for (const [netns, dev, hosts] of [[near, 'near0', [1]], [far, 'far0', [2, 11, 12, 13, 14, 15, 16, 17, 18]]] as const) {
      // No link-local address, which would come later and have everything asked about once more.
      netns.ip('link', 'set', dev, 'addrgenmode', 'none');
      netns.ip('link', 'set', dev, 'up');
      for (const host of hosts) {
        netns.ip('addr', 'add', `10.0.0.${host}/24`, 'dev', dev);
        netns.ip('addr', 'add', `fd00::${host}/64`, 'dev', dev, 'nodad');
      }
    }
    children = [await run(far, SERVER), await run(near, CLIENT)];
    const opened = openRtnetlinkSource({ netns: near.path });
    source = opened;
    watch = createEndpointWatch({ now, source: opened, readProcess: pid => readProcess(pid, now()), hearsCloses: true });
    await opened.start(observation => {
      deliver(observation);
      if (held === undefined) watch?.heard(observation);
      else held.push(observation);
    });
    await watch.start(deliver);
    deliver({ kind: 'ready', source: 'host', time: now() });
  }, 60_000);

  test.each([
    { name: 'a blackhole', remote: '10.0.0.2', act: 'route add blackhole 10.0.0.2/32', how: 'reset', state: 7, effect: 'unreachable', word: 'CLOSED' },
    { name: 'the address of the peer, given to this host', remote: 'fd00::2', act: 'addr add fd00::2/128 dev lo nodad', how: 'close', state: 4, effect: 'local-delivery', word: 'FIN-WAIT-1' },
  ] as const)('$name: what was moved before its end is told, with its end', async ({ remote, act, how, state, effect, word }) => {
    const one = await open(remote);
    const from = impacts().length;
    await actUnheard(act);
    const time = await end(how, remote, 'earliest');
    tellEnd(one, time, state);
    letHear();
    await until(() => impacts().length === from + 2);
    expect(impacts().slice(from).map(told)).toEqual([`expected tcp ${effect} ${remote}`, `observed tcp ${effect} ${remote}`]);
    const [expected, observed] = impacts().slice(from);
    expect(expected?.owner?.pid).toBe(children[1]?.pid);
    const changes = records.flatMap(record => record.kind === 'route-change' ? [record.id] : []);
    expect(expected?.changes.length).toBeGreaterThan(0);
    expect(expected?.changes.filter(id => !changes.includes(id))).toEqual([]);
    expect(observed).toMatchObject({ of: expected?.id, origin: expected?.origin, bootTimeNs: String(time), endpoints: [{ state: word }] });
  });

  test('the end may be read long after it was noticed', async () => {
    const one = await open('10.0.0.16');
    const from = impacts().length;
    await actUnheard('route add blackhole 10.0.0.16/32');
    const time = await end('reset', '10.0.0.16', 'earliest');
    letHear();
    const noticed = now();
    // The watch has looked for sockets since, and asked.
    await until(() => drained > noticed + 2_000_000_000n);
    expect(impacts().length).toBe(from);
    tellEnd(one, time, 7);
    await until(() => impacts().length === from + 2);
    expect(impacts().slice(from).map(told)).toEqual(['expected tcp unreachable 10.0.0.16', 'observed tcp unreachable 10.0.0.16']);
  });

  test('that all were asked about is told at the start, and after a different answer; not while a session waits for its end to be told', async () => {
    expect(marks[0]).toBe('asked');
    const one = await open('10.0.0.18');
    await actUnheard('route add blackhole 10.0.0.18/32');
    const time = await end('reset', '10.0.0.18', 'earliest');
    const [from, before] = [marks.length, impacts().length];
    letHear();
    const noticed = now();
    await until(() => drained > noticed + 2_000_000_000n);
    expect(marks.slice(from)).toEqual([]);
    tellEnd(one, time, 7);
    await until(() => impacts().length === before + 2);
    expect(marks.slice(from, from + 2)).toEqual([one.id, 'asked']);
  });

  test('nothing is told of what ended before, or was not moved, or of which that is not known', async () => {
    const from = impacts().length;
    const ofSession = async (remote: string, before: readonly string[], after: readonly string[], isTold = true): Promise<void> => {
      const one = await open(remote);
      await actUnheard(...before);
      const time = await end('reset', remote, 'latest');
      await actUnheard(...after);
      if (isTold) tellEnd(one, time, 7);
      letHear();
    };
    await ofSession('10.0.0.11', [], ['route add blackhole 10.0.0.11/32']);
    await ofSession('fd00::11', [], ['addr add fd00::11/128 dev lo nodad']);
    await ofSession('10.0.0.12', ['route add blackhole 10.0.0.99/32', 'route add blackhole 10.0.0.12/32 table 77'], []);
    // A less specific route came before, and the one that moved it after that.
    await ofSession('10.0.0.13', ['route add blackhole 10.0.0.0/16'], ['route add blackhole 10.0.0.13/32']);
    // Which of the two times it was there would have to be known.
    await ofSession('10.0.0.14', ['route add blackhole 10.0.0.14/32', 'route del blackhole 10.0.0.14/32'], ['route add blackhole 10.0.0.14/32']);
    // The tracer has not told when it ended.
    await ofSession('10.0.0.15', ['route add blackhole 10.0.0.15/32'], [], false);
    far?.ip('route', 'add', 'blackhole', '10.0.0.77/32');
    const ended = now();
    await until(() => drained > ended + TOLD_NS);
    expect(impacts().slice(from).map(told)).toEqual([]);
  });

  test('a session that was moved elsewhere is not told, though its address is the same', async () => {
    const from = impacts().length;
    const one = await open('10.0.0.17');
    far?.ip('route', 'add', 'blackhole', '10.0.0.1/32', 'table', '77');
    far?.ip('addr', 'add', '10.0.0.1/32', 'dev', 'lo');
    const time = await end('reset', '10.0.0.17', 'latest');
    tellEnd({ ...one, netns: { ...one.netns, inode: one.netns.inode + 1, cookie: 1n } }, time, 7);
    tellEnd(one, time, 7);
    await until(() => drained > time + TOLD_NS);
    expect(impacts().slice(from).map(told)).toEqual([]);
    expect(found.has('10.0.0.17')).toBe(false);
  });

  afterAll(async () => {
    await watch?.stop();
    await source?.stop();
    for (const child of children) child.kill('SIGKILL');
    near?.remove();
    far?.remove();
  }, 30_000);
});

/**
 * What watching impact costs on a burst: two sessions on the same namespace at the same time, one of them with --no-impact. As root:
 *   node bench/impact.ts [routes] [sessions]
 * Read the ratio of the CPU time that both took; at most 1.10 is the aim.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { addLabNetns } from '../fixtures/rtnetlink/lab.ts';

const count = Number(process.argv[2] ?? 100_000);
const sessions = Number(process.argv[3] ?? 200);
const ROUNDS = 2;
const USER_HZ = 100;

const [near, far] = [addLabNetns(), addLabNetns()];
const nameOf = ({ path }: typeof near): string => path.split('/').at(-1) ?? '';
near.ip('link', 'add', 'near0', 'type', 'veth', 'peer', 'name', 'far0', 'netns', nameOf(far));
for (const [netns, dev, host] of [[near, 'near0', 1], [far, 'far0', 2]] as const) {
  for (const device of ['lo', dev]) netns.ip('link', 'set', device, 'up');
  netns.ip('addr', 'add', `10.200.0.${host}/24`, 'dev', dev);
}
await far.batch(Array.from({ length: sessions }, (_, i) => `addr add 10.201.${i >> 8}.${i & 255}/32 dev lo`));
near.ip('route', 'add', '10.201.0.0/16', 'via', '10.200.0.2');

async function run(netns: typeof near, program: string): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', nameOf(netns), process.execPath, '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}
const server = await run(far, `require('node:net').createServer(() => {}).listen(7000, '0.0.0.0', () => console.log('up'))`);
const client = await run(near, `let n = 0; for (let i = 0; i < ${sessions}; i++) require('node:net').connect(7000, '10.201.' + (i >> 8) + '.' + (i & 255), () => { if (++n === ${sessions}) console.log('up') })`);

interface Watcher { readonly name: string; readonly child: ChildProcess; readonly seen: { changes: number; impacts: number } }

async function watch(name: string, args: readonly string[]): Promise<Watcher> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../dist/routecause.cjs'), 'watch', '--json', '--tier', 'netlink', '--netns', near.path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen = { changes: 0, impacts: 0 };
  await new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{"kind":"route-change"')) seen.changes++;
      else if (line.startsWith('{"kind":"impact"')) seen.impacts++;
      else if (line.startsWith('{"kind":"ready"')) resolve();
      if (line.startsWith('{"kind":"impact-scope"')) process.stdout.write(`${line.slice(0, 300)}\n`);
    });
  });
  return { name, child, seen };
}

const cpuSec = ({ child }: Watcher): number => {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(stat[11]) + Number(stat[12])) / USER_HZ;
};

const watchers = [await watch('with impact', []), await watch('--no-impact', ['--no-impact'])];

async function measure(lines: readonly string[], changes: number): Promise<readonly number[]> {
  const before = watchers.map((one) => ({ cpu: cpuSec(one), changes: one.seen.changes }));
  await near.batch(lines);
  const isDone = (): boolean => watchers.every(({ seen }, index) => seen.changes >= (before[index]?.changes ?? 0) + changes);
  while (!isDone()) await new Promise((resolve) => { setTimeout(resolve, 50); });
  return watchers.map((one, index) => cpuSec(one) - (before[index]?.cpu ?? 0));
}

const route = (i: number): string => `172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32 via 10.200.0.2`;
const all = Array.from({ length: count }, (_, i) => i);
const rows: { readonly what: string; readonly cpu: readonly number[] }[] = [];
for (let round = 0; round < ROUNDS; round++) {
  rows.push({ what: `${count} routes added`, cpu: await measure(all.map((i) => `route add ${route(i)}`), count) });
  rows.push({ what: `${count} routes deleted`, cpu: await measure(all.map((i) => `route del ${route(i)}`), count) });
}
// Each of these covers all sessions: the worst that can come.
const flaps = Math.floor(count / 20);
rows.push({ what: `${flaps * 2} times a route of all sessions`, cpu: await measure(Array.from({ length: flaps }, () => ['route add 10.0.0.0/8 via 10.200.0.2', 'route del 10.0.0.0/8']).flat(), flaps * 2) });

console.table(rows.map(({ what, cpu: [on = 0, off = 0] }) => ({ what, 'cpu with, s': on, 'cpu without, s': off, ratio: Number((on / off).toFixed(3)) })));
const bulk = rows.slice(0, ROUNDS * 2).map(({ cpu: [on = 0, off = 0] }) => on / off).toSorted((a, b) => a - b);
console.log({ sessions, medianRatio: ((bulk[ROUNDS - 1] ?? 0) + (bulk[ROUNDS] ?? 0)) / 2, impacts: watchers[0]?.seen.impacts });
for (const { child } of watchers) { child.kill('SIGINT'); await once(child, 'exit'); }
for (const child of [client, server]) child.kill('SIGKILL');
for (const netns of [near, far]) netns.remove();

/**
 * What a burst of routes costs in each tier: the program that makes them, the watcher, and what is lost. As root, in a machine that may be
 * traced (test/lab/shell.ts), built before:
 *   node bench/burst.ts [routes] [tier]...
 * Read the ratios: absolute times are this machine's. `none` is the same burst with nobody watching.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [routes = '10000', ...tiers] = process.argv.slice(2);
const count = Number(routes);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const batch = join(folder, 'batch');
const USER_HZ = 100;
writeFileSync(batch, Array.from({ length: count }, (_, i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo\n`).join(''));

const stat = (pid: string): string[] => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
};

/** Seconds that a process and all below it have computed. */
function cpuSeconds(root: number): number {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  const family = new Set([String(root)]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const pid of pids) if (family.has(stat(pid)[1] ?? '')) family.add(pid);
  }
  return [...family].reduce((sum, pid) => sum + Number(stat(pid)[11] ?? 0) + Number(stat(pid)[12] ?? 0), 0) / USER_HZ;
}

const timed = (command: string, args: readonly string[]): number => {
  const start = performance.now();
  execFileSync(command, args, { stdio: 'ignore' });
  return (performance.now() - start) / 1000;
};

async function burst(tier: string): Promise<void> {
  const output = join(folder, tier);
  const netns = 'burst';
  execFileSync('ip', ['netns', 'add', netns]);
  execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
  const fd = openSync(output, 'w');
  const watcher = tier === 'none' ? undefined
    : spawn(process.execPath, [join(import.meta.dirname, '../dist/routecause.cjs'), 'watch', '--json', '--netns', netns, '--tier', tier], { stdio: ['ignore', fd, 'inherit'] });
  const told = (): string => readFileSync(output, 'utf8');
  if (watcher !== undefined) while (!told().includes('"kind":"ready"')) await sleep(200);
  const before = cpuSeconds(watcher?.pid ?? 0);
  const add = timed('ip', ['-n', netns, '-batch', batch]);
  const flush = timed('ip', ['-n', netns, 'route', 'flush', 'table', 'main']);
  // All is told when nothing more comes.
  if (watcher !== undefined) {
    for (let size = -1; size !== told().length;) {
      size = told().length;
      await sleep(3000);
    }
  }
  const cpu = watcher === undefined ? 0 : cpuSeconds(watcher.pid ?? 0) - before;
  const ended = watcher && new Promise(resolve => watcher.once('exit', resolve));
  watcher?.kill('SIGINT');
  await ended;
  closeSync(fd);
  const summary = told().trimEnd().split('\n').at(-1) ?? '';
  execFileSync('ip', ['netns', 'del', netns]);
  console.log(`${tier.padEnd(9)} add ${add.toFixed(2)} s, flush ${flush.toFixed(2)} s, watcher ${cpu.toFixed(2)} s of CPU ${summary}`);
}

for (const tier of tiers.length > 0 ? tiers : ['none', 'netlink', 'ftrace', 'bpftrace']) await burst(tier);
rmSync(folder, { recursive: true });

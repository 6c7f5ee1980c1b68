/**
 * Our rtnetlink source beside `ip monitor route`, on the same burst, in a namespace of its own. As root:
 *   node bench/rtnetlink.ts [routes]
 * Read the ratios: absolute times are this machine's. `ip monitor` writes to a file here, so no reader slows it down.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addLabNetns } from '../fixtures/rtnetlink/lab.ts';
import { decodeMessage } from '../src/netlink/decode.ts';
import { openRtnetlinkSource } from '../src/sources/rtnetlink/source.ts';

const count = Number(process.argv[2] ?? 200_000);
const USER_HZ = 100;
const netns = addLabNetns();
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const output = openSync(join(folder, 'monitor'), 'w');
const monitor = spawn('ip', ['-n', basename(netns.path), '-o', 'monitor', 'route'], { stdio: ['ignore', output, 'ignore'] });

let received = 0;
let dumped = 0;
let routes = 0;
const source = openRtnetlinkSource({ netns: netns.path });
await source.start((observation) => {
  if (observation.kind !== 'netlink') return;
  if (observation.dump) dumped++;
  else received++;
  if (decodeMessage(observation.bytes).kind === 'route') routes++;
});
await netns.batch(['link set lo up']);
await sleep(500);
[received, routes] = [0, 0];

const lines = Array.from({ length: count }, (_, i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`);
const before = process.cpuUsage();
await netns.batch(lines);
await sleep(1000);
const used = process.cpuUsage(before);
const oursSec = (used.user + used.system) / 1e6;
const stat = readFileSync(`/proc/${monitor.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
const monitorSec = (Number(stat[11]) + Number(stat[12])) / USER_HZ;
monitor.kill();
const monitorLines = readFileSync(join(folder, 'monitor'), 'utf8').split('\n').filter((line) => line.startsWith('10.')).length;

const [dumpStart, dumpedBefore] = [performance.now(), dumped];
const loop = { gapsMs: [] as number[], last: performance.now() };
const watchLoop = setInterval(() => {
  loop.gapsMs.push(Math.round(performance.now() - loop.last));
  loop.last = performance.now();
}, 1);
await source.dump('check');
const dumpMs = performance.now() - dumpStart;
clearInterval(watchLoop);

const idleBefore = process.cpuUsage();
await sleep(3000);
const idle = process.cpuUsage(idleBefore);

console.table({
  'our source': { received, share: received / count, cpuSec: oursSec, usPerMessage: (oursSec * 1e6) / received },
  'ip monitor': { received: monitorLines, share: monitorLines / count, cpuSec: monitorSec, usPerMessage: (monitorSec * 1e6) / monitorLines },
});
console.log({
  decodedRoutes: routes, drops: source.drops(), dumpMs: Math.round(dumpMs), dumpMessages: dumped - dumpedBefore,
  longestLoopMs: loop.gapsMs.toSorted((a, b) => b - a).slice(0, 5), idleCpuPercent: (idle.user + idle.system) / 30_000,
});
await source.stop();
closeSync(output);
rmSync(folder, { recursive: true });
netns.remove();

// Speed and size of recordings: node bench/recording.ts [observations]. The peer in the same run is what one
// would do without a format: JSON.stringify with a replacer, one line each, the whole gzip'ed.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Observation } from '../src/model/observation.ts';
import { bootTime } from '../src/model/time.ts';
import { decodeObservation, encodeObservation } from '../src/recording/codec.ts';
import { readRecording } from '../src/recording/read.ts';
import { openRecording } from '../src/recording/write.ts';

const COUNT = Number(process.argv[2] ?? 200_000);
const FUNCTIONS = ['rtnl_notify', 'fib_table_insert', '__ipv6_dev_ac_inc', 'dev_forward_change'];
const STACK = ['rtnl_notify', 'inet6_rt_notify', 'fib6_add', 'ip6_ins_rt', '__ipv6_dev_ac_inc', 'dev_forward_change', 'addrconf_sysctl_forward', 'proc_sys_call_handler'];

// xorshift: the same bytes in every run.
let state = 0x9e3779b9;
function random(below: number): number {
  state ^= state << 13; state ^= state >>> 17; state ^= state << 5;
  return (state >>> 0) % below;
}

// A route message: mostly constant, with a random destination and random metrics.
function message(): Uint8Array {
  const bytes = new Uint8Array(116);
  bytes.set([116, 0, 0, 0, 24, 0, 0, 6]);
  for (let index = 40; index < 52; index += 1) bytes[index] = random(256);
  return bytes;
}

function observation(index: number): Observation {
  const time = bootTime(123_456_789_012n + BigInt(index) * 22_000n + BigInt(random(10_000)));
  const cpu = random(4);
  const turn = index % 10;
  if (turn < 4) return { kind: 'netlink', time, source: 'rtnetlink', netns: { inode: 4026531840, cookie: 1n }, dump: false, bytes: message() };
  if (turn === 9) return index % 50 === 9
    ? { kind: 'stack', time, source: 'bpftrace', cpu, id: BigInt(index), frames: STACK }
    : { kind: 'tick', time, source: 'bpftrace', cpu };
  const pid = 1000 + random(50);
  return {
    kind: 'probe', time, source: 'bpftrace', type: 'notify', fn: FUNCTIONS[random(4)] ?? '', cpu, tid: pid, pid,
    fields: { netns: 4026531840, cookie: 1n, comm: 'zebra', portid: pid, nltype: 24, msglen: 116, msg: message(), group: 11, stack: BigInt(random(64)) },
  };
}

async function timed<T>(work: () => Promise<T> | T): Promise<{ seconds: number; result: T }> {
  const start = process.hrtime.bigint();
  const result = await work();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, result };
}

const observations = Array.from({ length: COUNT }, (_, index) => observation(index));
const lines = observations.map(encodeObservation);
const textBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);

function show(name: string, seconds: number, fileBytes?: number): void {
  const size = fileBytes === undefined ? '' : `  ${(fileBytes / 1e6).toFixed(2)} MB, ratio ${(textBytes / fileBytes).toFixed(1)}`;
  console.log(`${name.padEnd(34)} ${Math.round(COUNT / seconds / 1000).toString().padStart(6)} k records/s ${(textBytes / 1e6 / seconds).toFixed(0).padStart(6)} MB/s${size}`);
}

const directory = mkdtempSync(join(tmpdir(), 'routecause-bench-'));
try {
  const path = join(directory, 'recording');
  const replacer = (_key: string, value: unknown): unknown =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
  const reviver = (_key: string, value: unknown): unknown =>
    typeof value === 'string' && /^-?\d+n$/.test(value) ? BigInt(value.slice(0, -1))
      : typeof value === 'object' && value !== null && 'base64' in value ? new Uint8Array(Buffer.from(String(value.base64), 'base64')) : value;

  console.log(`${COUNT} observations, ${(textBytes / 1e6).toFixed(1)} MB of text, Node ${process.version}`);
  for (let round = 0; round < 3; round += 1) {
    console.log(`round ${round + 1}`);
    let longestMs = 0;
    const write = await timed(async () => {
      const recording = await openRecording(path, { session: { kind: 'session', schema: 1, version: '0', tier: 'bpftrace', tierReason: '', host: { hostname: '', kernel: '', machine: '', cpus: 4 }, coverage: { armed: [], replaced: [], blind: [] }, clockOffsetNs: '0' } }, { force: true });
      for (const item of observations) {
        const start = performance.now();
        recording.observe(item);
        longestMs = Math.max(longestMs, performance.now() - start);
      }
      await recording.close();
    });
    show('recording: write', write.seconds, statSync(path).size);
    console.log(`  longest observe(): ${longestMs.toFixed(1)} ms`);
    const read = await timed(async () => {
      let count = 0;
      for await (const _ of (await readRecording(path)).observations) count += 1;
      return count;
    });
    if (read.result !== COUNT) throw new Error(`read ${read.result}`);
    show('recording: read', read.seconds);
    show('  of it encodeObservation', (await timed(() => { for (const item of observations) encodeObservation(item); })).seconds);
    show('  of it decodeObservation', (await timed(() => { for (const line of lines) decodeObservation(line); })).seconds);
    const zip = await timed(() => gzipSync(observations.map((item) => JSON.stringify(item, replacer)).join('\n')));
    show('peer: JSON.stringify, gzip', zip.seconds, zip.result.length);
    const unzip = await timed(() => gunzipSync(zip.result).toString().split('\n').map((line) => JSON.parse(line, reviver)));
    show('peer: gunzip, JSON.parse, reviver', unzip.seconds);
  }
} finally {
  rmSync(directory, { recursive: true });
}

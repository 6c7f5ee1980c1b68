import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { replayBtf } from '../../../fixtures/btf/replay.ts';
import type { Observation } from '../../../src/model/observation.ts';
import { parseProbeFile } from '../../../src/sources/bpftrace/probe-file.ts';
import { compileScript } from '../../../src/sources/ftrace/compile/script.ts';
import { fetchText } from '../../../src/sources/ftrace/compile/fetch.ts';
import type { Field } from '../../../src/sources/ftrace/event-format.ts';
import { createInterpreter } from '../../../src/sources/ftrace/interpret.ts';

/** Where the structures lie on the kernel of the fixture. */
const KERNEL = 'fixtures/btf/6.1.0-56-amd64.json';
const btf = replayBtf(JSON.parse(readFileSync(KERNEL, 'utf8')) as Record<string, unknown>);
const POINTER = 0xffff_8880_0000_0000n;

type Memory = Readonly<Record<string, bigint>>;
interface Happened { readonly at: string; readonly memory?: Memory; readonly cpu?: number; readonly tid?: number }

/** Runs a script of ours over events: "modify_prefix_route" is entered, "return modify_prefix_route" left. What is not said is a pointer, else 0. */
function run(name: string, events: readonly Happened[]): readonly Observation[] {
  const programs = compileScript(name, parseProbeFile(name, readFileSync(`probes/${name}.bt`, 'utf8')).body, { btf, address: () => POINTER, given: [0n] });
  const interpreter = createInterpreter({ programs, symbolAt: () => 'f', threadOf: tid => ({ pid: tid, start: 1n, comm: 'main' }) });
  const told: Observation[] = [];
  for (const { at, memory = {}, cpu = 0, tid = 9 } of events) {
    for (const armed of interpreter.wanted.filter(({ program }) => `${program.probe === 'kretprobe' ? 'return ' : ''}${program.target}` === at)) {
      const data = Buffer.alloc(2048);
      const fields = armed.program.fetches.map((fetch, index): Field => {
        const text = fetchText(fetch) ?? '';
        const signed = text.includes(':s');
        const value = memory[text] ?? (text.endsWith(':u64') ? POINTER : 0n);
        if (signed) data.writeBigInt64LE(value, index * 8); else data.writeBigUInt64LE(value, index * 8);
        return { name: `a${index}`, offset: index * 8, size: 8, signed, text: false, count: 1 };
      });
      interpreter.run({ time: 1n, cpu, tid, of: armed.withFormat({ id: 1, fields }), data, stack: '' }, observation => told.push(observation));
    }
  }
  return told;
}
const fieldsOf = (observations: readonly Observation[]): unknown[] => observations.flatMap(one => one.kind === 'probe' && one.type === 'alter' ? [[one.fields.rtflags, one.fields.lifetime]] : []);

const EXPIRES = 0x400000;
const UP = 1;

describe('the route of a prefix', () => {
  const found = (more: Partial<Happened> = {}): Happened => ({ at: 'return addrconf_get_prefix_route', memory: { '+84($retval):u32': 1n }, ...more });
  const none: Happened = { at: 'return addrconf_get_prefix_route', memory: { '$retval:u64': 0n } };
  const modify = (first: bigint, second: bigint, more: Partial<Happened> = {}): Happened => ({ at: 'modify_prefix_route', memory: { '$arg2:u64': first, '$arg3:u64': second }, ...more });
  const option = (lifetime: readonly [bigint, bigint, bigint, bigint], flags = 0x80n, more: Partial<Happened> = {}): Happened =>
    ({ at: 'addrconf_prefix_rcv', memory: Object.fromEntries([...lifetime.map((byte, i) => [`+${4 + i}($arg2):u8`, byte]), ['+3($arg2):u8', flags]]) as Memory, ...more });
  const cleanup = (deletes: bigint): Happened => ({ at: 'cleanup_prefix_route', memory: { '$arg3:u64': deletes } });

  test.each<[string, readonly Happened[], unknown[]]>([
    ['of an address that lasts 300 s', [modify(30_000n, 1n), found()], [[UP | EXPIRES, 300]]],
    ['of one that lasts for ever', [modify(0n, 0n), found()], [[UP, undefined]]],
    ['the same with the namespace before it, from 6.12', [modify(POINTER, 30_000n), found()], [[UP | EXPIRES, 300]]],
    ['and for ever', [modify(POINTER, 0n), found()], [[UP, undefined]]],
    ['that was advertised with a lifetime', [option([0n, 0n, 2n, 88n]), found()], [[UP | EXPIRES, 600]]],
    ['that was advertised for ever', [option([255n, 255n, 255n, 255n]), found()], [[UP, 0xffff_ffff]]],
    ['of an address that goes before others', [cleanup(0n), found()], [[UP | EXPIRES, undefined]]],
    ['of an address that takes it along', [cleanup(1n), found()], []],
    ['that is withdrawn', [option([0n, 0n, 0n, 0n]), found()], []], ['that is not on-link', [option([0n, 0n, 2n, 88n], 0n), found()], []],
    ['that is not there', [modify(30_000n, 1n), none, found()], []], ['that somebody else looks for', [found()], []],
    ['that is looked for after the advertisement was done with', [option([0n, 0n, 2n, 88n]), { at: 'return addrconf_prefix_rcv' }, found()], []],
    ['in a task that an advertisement interrupts', [modify(30_000n, 1n), option([0n, 0n, 0n, 9n]), found(), { at: 'return addrconf_prefix_rcv' }, found()], [[UP | EXPIRES, 9], [UP | EXPIRES, 300]]],
    ['while another CPU works on an advertisement', [option([0n, 0n, 0n, 9n], 0x80n, { cpu: 1 }), modify(30_000n, 1n), found()], [[UP | EXPIRES, 300]]],
  ])('%s', (_what, events, expected) => {
    expect(fieldsOf(run('addrconf_get_prefix_route', events))).toEqual(expected);
  });
});

describe('routes of a router', () => {
  const offered = (lifetime: readonly [bigint, bigint, bigint, bigint], flags: bigint): Happened =>
    ({ at: 'rt6_route_rcv', memory: Object.fromEntries([...lifetime.map((byte, i) => [`+${4 + i}($arg2):u8`, byte]), ['+3($arg2):u8', flags]]) as Memory });
  const found = (fn = 'rt6_get_route_info', flags = 0n): Happened => ({ at: `return ${fn}`, memory: { '+84($retval):u32': flags } });
  const LOW = 3 << 27;

  test.each<[string, readonly Happened[], unknown[]]>([
    ['with a lifetime', [offered([0n, 0n, 2n, 88n], 0x18n), found()], [[UP | EXPIRES | LOW, 600]]],
    ['for ever, and no longer of high preference', [offered([255n, 255n, 255n, 255n], 0n), found('rt6_get_route_info', 1n << 27n)], [[UP, 0xffff_ffff]]],
    ['the default route', [offered([0n, 0n, 0n, 9n], 0n), found('rt6_get_dflt_router')], [[UP | EXPIRES, 9]]],
    ['withdrawn', [offered([0n, 0n, 0n, 0n], 0n), found()], []],
    ['when all is done', [offered([0n, 0n, 0n, 9n], 0n), { at: 'return ndisc_router_discovery' }, found()], []],
    ['looked for by another CPU', [offered([0n, 0n, 0n, 9n], 0n), { ...found(), cpu: 1 }], []],
  ])('%s', (_what, events, expected) => {
    expect(fieldsOf(run('ndisc_router_discovery', events))).toEqual(expected);
  });
});

test('a route that the kernel asks for, and is refused, is told in two records', () => {
  const asked: Happened = { at: 'ip6_route_add', memory: { '+136($arg1):u64': 0n, '+20($arg1):u32': BigInt(UP | EXPIRES), '+104($arg1):u64': 60_000n, '+8($arg1):s32': 64n } };
  const byProgram: Happened = { at: 'ip6_route_add', memory: { '+136($arg1):u64': POINTER } };
  const back = (retval: bigint): Happened => ({ at: 'return ip6_route_add', memory: { '$retval:u32': retval, '$retval:s32': -17n } });
  const records = run('ip6_route_add', [byProgram, asked, back(0n), back(0xffff_ffefn)]).flatMap(one => one.kind === 'probe' ? [[one.type, one.fields.dstlen, one.fields.rtflags, one.fields.lifetime, one.fields.ret]] : []);
  expect(records).toEqual([['via', 64, UP | EXPIRES, 600, undefined], ['alter', undefined, undefined, undefined, -17]]);
});

import { execa } from 'execa';
import { existsSync, readlinkSync } from 'node:fs';
import { arch, cpus, hostname, release } from 'node:os';
import { readBtf } from '../btf/read.ts';
import type { HostFacts, Prototype } from '../model/host.ts';
import { readBytes, readText } from './files.ts';
import { fentryWord, isReserved, parseBpftraceVersion } from './bpftrace-version.ts';
import { withhold } from './withhold.ts';

/** What the probe scripts ask for in their headers, taken apart. */
export interface Wanted {
  /** To be attached to. */
  readonly functions: ReadonlySet<string>;
  /** Whose address is asked for, whatever they are. */
  readonly symbols: ReadonlySet<string>;
  readonly tracepoints: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

const TRACEFS = ['/sys/kernel/tracing', '/sys/kernel/debug/tracing'];

/** Of the first namespaces of their kind (include/linux/proc_ns.h); a user namespace says by its map that it is no other's. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';
const WHOLE_MAP = /^\s*0\s+0\s+4294967295\s*$/;

/** Reads /proc and /sys, and asks bpftrace and setpriv whether they are there. Changes nothing. `withheld`: see withhold.ts. */
export async function inspectHost(wanted: Wanted, withheld = process.env['ROUTECAUSE_WITHHOLD']): Promise<HostFacts> {
  const facts = withhold(await lookAround(wanted), withheld);
  // It loads programs to find out, so it is asked only where it matters.
  if (facts.kprobes || facts.bpftrace === undefined || facts.uid !== 0) return facts;
  const { bpftrace } = facts;
  const word = fentryWord(await outputOf('bpftrace', ['--info']) ?? '');
  return withhold({ ...facts, fentry: word === undefined ? false : { word, prototypes: readPrototypes(wanted.functions, name => isReserved(bpftrace, name)) } }, withheld);
}

/** Those whose arguments can be asked for by name. */
function readPrototypes(wanted: ReadonlySet<string>, isUnspeakable: (name: string) => boolean): Map<string, Prototype> {
  const btf = readBtf(readBytes('/sys/kernel/btf/vmlinux') ?? new Uint8Array());
  return new Map([...wanted].flatMap(name => {
    const found = btf?.prototype(name);
    return found === undefined || found.parameters.some(parameter => isUnspeakable(parameter.name)) ? [] : [[name, { parameters: found.parameters.map(parameter => parameter.name), returns: found.returns !== 0 }] as const];
  }));
}

async function lookAround(wanted: Wanted): Promise<HostFacts> {
  const tracefs = TRACEFS.find(path => existsSync(`${path}/events`));
  const functions = readFunctions(wanted, tracefs);
  const types = readTypes(wanted.types);
  const lockdown = /\[(\w+)\]/.exec(readText('/sys/kernel/security/lockdown') ?? '')?.[1];
  const [version, setpriv] = await Promise.all([outputOf('bpftrace', ['--version']), outputOf('setpriv', ['--help'])]);
  const bpftrace = parseBpftraceVersion(version ?? '');
  const container = detectContainer();
  return {
    hostname: hostname(), kernel: release(), machine: arch(), cpus: cpus().length, uid: process.geteuid?.() ?? -1,
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(readText('/proc/self/status') ?? '')?.[1] ?? '0'}`),
    ...(lockdown === undefined ? {} : { lockdown }),
    kprobes: existsSync('/sys/bus/event_source/devices/kprobe') || (tracefs !== undefined && existsSync(`${tracefs}/kprobe_events`)),
    kprobesDisarmed: readText('/sys/kernel/debug/kprobes/enabled')?.trim() === '0',
    ...(tracefs === undefined ? {} : { functionTracer: /\bfunction\b/.test(readText(`${tracefs}/available_tracers`) ?? '') }),
    ...(tracefs === undefined ? {} : { tracefs }),
    ...(functions === undefined ? {} : { functions }),
    tracepoints: new Set([...wanted.tracepoints].filter(name => tracefs !== undefined && existsSync(`${tracefs}/events/${name.replace(':', '/')}`))),
    ...(types === undefined ? {} : { types }),
    ...(bpftrace === undefined ? {} : { bpftrace }),
    ...(container === undefined ? {} : { container }),
    userNamespace: !WHOLE_MAP.test(readText('/proc/self/uid_map') ?? '0 0 4294967295'), pidNamespace: (readLink('/proc/self/ns/pid') ?? FIRST_PID_NAMESPACE) !== FIRST_PID_NAMESPACE,
    setpriv: setpriv?.includes('--pdeathsig') === true,
  };
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Types of code in /proc/kallsyms, as nm(1) has them; newer kernels give them to data too. */
const CODE = ['t', 'T', 'w', 'W'];
const ANY = [...CODE, 'd', 'D', 'b', 'B', 'r', 'R', 'v', 'V'];

/** Lines are "address type name", with a tab and the module behind names of modules; the kernel's own are wanted. */
function readFunctions({ functions, symbols: asked }: Wanted, tracefs: string | undefined): Set<string> | undefined {
  const symbols = readBytes('/proc/kallsyms');
  if (symbols === undefined) return undefined;
  // To those who may not know addresses all of them read as zero; the first few are zero for everybody.
  const known = symbols.indexOf(' T _stext\n');
  if (known < 16 || /^0+$/.test(symbols.toString('latin1', known - 16, known))) return undefined;
  const has = (name: string, types: readonly string[]): boolean => types.some(type => symbols.includes(` ${type} ${name}\n`));
  // Some functions exist, but may not be probed.
  const traceable = tracefs === undefined ? undefined : readBytes(`${tracefs}/available_filter_functions`);
  // Lines are "0xADDRESS-0xADDRESS<tab>name"; the function tracer may still sit on those.
  const forbidden = readBytes('/sys/kernel/debug/kprobes/blacklist');
  const isTraceable = (name: string): boolean => has(name, CODE) && (traceable === undefined || traceable.includes(`\n${name}\n`)) && forbidden?.includes(`\t${name}\n`) !== true;
  return new Set([...[...functions].filter(isTraceable), ...[...asked].filter(name => !functions.has(name) && has(name, ANY))]);
}

/** Names of the structs in `wanted`, and for each of their own members "struct.member" and "struct.member@offset" (bytes). */
function readTypes(wanted: ReadonlySet<string>): Set<string> | undefined {
  const bytes = readBytes('/sys/kernel/btf/vmlinux');
  if (bytes === undefined) return undefined;
  const btf = readBtf(bytes);
  return new Set([...wanted].flatMap(name => {
    const id = btf?.struct(name);
    return id === undefined ? [] : [name, ...btf?.members(id).flatMap(member => [`${name}.${member.name}`, `${name}.${member.name}@${member.offset}`]) ?? []];
  }));
}

async function outputOf(file: string, args: string[]): Promise<string | undefined> {
  const result = await execa(file, args, { reject: false, timeout: 10_000, stdin: 'ignore', all: true });
  return result.failed && result.exitCode === undefined ? undefined : result.all;
}

function detectContainer(): string | undefined {
  if (existsSync('/.dockerenv')) return 'docker';
  if (existsSync('/run/.containerenv')) return 'podman';
  const environment = readText('/run/systemd/container')?.trim();
  return environment === undefined || environment === '' ? undefined : environment;
}

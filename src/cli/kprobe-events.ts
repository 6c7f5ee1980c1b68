import { readFileSync } from 'node:fs';
import { readBtf } from '../btf/read.ts';
import { ALL_CAUSES } from '../causes/index.ts';
import { coverageOf, type Coverage } from '../host/coverage.ts';
import { readKernelSymbols, type KernelSymbols } from '../host/kernel-symbols.ts';
import { readThread, readThreads } from '../host/threads.ts';
import { RoutecauseError } from '../model/errors.ts';
import { isKernelFrom, type HostFacts } from '../model/host.ts';
import { SENTINELS } from '../sources/bpftrace/compose.ts';
import { withoutCookie } from '../sources/bpftrace/decode.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import { armPrograms } from '../sources/ftrace/arm.ts';
import type { Program } from '../sources/ftrace/compile/script.ts';
import type { EventFormat } from '../sources/ftrace/event-format.ts';
import type { Returns } from '../sources/ftrace/definitions.ts';
import { createInstance, type Instance } from '../sources/ftrace/instance.ts';
import { BIRTHS_NAME } from '../sources/ftrace/interpret.ts';
import { BIRTHS, prepareScripts } from '../sources/ftrace/prepare.ts';
import { createFtraceSource, type FtraceSource } from '../sources/ftrace/run.ts';
import { tracefsAt } from '../sources/ftrace/tracefs.ts';
import { ftraceDemands, ourselves, type FtraceOptions } from './ftrace.ts';

/** What of the scripts is in the kernel, and what it covers without those that were refused. */
interface Armed { readonly programs: readonly Program[]; readonly formats: ReadonlyMap<Program, EventFormat>; readonly coverage: Coverage }

/** `isWanted`: probes that this session has a use for. */
interface Wanted { readonly scripts: readonly ProbeFile[]; readonly isWanted: (script: ProbeFile) => boolean; readonly netnsInode: number; readonly cookies: boolean }

/** Scripts that nothing is known without: whose process it was, and whether all that came before was told. */
const VITAL: readonly string[] = [BIRTHS_NAME, SENTINELS.first, SENTINELS.last];

/** Makes kprobe events for this very kernel; in place of those that it refuses, their stand-ins. @throws RoutecauseError where a vital one is refused */
async function armAll(instance: Instance, facts: HostFacts, symbols: KernelSymbols, { scripts, isWanted, netnsInode, cookies }: Wanted): Promise<Armed> {
  const btf = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
  if (btf === undefined) throw new RoutecauseError('this host shows no BTF', 'run: routecause doctor');
  const kernel = { btf, address: (name: string) => symbols.address(name), given: [BigInt(netnsInode)] };
  const programs: Program[] = [];
  const formats = new Map<Program, EventFormat>();
  const refused = new Map<string, string>();
  const tried = new Set<string>();
  const covered = (): Coverage => coverageOf(facts, ftraceDemands(scripts), ALL_CAUSES, refused);
  const untried = ({ armed }: Coverage): ProbeFile[] => scripts.filter(script => armed.includes(script.name) && isWanted(script) && !tried.has(script.name));
  let batch = [{ name: BIRTHS_NAME, body: BIRTHS }, ...untried(covered())];
  while (batch.length > 0) {
    for (const { name } of batch) tried.add(name);
    const prepared = prepareScripts(batch.map(({ name, body }) => ({ name, body: cookies ? body : body.replaceAll('->net_cookie', '->ns.inum') })), kernel);
    const armed = await armPrograms(instance, prepared.programs);
    for (const [name, why] of [...prepared.refused, ...armed.refused]) refused.set(name, why);
    for (const [program, format] of armed.formats) formats.set(program, format);
    programs.push(...prepared.programs.filter(({ script }) => !refused.has(script)));
    // What was refused makes room for what stands in for it.
    batch = untried(covered());
  }
  const vital = VITAL.find(name => refused.has(name));
  if (vital !== undefined) throw new RoutecauseError(`the kernel refuses a probe that every session needs: ${refused.get(vital) ?? ''}`, 'try --tier bpftrace, or --tier netlink');
  return { programs, formats, coverage: covered() };
}

/**
 * From 6.14 fprobes wait where function graph tracers do (kernel/trace/fprobe.c, fgraph.c), and so does bpftrace. A kretprobe on top of
 * one cuts off the stacks of both: unwind_recover_ret_addr() (arch/x86/include/asm/unwind.h) undoes one of each kind, in one order only.
 */
const returnsOn = (kernel: string): Returns => isKernelFrom(6, 14, kernel) ? 'fprobe' : 'kretprobe';
/** Before 5.14 a pointer that cannot be read counts as a missed call, each time (kprobe_fault_handler() in arch/x86/kernel/kprobes/core.c): the count says nothing. */
const countsMisses = (kernel: string): boolean => isKernelFrom(5, 14, kernel);

async function inInstance<T>(facts: HostFacts, act: (instance: Instance) => Promise<T>): Promise<T> {
  if (facts.tracefs === undefined) throw new RoutecauseError('tracefs is not mounted', 'run: routecause doctor');
  const instance = createInstance(tracefsAt(facts.tracefs), ourselves(), { returns: returnsOn(facts.kernel), countsMisses: countsMisses(facts.kernel) });
  process.once('exit', () => { instance.remove(); });
  try {
    return await act(instance);
  } catch (error) {
    instance.remove();
    throw error;
  }
}

/** Kprobe events, enabled; nothing is recorded before start(). @throws RoutecauseError where tracefs refuses what every session needs */
export const openFtrace = (facts: HostFacts, options: FtraceOptions & Pick<Wanted, 'scripts'>): Promise<{ readonly source: FtraceSource; readonly coverage: Coverage }> => inInstance(facts, async instance => {
  const symbols = readKernelSymbols();
  const { coverage, ...armed } = await armAll(instance, facts, symbols, { ...options, isWanted: ({ name, option }) => option === '' || options.files.some(file => file.name === name) });
  const source = createFtraceSource({
    ...options, ...armed, instance, tracefs: facts.tracefs ?? '', cpus: 1,
    symbolAt: address => symbols.symbolAt(address), threadOf: readThread, threads: readThreads,
  });
  if (options.cookies) return { source, coverage };
  return { coverage, source: { ...source, start: deliver => source.start(observation => { deliver(withoutCookie(observation)); }) } };
});

/** Which scripts the kernel refuses: all of them are put into it, and taken out again at once. @throws RoutecauseError as a session would */
export const rehearse = (facts: HostFacts, scripts: readonly ProbeFile[]): Promise<ReadonlyMap<string, string>> => inInstance(facts, async instance => {
  const { coverage } = await armAll(instance, facts, readKernelSymbols(), { scripts, isWanted: () => true, netnsInode: 0, cookies: true });
  instance.remove();
  return coverage.refused;
});

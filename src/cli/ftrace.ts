import { readFileSync } from 'node:fs';
import { readBtf } from '../btf/read.ts';
import type { Coverage, Demand } from '../host/coverage.ts';
import { readKernelSymbols } from '../host/kernel-symbols.ts';
import { readThread, readThreads, startTicks } from '../host/threads.ts';
import { RoutecauseError } from '../model/errors.ts';
import type { HostFacts } from '../model/host.ts';
import { withoutCookie } from '../sources/bpftrace/decode.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import type { BpftraceOptions } from '../sources/bpftrace/run.ts';
import type { Owner } from '../sources/ftrace/definitions.ts';
import { createFunctionSource, tracedFunctions } from '../sources/ftrace/functions.ts';
import { BIRTHS_NAME } from '../sources/ftrace/interpret.ts';
import { leftoversIn, removeLeftovers } from '../sources/ftrace/instance.ts';
import { planRequires } from '../sources/ftrace/plans.ts';
import { BIRTHS, prepareScripts } from '../sources/ftrace/prepare.ts';
import { createFtraceSource, type FtraceSource } from '../sources/ftrace/run.ts';
import { tracefsAt } from '../sources/ftrace/tracefs.ts';

/** What scripts need in this tier: a function in the place of a tracepoint whose task cannot be read, and that of births. */
export const ftraceDemands = (files: readonly ProbeFile[]): readonly Demand[] =>
  files.map(file => ({ name: file.name, replaces: file.replaces, requires: [...new Set(file.requires.flatMap(requirement => [requirement, ...planRequires(requirement)]))] }));

const isAlive = ({ pid, start }: Owner): boolean => startTicks(pid) === start;

/** What killed ones left in the kernel; 0 where nobody may look. */
export const countLeftovers = ({ tracefs }: HostFacts): number => tracefs === undefined ? 0 : leftoversIn(tracefsAt(tracefs), isAlive).length;

/** Every start does so, whatever it traces with. Without root nothing happens. */
export function cleanUp({ tracefs }: HostFacts): void {
  if (tracefs !== undefined) removeLeftovers(tracefsAt(tracefs), isAlive);
}

type Options = Omit<BpftraceOptions, 'symbolAt' | 'cpus' | 'wrapper' | 'fentry'>;
const ourselves = (): Owner => ({ pid: process.pid, start: startTicks(process.pid) ?? 0n });

/** Functions whose stacks alone tell something. `by`: what stands in for all of them. */
export const functionCoverage = (coverage: Coverage): Coverage => ({ ...coverage, replaced: [{ probe: 'rtnl_notify', by: 'the function tracer' }] });

/** The function tracer, where there are no kprobes: causes are told from stacks alone. */
export function openFunctions(facts: HostFacts, options: Options, scripts: readonly ProbeFile[], onExec: (pid: number) => void): FtraceSource {
  const symbols = readKernelSymbols();
  const functions = tracedFunctions(scripts).filter(({ fn }) => facts.functions?.has(fn) === true);
  return createFunctionSource({
    ...options, functions, onExec, tracefs: facts.tracefs ?? '', owner: ourselves(), cpus: 1,
    symbolAt: address => symbols.symbolAt(address), threadOf: readThread, threads: readThreads,
  });
}

/** Kprobe events made of the scripts for this very kernel. @throws RoutecauseError where one of them cannot be made */
export function openFtrace(facts: HostFacts, options: Options): FtraceSource {
  const btf = readBtf(readFileSync('/sys/kernel/btf/vmlinux'));
  if (btf === undefined || facts.tracefs === undefined) throw new RoutecauseError('this host shows no BTF or no tracefs', 'run: routecause doctor');
  const symbols = readKernelSymbols();
  const cookies = (text: string): string => options.cookies ? text : text.replaceAll('->net_cookie', '->ns.inum');
  const scripts = [{ name: BIRTHS_NAME, body: BIRTHS }, ...options.files.map(({ name, body }) => ({ name, body: cookies(body) }))];
  const { programs, refused } = prepareScripts(scripts, { btf, address: name => symbols.address(name), given: [BigInt(options.netnsInode)] });
  const [first] = refused;
  if (first !== undefined) throw new RoutecauseError(`probe ${first[0]} cannot be made into a kprobe event: ${first[1]}`, 'try --tier bpftrace');
  const source = createFtraceSource({
    ...options, programs, tracefs: facts.tracefs, owner: ourselves(), cpus: 1,
    symbolAt: address => symbols.symbolAt(address), threadOf: readThread, threads: readThreads,
  });
  if (options.cookies) return source;
  return { ...source, start: deliver => source.start(observation => { deliver(withoutCookie(observation)); }), get ended() { return source.ended; } };
}

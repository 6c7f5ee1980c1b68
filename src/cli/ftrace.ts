import type { Coverage, Demand } from '../host/coverage.ts';
import { readKernelSymbols } from '../host/kernel-symbols.ts';
import { readThread, readThreads, startTicks } from '../host/threads.ts';
import type { HostFacts } from '../model/host.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import type { BpftraceOptions } from '../sources/bpftrace/run.ts';
import type { Owner } from '../sources/ftrace/definitions.ts';
import { createFunctionSource, tracedFunctions } from '../sources/ftrace/functions.ts';
import { leftoversIn, removeLeftovers } from '../sources/ftrace/instance.ts';
import { planRequires } from '../sources/ftrace/plans.ts';
import type { FtraceSource } from '../sources/ftrace/run.ts';
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

export type FtraceOptions = Omit<BpftraceOptions, 'symbolAt' | 'cpus' | 'wrapper' | 'fentry' | 'cookieAt'>;
export const ourselves = (): Owner => ({ pid: process.pid, start: startTicks(process.pid) ?? 0n });

/** Functions whose stacks alone tell something. `by`: what stands in for all of them. */
export const functionCoverage = (coverage: Coverage): Coverage => ({ ...coverage, replaced: [{ probe: 'rtnl_notify', by: 'the function tracer' }] });

/** The function tracer, where there are no kprobes: causes are told from stacks alone. */
export function openFunctions(facts: HostFacts, options: FtraceOptions, scripts: readonly ProbeFile[], onExec: (pid: number) => void): FtraceSource {
  const symbols = readKernelSymbols();
  const functions = tracedFunctions(scripts).filter(({ fn }) => facts.functions?.has(fn) === true);
  return createFunctionSource({
    ...options, functions, onExec, tracefs: facts.tracefs ?? '', owner: ourselves(), cpus: 1,
    symbolAt: address => symbols.symbolAt(address), threadOf: readThread, threads: readThreads,
  });
}

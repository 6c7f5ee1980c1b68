import type { Coverage, Demand } from '../host/coverage.ts';
import { readKernelSymbols } from '../host/kernel-symbols.ts';
import { readThread, readThreads, startTicks } from '../host/threads.ts';
import type { HostFacts } from '../model/host.ts';
import type { Observation, ProcessObservation } from '../model/observation.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import type { BpftraceOptions } from '../sources/bpftrace/run.ts';
import type { Owner } from '../sources/ftrace/definitions.ts';
import { createFunctionSource, tracedFunctions } from '../sources/ftrace/functions.ts';
import { leftoversIn, removeLeftovers } from '../sources/ftrace/instance.ts';
import { planRequires } from '../sources/ftrace/plans.ts';
import type { FtraceSource } from '../sources/ftrace/run.ts';
import { openConnector } from '../sources/proc/connector.ts';
import { tracefsAt } from '../sources/ftrace/tracefs.ts';

/** What scripts need in this tier: a function in the place of a tracepoint whose task cannot be read, and that of births. */
export const ftraceDemands = (files: readonly ProbeFile[]): readonly Demand[] =>
  files.map(file => ({ name: file.name, replaces: file.replaces, applies: file.applies, requires: [...new Set(file.requires.flatMap(requirement => [requirement, ...planRequires(requirement)]))] }));

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

const TICK_NS = 10_000_000n;

/**
 * The function tracer, where there are no kprobes: causes are told from stacks alone. Arguments of programs it has none, so the kernel's
 * process events are listened to where they are to be had, and /proc is read before a program is gone.
 */
export function openFunctions(facts: HostFacts, options: FtraceOptions, scripts: readonly ProbeFile[], read: (pid: number) => ProcessObservation | undefined): FtraceSource {
  const symbols = readKernelSymbols();
  const functions = tracedFunctions(scripts).filter(({ fn }) => facts.functions?.has(fn) === true);
  const starts = new Map<number, bigint>();
  let tell = (_observation: Observation): void => {};
  let connector: ReturnType<typeof openConnector>;
  const learn = (pid: number): ProcessObservation | undefined => {
    const process = read(pid);
    if (process !== undefined) starts.set(pid, process.startTicks * TICK_NS);
    return process;
  };
  const source = createFunctionSource({
    ...options, functions, tracefs: facts.tracefs ?? '', owner: ourselves(), cpus: 1, startOf: pid => starts.get(pid),
    onExec: pid => { const process = learn(pid); if (process !== undefined) tell(process); },
    symbolAt: address => symbols.symbolAt(address), threadOf: readThread, threads: readThreads,
  });
  return {
    start(deliver) {
      tell = deliver;
      // Process events have the kernel's pids.
      if (facts.pidNamespace !== true) connector = openConnector({ read: learn, reread: () => undefined, deliver: observation => { if (observation.kind === 'process') deliver(observation); } });
      return source.start(deliver);
    },
    stop() {
      connector?.close();
      return source.stop();
    },
    get ended() { return source.ended; },
  };
}

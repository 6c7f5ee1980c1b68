import { fentryOf } from '../host/fentry.ts';
import { createModuleSymbols } from '../host/symbols.ts';
import { isKernelFrom, type HostFacts } from '../model/host.ts';
import type { ProcessObservation } from '../model/observation.ts';
import type { Tier } from '../model/output.ts';
import type { Source } from '../model/ports.ts';
import { isFunctionTracerOnly } from '../host/diagnosis.ts';
import type { Coverage } from '../host/coverage.ts';
import { cleanUp, openFunctions } from './ftrace.ts';
import { openFtrace } from './kprobe-events.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import { createBpftraceSource, type BpftraceOptions } from '../sources/bpftrace/run.ts';

/** `ended`: nothing of the tracer is left in the kernel; it is so soon after stop(). */
export interface Tracer extends Source { readonly ended: Promise<void> }

/** All scripts there are, and for the function tracer, what /proc knows of a process now. */
interface Untold { readonly scripts: readonly ProbeFile[]; readonly readProcess: (pid: number) => ProcessObservation | undefined }

/** `coverage`: where the kernel refused probes, what is covered all the same. */
export interface OpenedTracer { readonly tracer: Tracer; readonly coverage?: Coverage }

/** What tells of kernel functions in this tier; in the netlink tier nothing does. Tells nothing before start(). */
export async function openTracer(tier: Tier, facts: HostFacts, options: Omit<BpftraceOptions, 'symbolAt' | 'cpus' | 'wrapper' | 'fentry' | 'cookieAt' | 'btf'> & Untold): Promise<OpenedTracer> {
  cleanUp(facts);
  if (tier === 'netlink') return { tracer: { start: () => Promise.resolve(), stop: () => Promise.resolve(), ended: Promise.resolve() } };
  if (tier === 'ftrace' && isFunctionTracerOnly(facts)) return { tracer: openFunctions(facts, options, options.scripts, options.readProcess) };
  if (tier === 'ftrace') {
    const { source, coverage } = await openFtrace(facts, options);
    return { tracer: source, coverage };
  }
  const fentry = fentryOf(facts);
  const cookieAt = memberAt(facts, 'net.net_cookie');
  return { tracer: createBpftraceSource({
    ...options, ...(fentry === undefined ? {} : { fentry }), ...(cookieAt === undefined ? {} : { cookieAt }), symbolAt: createModuleSymbols(), cpus: facts.cpus,
    ...(isKernelFrom(5, 11, facts.kernel) ? {} : { btf: '/sys/kernel/btf/vmlinux' }),
    wrapper: facts.setpriv ? ['setpriv', '--pdeathsig', 'TERM', '--'] : [],
  }) };
}

/** Bytes from the start of a structure to its member, as BTF has it. */
function memberAt({ types = new Set() }: HostFacts, member: string): number | undefined {
  const found = [...types].find(type => type.startsWith(`${member}@`));
  return found === undefined ? undefined : Number(found.slice(member.length + 1));
}

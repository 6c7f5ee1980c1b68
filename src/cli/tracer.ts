import { fentryOf } from '../host/fentry.ts';
import { createModuleSymbols } from '../host/symbols.ts';
import type { HostFacts } from '../model/host.ts';
import type { Tier } from '../model/output.ts';
import type { Source } from '../model/ports.ts';
import { isFunctionTracerOnly } from '../host/diagnosis.ts';
import { cleanUp, openFtrace, openFunctions } from './ftrace.ts';
import type { ProbeFile } from '../sources/bpftrace/probe-file.ts';
import { createBpftraceSource, type BpftraceOptions } from '../sources/bpftrace/run.ts';

/** `ended`: nothing of the tracer is left in the kernel; it is so soon after stop(). */
export interface Tracer extends Source { readonly ended: Promise<void> }

/** For the function tracer: all scripts there are, and who is to be told of a new program. */
interface Untold { readonly scripts: readonly ProbeFile[]; readonly onExec: (pid: number) => void }

/** What tells of kernel functions in this tier; in the netlink tier nothing does. Attaches nothing before start(). */
export function openTracer(tier: Tier, facts: HostFacts, options: Omit<BpftraceOptions, 'symbolAt' | 'cpus' | 'wrapper' | 'fentry' | 'cookieAt'> & Untold): Tracer {
  cleanUp(facts);
  if (tier === 'netlink') return { start: () => Promise.resolve(), stop: () => Promise.resolve(), ended: Promise.resolve() };
  if (tier === 'ftrace') return isFunctionTracerOnly(facts) ? openFunctions(facts, options, options.scripts, options.onExec) : openFtrace(facts, options);
  const fentry = fentryOf(facts);
  const cookieAt = memberAt(facts, 'net.net_cookie');
  return createBpftraceSource({
    ...options, ...(fentry === undefined ? {} : { fentry }), ...(cookieAt === undefined ? {} : { cookieAt }), symbolAt: createModuleSymbols(), cpus: facts.cpus,
    wrapper: facts.setpriv ? ['setpriv', '--pdeathsig', 'TERM', '--'] : [],
  });
}

/** Bytes from the start of a structure to its member, as BTF has it. */
function memberAt({ types = new Set() }: HostFacts, member: string): number | undefined {
  const found = [...types].find(type => type.startsWith(`${member}@`));
  return found === undefined ? undefined : Number(found.slice(member.length + 1));
}

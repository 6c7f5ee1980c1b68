import type { HostFacts } from '../model/host.ts';
import { fentryOf } from './fentry.ts';

/** One thing that keeps this host from being traced: a sentence, and the command or act that mends it. */
export interface Finding { readonly problem: string; readonly remedy: string }

const CAP_SYS_ADMIN = 1n << 21n;
const MINIMUM = { major: 0, minor: 17 } as const;

/** The function tracer stands in for kprobe events: it tells which functions ran, and nothing of their arguments. */
export const isFunctionTracerOnly = (facts: HostFacts): boolean => !facts.kprobes && facts.functionTracer === true && facts.tracefs !== undefined;

/** Everything that keeps ftrace from telling what happens here: as for bpftrace, but for bpftrace itself and its other way of attaching. */
export function diagnoseFtrace(facts: HostFacts): readonly Finding[] {
  const { fentry: _, ...rest } = facts;
  // It needs no types either, for it loads nothing.
  const instead = isFunctionTracerOnly(facts) ? { kprobes: true, types: new Set<string>() } : {};
  return diagnose({ ...rest, ...instead, bpftrace: { version: '', major: Number.POSITIVE_INFINITY, minor: 0 } });
}

/** Everything that keeps bpftrace from tracing here, what matters most first; empty: it can. */
export function diagnose(facts: HostFacts): readonly Finding[] {
  const findings: Finding[] = [];
  const when = (is: boolean, problem: string, remedy: string): void => { if (is) findings.push({ problem, remedy }); };
  const root = facts.uid === 0 && facts.userNamespace !== true;
  when(facts.uid !== 0, 'tracing needs root', 'run it with sudo');
  when(facts.uid === 0 && facts.userNamespace === true, 'root here is root of a user namespace only (a rootless container), which may not trace', 'run it on the host as root');
  when(root && (facts.capabilities & CAP_SYS_ADMIN) === 0n,
    `root here lacks CAP_SYS_ADMIN${facts.container === undefined ? '' : ` (${facts.container} container)`}, so the kernel refuses tracing`, 'run it on the host, outside of the container');
  when(facts.lockdown === 'confidentiality', 'the kernel is locked down (confidentiality) and refuses kprobes', 'boot with lockdown=integrity or less, if your policy allows it');
  // Without root nobody can tell whether the other way would work.
  when(!facts.kprobes && fentryOf(facts) === undefined, `this kernel (${facts.kernel}) has no kprobes${facts.fentry === false ? ', and fentry does not work either' : ''}`, 'boot a kernel with CONFIG_KPROBES and CONFIG_BPF_SYSCALL: every major distribution\'s has them');
  when(facts.kprobes && facts.kprobesDisarmed === true, 'kprobes are switched off (kprobes/enabled of debugfs is 0): they can be attached and never fire', 'echo 1 > /sys/kernel/debug/kprobes/enabled');
  when(facts.types === undefined, 'this kernel shows no BTF type information (/sys/kernel/btf/vmlinux)', 'boot a kernel with CONFIG_DEBUG_INFO_BTF=y');
  when(root && facts.functions === undefined, 'the kernel hides its symbols (/proc/kallsyms)', 'sysctl -w kernel.kptr_restrict=1');
  when(root && (facts.kprobes || fentryOf(facts) !== undefined) && facts.tracefs === undefined, 'tracefs is not mounted', 'mount -t tracefs nodev /sys/kernel/tracing');
  when(facts.bpftrace === undefined, 'bpftrace is not installed', 'apt-get install bpftrace (or dnf install bpftrace)');
  const { bpftrace } = facts;
  when(bpftrace !== undefined && bpftrace.major === MINIMUM.major && bpftrace.minor < MINIMUM.minor,
    `bpftrace ${bpftrace?.version ?? ''} is too old`, `install bpftrace ${MINIMUM.major}.${MINIMUM.minor} or newer`);
  return findings;
}

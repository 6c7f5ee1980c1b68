/** What BTF says of a function: its parameters in order, and whether it returns anything. */
export interface Prototype { readonly parameters: readonly string[]; readonly returns: boolean }

/** BPF programs attached to functions without kprobes: what bpftrace calls it, and what can be attached to. */
export interface Fentry { readonly word: 'kfunc' | 'fentry'; readonly prototypes: ReadonlyMap<string, Prototype> }

/** What this machine can show: plain data, read once at the start. */
export interface HostFacts {
  readonly hostname: string;
  readonly kernel: string;
  readonly machine: string;
  readonly cpus: number;
  readonly uid: number;
  /** Effective capabilities as a bit mask (CapEff of /proc/self/status). */
  readonly capabilities: bigint;
  /** "none", "integrity", "confidentiality"; undefined: the kernel has no lockdown, or does not show it. */
  readonly lockdown?: string;
  /** The kernel offers kprobes: the perf PMU "kprobe", or kprobe_events in tracefs. */
  readonly kprobes: boolean;
  /** kprobes can be attached and never fire: kprobes/enabled of debugfs is 0. */
  readonly kprobesDisarmed?: boolean;
  /** Looked for only where kprobes are missing; false: bpftrace has seen that it does not work. */
  readonly fentry?: Fentry | false;
  readonly tracefs?: string;
  /** tracefs offers the function tracer: which functions run and on whose stack, without their arguments. */
  readonly functionTracer?: boolean;
  /** Names of functions asked for that /proc/kallsyms lists; undefined: unreadable, or all addresses hidden. */
  readonly functions?: ReadonlySet<string>;
  /** Tracepoints asked for ("sched:sched_process_exec") that tracefs lists. */
  readonly tracepoints: ReadonlySet<string>;
  /** "struct" and "struct.member" names in the kernel's BTF; undefined: no BTF. */
  readonly types?: ReadonlySet<string>;
  readonly bpftrace?: { readonly version: string; readonly major: number; readonly minor: number };
  /** "docker", "lxc", ...: a container as far as one can tell. */
  readonly container?: string;
  /** uid 0 here is root of a user namespace only, which the kernel takes for nobody. */
  readonly userNamespace?: boolean;
  /** Process ids here are not those that the kernel tells. */
  readonly pidNamespace?: boolean;
  /** setpriv of util-linux, which ties the tracer's life to ours. */
  readonly setpriv: boolean;
}

/** Of what no feature tells. Where it decides, a verdict is likely at best: distributions port changes back. */
export function isKernelFrom(major: number, minor: number, release: string): boolean {
  const [own = 0, ownMinor = 0] = release.split('.').map(part => Number.parseInt(part, 10));
  return own > major || (own === major && ownMinor >= minor);
}

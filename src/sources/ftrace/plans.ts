import { ScriptError } from './script/tokens.ts';

/**
 * Kprobe events cannot read the running thread's task_struct. Where a script needs more of it than its numbers, name and
 * start time, this says which function has the task as an argument.
 */
export interface Plan {
  readonly probe: 'kprobe' | 'kretprobe' | 'tracepoint' | 'interval';
  readonly target: string;
  /** The argument that is the running thread's task_struct. */
  readonly task?: number;
  /** The argument that is a task of the same cgroup. */
  readonly cgroup?: number;
  /** Its stack stands in for the caller's where bpftrace loses that one: here none is lost that has its event. */
  readonly stackless?: boolean;
  /**
   * `target` is the function that calls this one for the same thing, with a handler in the same script: the work is done at the end of
   * that one, on its event, and no probe is put here. `args`: which argument there is the one of this number.
   */
  readonly joins?: { readonly args: Readonly<Record<number, number>> };
}

/** Probe of a script: where ftrace puts it, and what its arguments stand for. */
const PLANS: Readonly<Record<string, Plan>> = {
  // kernel/fs/exec.c, exec_binprm(): the last it does for a new program, after the tracepoint.
  'tracepoint:sched:sched_process_exec': { probe: 'kprobe', target: 'proc_exec_connector', task: 0, cgroup: 0 },
  // A child starts in the cgroup of its parent, unless clone3() says otherwise.
  'kprobe:wake_up_new_task': { probe: 'kprobe', target: 'wake_up_new_task', cgroup: 0 },
  // rtnl_notify(skb, net, pid, group, nlh, flags) calls nlmsg_notify(net->rtnl, skb, pid, group, report, flags), and nothing comes between.
  'kprobe:nlmsg_notify': { probe: 'kprobe', target: 'rtnl_notify', stackless: true, joins: { args: { 1: 0, 2: 2, 3: 3, 5: 5 } } },
  'kprobe:rt6_flush_exceptions': { probe: 'kprobe', target: 'rt6_flush_exceptions', stackless: true },
  'kprobe:fib_release_info': { probe: 'kprobe', target: 'fib_release_info', stackless: true },
};

/** Features that a plan needs beside those that the script's header lists. */
export const planRequires = (probe: string): readonly string[] => {
  const plan = PLANS[probe];
  return plan?.probe === 'kprobe' && probe !== `kprobe:${plan.target}` ? [`kprobe:${plan.target}`] : [];
};

/** @throws ScriptError for a kind of probe that ftrace has not */
export function planOf(probe: string, target: string): Plan {
  const plan = PLANS[`${probe}:${target}`];
  if (plan !== undefined) return plan;
  if (probe !== 'kprobe' && probe !== 'kretprobe' && probe !== 'tracepoint' && probe !== 'interval') throw new ScriptError(`ftrace has no ${probe}`);
  return { probe, target };
}

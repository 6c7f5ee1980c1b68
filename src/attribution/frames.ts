import type { Where } from '../model/attribution.ts';

/** Functions that enter softirq or interrupt processing: what lies outside of them is an innocent bystander. */
const INTERRUPT = /^(__do_softirq|__softirqentry_text_start|handle_softirqs|do_softirq|do_softirq_own_stack|__local_bh_enable_ip|irq_exit_rcu|__irq_exit_rcu|sysvec_|asm_sysvec_|common_interrupt|asm_common_interrupt|el1_interrupt|__el1_irq|run_timer_softirq|net_rx_action|call_timer_fn)/;
/** Softirq work done by a kernel thread: nobody is interrupted, and nobody there is the cause either. */
const SOFTIRQ_THREAD = /^(run_ksoftirqd|ktimers_thread)/;
const KTHREAD = /^(process_one_work|worker_thread|kthread|ret_from_fork|ret_from_fork_asm)$/;
const SYSCALL = /^(do_syscall_64|entry_SYSCALL|do_fast_syscall_32|__do_fast_syscall_32|do_int80_syscall_32|entry_INT80|__x64_sys_|__ia32_sys_|__arm64_sys_|invoke_syscall|el0_svc|do_exit|syscall_exit_to_user_mode|exit_to_user_mode_prepare|task_work_run)/;

/** Frames of one stack, cut at the innermost interrupt, and what kind of context that leaves. */
export interface Context { readonly frames: readonly string[]; readonly where: Where }

export function readFrames(frames: readonly string[]): Context {
  const interrupt = frames.findIndex(frame => INTERRUPT.test(frame) || SOFTIRQ_THREAD.test(frame));
  const syscall = frames.findIndex(frame => SYSCALL.test(frame));
  if (interrupt >= 0 && (syscall < 0 || interrupt < syscall)) return { frames: frames.slice(0, interrupt + 1), where: 'softirq' };
  if (syscall >= 0) return { frames: frames.slice(0, syscall + 1), where: 'task' };
  if (frames.some(frame => KTHREAD.test(frame))) return { frames, where: 'kworker' };
  return { frames, where: 'unknown' };
}

/**
 * Before Linux 5.16 a stack ends at the innermost function that has a return probe: the address of this stands in place of its caller's, and is not looked up
 * while a stack is walked (arch/x86/kernel/unwind_orc.c, unwind_recover_ret_addr()).
 */
const CUT = /^(__)?kretprobe_trampoline$/;

/** What lies outside of the last frame is not shown. */
export const isCut = ({ frames, where }: Context): boolean => where === 'unknown' && CUT.test(frames.at(-1) ?? '');

/** Of frames that were mended by what the thread had entered before: how many the stack itself has. */
export const framesShown = (frames: readonly string[]): number => {
  const cut = frames.findIndex(frame => CUT.test(frame));
  return cut < 0 || cut === frames.length - 1 ? frames.length : cut;
};

/** What the tracer itself puts on top of a stack. */
const TRAMPOLINE = /^(kprobe_|aggr_pre_handler|ftrace_|opt_pre_handler|bpf_|trace_call_bpf|perf_trace|fexit_|fprobe_|return_to_handler|0x)/;

export function withoutTracer(frames: readonly string[]): readonly string[] {
  const start = frames.findIndex(frame => !TRAMPOLINE.test(frame));
  return start <= 0 ? frames : frames.slice(start);
}

/** Most frames that a tracer has been seen to put on top. */
const TRACERS_MOST = 8;

/** The stack from the probed function on, if it is there: the trampolines of tracers have no names, and are taken for whatever lies below them in memory. */
export function fromProbed(frames: readonly string[], fn: string): readonly string[] {
  const own = frames.slice(0, TRACERS_MOST).findIndex(frame => frame === fn || frame.startsWith(`${fn}.`));
  return own <= 0 ? frames : frames.slice(own);
}

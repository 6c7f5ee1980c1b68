// SPDX-License-Identifier: MIT
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

/** What a tracer leaves behind if it is not careful. */
export type Traces = {
  /** Lines of /sys/kernel/debug/kprobes/list. */
  readonly kprobes: number
  readonly bpftraceProcesses: number
  /** Temporary folders of routecause. */
  readonly folders: number
}

/** Reads them now. */
export async function readTraces(guest: Guest): Promise<Traces> {
  const output = await must(guest, 'wc -l < /sys/kernel/debug/kprobes/list; pgrep -cx bpftrace; ls -d /tmp/routecause-* 2> /dev/null | wc -l')
  const [kprobes = 0, bpftraceProcesses = 0, folders = 0] = output.trim().split('\n').map(Number)
  return { kprobes, bpftraceProcesses, folders }
}

/** Waits, in the guest, until the last bpftrace has ended. @throws Error when that takes more than 30 s */
export async function awaitNoBpftrace(guest: Guest): Promise<void> {
  await must(guest, 'for pid in $(pgrep -x bpftrace); do timeout 30 tail -s 0.05 -f /dev/null --pid $pid; done')
}

import type { HostFacts } from '../model/host.ts';

/** "bpftrace v0.17.0", "bpftrace v0.23.2-dirty": what `bpftrace --version` prints. */
export function parseBpftraceVersion(text: string): NonNullable<HostFacts['bpftrace']> | undefined {
  const match = /^bpftrace v?(\d+)\.(\d+)(?:\.\d+)?/m.exec(text);
  if (match === null) return undefined;
  return { version: match[0].replace(/^bpftrace v?/, ''), major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether `bpftrace --info` says that it can attach to the entry of functions without kprobes; its word for that changed in 0.22. */
export const hasFentry = (text: string): boolean => /^\s*(kfunc|fentry): yes$/m.test(text);

import type { HostFacts } from '../model/host.ts';

/** "bpftrace v0.17.0", "bpftrace v0.23.2-dirty": what `bpftrace --version` prints. */
export function parseBpftraceVersion(text: string): NonNullable<HostFacts['bpftrace']> | undefined {
  const match = /^bpftrace v?(\d+)\.(\d+)(?:\.\d+)?/m.exec(text);
  if (match === null) return undefined;
  return { version: match[0].replace(/^bpftrace v?/, ''), major: Number(match[1]), minor: Number(match[2]) };
}

/** What `bpftrace --info` calls attaching to functions without kprobes, if it says that this works; the word changed in 0.22. */
export function fentryWord(text: string): 'kfunc' | 'fentry' | undefined {
  const word = /\b(kfunc|fentry): yes\b/.exec(text)?.[1];
  return word === 'kfunc' || word === 'fentry' ? word : undefined;
}

/** Names that an argument may have and this bpftrace takes for types of its own (`args.buffer` does not parse from 0.22 until 0.27). */
export const isReserved = ({ major, minor }: NonNullable<HostFacts['bpftrace']>, name: string): boolean =>
  major === 0 && minor >= 22 && minor < 27 && ['buffer', 'string', 'inet'].includes(name);

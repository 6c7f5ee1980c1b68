import type { HostFacts } from '../model/host.ts';

/** For tests: the words of ROUTECAUSE_WITHHOLD (kprobes, fentry, bpftrace, btf, tracefs), each of which takes away what it names. */
export function withhold(facts: HostFacts, words: string | undefined): HostFacts {
  const isWithheld = (word: string): boolean => words?.split(',').includes(word) === true;
  const { bpftrace, types, tracefs, fentry, ...rest } = facts;
  return {
    ...rest,
    kprobes: facts.kprobes && !isWithheld('kprobes'),
    ...(fentry === undefined ? {} : { fentry: isWithheld('fentry') ? false : fentry }),
    ...(bpftrace === undefined || isWithheld('bpftrace') ? {} : { bpftrace }),
    ...(types === undefined || isWithheld('btf') ? {} : { types }),
    ...(tracefs === undefined || isWithheld('tracefs') ? {} : { tracefs }),
  };
}

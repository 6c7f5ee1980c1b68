import { expect, test } from 'vitest';
import type { HostFacts } from '../../src/model/host.ts';
import { fentryWord } from '../../src/host/bpftrace-version.ts';
import { withhold } from '../../src/host/withhold.ts';

const FACTS: HostFacts = {
  hostname: 'h', kernel: '6.1', machine: 'x64', cpus: 1, uid: 0, capabilities: 0n, kprobes: true, fentry: { word: 'fentry', prototypes: new Map() }, tracefs: '/sys/kernel/tracing',
  tracepoints: new Set(), types: new Set(), bpftrace: { version: '0.17.0', major: 0, minor: 17 }, setpriv: true,
};

test.each([
  ['kprobes', { kprobes: false }], ['fentry', { fentry: false }], ['bpftrace', { bpftrace: undefined }], ['btf', { types: undefined }], ['tracefs', { tracefs: undefined }],
  ['kprobes,fentry', { kprobes: false, fentry: false }], ['', {}], [undefined, {}], ['kprobe', {}],
])('%s takes away what it names and nothing else', (words, gone) => {
  const left = withhold(FACTS, words);
  expect(left).toEqual({ ...FACTS, ...gone });
  for (const [key, value] of Object.entries(gone)) expect(key in left).toBe(value !== undefined);
});

test.each([['  kprobe: yes\n  kfunc: yes\n', 'kfunc'], ['  perf_event: yes                  fentry: yes                        \n', 'fentry'], ['  kfunc: no\n', undefined], ['', undefined]])('%j of bpftrace --info', (text, is) => {
  expect(fentryWord(text)).toBe(is);
});

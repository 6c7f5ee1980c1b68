import { describe, expect, test } from 'vitest';
import { readProbes } from '../../../src/cli/places.ts';
import type { Fentry, Prototype } from '../../../src/model/host.ts';
import { composeProgram } from '../../../src/sources/bpftrace/compose.ts';
import { asFentry } from '../../../src/sources/bpftrace/fentry.ts';

const prototypes = new Map<string, Prototype>([
  ['cleanup_net', { parameters: ['work'], returns: false }], ['fib_table_insert', { parameters: ['net', 'tb', 'cfg', 'extack'], returns: true }],
]);
const of = (word: Fentry['word'], body: string): string => asFentry(body, { word, prototypes });

describe('asFentry', () => {
  test('gives arguments their names, as the numbers that they are to a kprobe', () => {
    const body = 'kprobe:fib_table_insert\n/ ((struct fib_config *)arg2)->fc_nlinfo.portid == 0 /\n{ printf("arg %d", (int32)arg0 + arg3); }\n';
    expect(of('kfunc', body)).toBe('kfunc:fib_table_insert\n/ ((struct fib_config *)((uint64)args->cfg))->fc_nlinfo.portid == 0 /\n{ printf("arg %d", (int32)((uint64)args->net) + ((uint64)args->extack)); }\n');
    expect(of('fentry', body)).toContain('(struct fib_config *)((uint64)args.cfg)');
  });

  test('tells 0 for what returns nothing', () => {
    expect(of('kfunc', 'kretprobe:cleanup_net { printf("ret=%d", (int32)retval); }')).toBe('kretfunc:cleanup_net { printf("ret=%d", (int32)0); }');
    expect(of('fentry', 'kretprobe:fib_table_insert { printf("ret=%d", (int32)retval); }')).toBe('fexit:fib_table_insert { printf("ret=%d", (int32)retval); }');
  });

  test('leaves other probes alone, and takes each one for itself', () => {
    const others = 'tracepoint:sched:sched_process_exec { $x = args->pid; }\ninterval:s:10 { clear(@a); }\nprofile:hz:5 { }\n';
    expect(of('kfunc', `${others}kprobe:cleanup_net { }\n${others}`)).toBe(`${others}kfunc:cleanup_net { }\n${others}`);
  });

  test('refuses what BTF does not have', () => {
    expect(() => of('kfunc', 'kprobe:fib6_add { }')).toThrow('fib6_add has no prototype');
    expect(() => of('kfunc', 'kprobe:cleanup_net { $a = arg1; }')).toThrow('cleanup_net has no argument 1');
  });

  test('turns every script that there is', () => {
    const files = readProbes();
    const every = { get: (): Prototype => ({ parameters: ['a', 'b', 'c', 'd', 'e', 'f'], returns: true }) } as unknown as Fentry['prototypes'];
    const program = composeProgram(files, { fentry: { word: 'fentry', prototypes: every } }).replaceAll(/\/\*[\s\S]*?\*\//g, '');
    expect(program).not.toMatch(/\bkprobe:|\bkretprobe:|\barg\d\b/);
    expect(program.match(/\bfentry:\w+/g)).toHaveLength(files.flatMap(file => file.body.match(/^kprobe:\w+/gm) ?? []).length);
  });
});

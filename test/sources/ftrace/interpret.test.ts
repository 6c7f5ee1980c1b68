import { describe, expect, test } from 'vitest';
import type { Btf, BtfType } from '../../../src/btf/read.ts';
import type { Observation } from '../../../src/model/observation.ts';
import type { Event } from '../../../src/sources/ftrace/buffers.ts';
import { compileScript } from '../../../src/sources/ftrace/compile/script.ts';
import { fetchText } from '../../../src/sources/ftrace/compile/fetch.ts';
import type { EventFormat, Field } from '../../../src/sources/ftrace/event-format.ts';
import { createInterpreter, type Armed } from '../../../src/sources/ftrace/interpret.ts';

/** struct thing { u32 id; struct thing *next; u8 low:1, high:3; char *name; }, and the packet that a sk_buff points into. */
const INTS: Readonly<Record<number, BtfType>> = {
  1: { kind: 'int', size: 4, signed: false }, 2: { kind: 'pointer', to: 3 }, 3: { kind: 'struct', id: 3, name: 'thing', size: 32 },
  4: { kind: 'int', size: 1, signed: false }, 5: { kind: 'pointer', to: 4 }, 6: { kind: 'struct', id: 6, name: 'sk_buff', size: 32 }, 7: { kind: 'int', size: 2, signed: false },
  8: { kind: 'struct', id: 8, name: 'task_struct', size: 64 }, 9: { kind: 'pointer', to: 8 },
};
const MEMBERS: Readonly<Record<string, ReturnType<Btf['member']>>> = {
  '3 id': { offset: 0, type: 1 }, '3 next': { offset: 8, type: 2 }, '3 low': { offset: 16, type: 4, bits: { shift: 0, width: 1 } },
  '3 high': { offset: 16, type: 4, bits: { shift: 1, width: 3 } }, '3 name': { offset: 24, type: 5 },
  '6 head': { offset: 0, type: 5 }, '6 data': { offset: 8, type: 5 }, '6 mac': { offset: 16, type: 7 },
  '8 pid': { offset: 0, type: 1 }, '8 tgid': { offset: 4, type: 1 }, '8 group_leader': { offset: 8, type: 9 }, '8 comm': { offset: 16, type: 5 },
};
const btf: Btf = {
  struct: name => ({ thing: 3, sk_buff: 6, task_struct: 8 })[name], resolve: id => INTS[id] ?? { kind: 'other' }, member: (id, name) => MEMBERS[`${id} ${name}`],
  members: () => [], prototype: () => undefined, sizeOf: id => id === 3 ? 32 : 8,
};

const P = 0xffff_8880_0000_0000n;

/** Runs a script over events of one function: what each prints. Memory is a table of fetch argument and value. */
function run(script: string, events: readonly { readonly target?: string; readonly memory: Readonly<Record<string, bigint | string | readonly bigint[]>>; readonly time?: bigint; readonly stack?: string; readonly cpu?: number }[]): Observation[] {
  const programs = compileScript('f', script, { btf, address: name => name === 'there' ? P : undefined, given: [5n] });
  const interpreter = createInterpreter({ programs, symbolAt: address => `fn_${address.toString(16)}`, threadOf: () => ({ pid: 7, start: 1_234_567_890n, comm: 'main' }) });
  const told: Observation[] = [];
  for (const { target = 'f', memory, time = 1n, stack, cpu = 0 } of events) {
    for (const armed of interpreter.wanted.filter(({ program }) => `${program.probe === 'kretprobe' ? 'return ' : ''}${program.target}` === target)) {
      let offset = 0;
      const bytes = Buffer.alloc(2048);
      const fields = armed.program.fetches.map((fetch, index): Field => {
        const text = fetchText(fetch) ?? '';
        const value = memory[text];
        const field: Field = { name: `a${index}`, offset, size: typeof value === 'object' ? value.length * 8 : typeof value === 'string' ? 64 : 8, signed: text.includes(':s'), text: false, count: typeof value === 'object' ? value.length : typeof value === 'string' ? 64 : 1 };
        if (typeof value === 'string') bytes.write(value, offset, 'latin1');
        // What the kernel could not read stays what it was.
        else if (typeof value === 'object') value.forEach((word, at) => bytes.writeBigUInt64LE(word, offset + at * 8));
        else if (field.signed) bytes.writeBigInt64LE(value ?? 0x6b6b_6b6bn, offset);
        else bytes.writeBigUInt64LE(value ?? 0x6b6b_6b6b_6b6b_6b6bn, offset);
        offset += field.size;
        return field;
      });
      const format: EventFormat = { id: 1, fields };
      const event: Event<Armed> = { time, cpu, tid: 9, of: armed.withFormat(format), data: bytes, stack };
      interpreter.run(event, observation => told.push(observation));
    }
  }
  return told;
}
const HEAD = 'printf("via f %llu %d %d %d';
const TAIL = 'nsecs, cpu, ((struct task_struct *)curtask)->pid, ((struct task_struct *)curtask)->tgid';
/** Fields that a script with one printf tells. */
const fieldsOf = (observations: readonly Observation[]): unknown[] => observations.map(observation => observation.kind === 'probe' ? observation.fields : observation.kind);

describe('what a script loads', () => {
  test('comes from its fetch arguments, and who runs it from what is known of the thread', () => {
    const told = run(`kprobe:f { ${HEAD} ifindex=%d comm=%s\\n", ${TAIL}, ((struct thing *)arg0)->next->id, ((struct task_struct *)curtask)->group_leader->comm); }`,
      [{ memory: { '$arg1:u64': P, '+8($arg1):u64': P + 64n, '+0(+8($arg1)):u32': 3n }, time: 77n, cpu: 2 }]);
    expect(told).toEqual([{ kind: 'probe', source: 'ftrace', type: 'via', fn: 'f', time: 77n, cpu: 2, tid: 9, pid: 7, fields: { ifindex: 3, comm: 'main' } }]);
  });

  test('is left out where a pointer on the way is no address', () => {
    const script = `kprobe:f { ${HEAD} ifindex=%d event=%d\\n", ${TAIL}, ((struct thing *)arg0)->next->id, (int32)arg1); }`;
    expect(fieldsOf(run(script, [{ memory: { '$arg1:u64': P, '+8($arg1):u64': 0n, '$arg2:s32': -3n } }]))).toEqual([{ event: -3 }]);
    expect(fieldsOf(run(script, [{ memory: { '$arg1:u64': 0n, '$arg2:s32': 4n } }]))).toEqual([{ event: 4 }]);
  });

  test('may be bits', () => {
    const script = `kprobe:f { ${HEAD} event=%d legs=%d\\n", ${TAIL}, ((struct thing *)arg0)->low, ((struct thing *)arg0)->high); }`;
    expect(fieldsOf(run(script, [{ memory: { '$arg1:u64': P, '+16($arg1):u8': 0b1011n } }]))).toEqual([{ event: 1, legs: 5 }]);
  });

  test('at an address that is only known at run time lies in a window around the packet, or nowhere', () => {
    const script = `kprobe:f { $s = (struct sk_buff *)arg0; ${HEAD} icmptype=%d\\n", ${TAIL}, *(uint8 *)($s->head + $s->mac)); }`;
    const memory = { '$arg1:u64': P, '+0($arg1):u64': P + 1000n, '+8($arg1):u64': P + 1130n, '-128(+8($arg1)):x64[24]': Array.from({ length: 24 }, (_, i) => BigInt(i) << 8n) };
    expect(fieldsOf(run(script, [{ memory: { ...memory, '+16($arg1):u16': 2n + 17n } }]))).toEqual([{ icmptype: 2 }]);
    expect(fieldsOf(run(script, [{ memory: { ...memory, '+16($arg1):u16': 0n } }]))).toEqual([{}]);
  });

  test('through a pointer that a map held was read when it was stored', () => {
    const script = `kprobe:f { @f_t[tid] = (uint64)arg0; } kretprobe:f / @f_t[tid] / { $t = (struct thing *)@f_t[tid]; delete(@f_t[tid]); ${HEAD} ifindex=%d ret=%d\\n", ${TAIL}, $t->id, (int32)retval); }`;
    const [enter, leave] = [{ memory: { '$arg1:u64': P, '+0($arg1):u32': 42n } }, { target: 'return f', memory: { '$retval:s32': -1n } }];
    expect(fieldsOf(run(script, [leave, enter, leave, leave]))).toEqual([{ ifindex: 42, ret: -1 }]);
  });
});

describe('the logic of a script', () => {
  test('numbers of stacks are told with the stack, once', () => {
    const script = `kprobe:f { $s = kstack(perf, 64);
      if (nsecs - @f_stack[$s, cpu] > 2000000000) { @f_stack[$s, cpu] = nsecs; printf("stack f %llu %d %llu\\n%s\\n", nsecs, cpu, @f_stack[$s, cpu], $s); }
      ${HEAD} stack=%llu\\n", ${TAIL}, @f_stack[$s, cpu]); }`;
    const told = run(script, [3_000_000_000n, 3_500_000_000n].map(time => ({ memory: {}, time, stack: 'ffffffff81000010 ffffffff81000020' })));
    expect(told.map(observation => observation.kind === 'stack' ? [observation.id, observation.frames] : fieldsOf([observation])[0])).toEqual([
      [3_000_000_000n, ['fn_ffffffff81000010', 'fn_ffffffff81000020']], { stack: 3_000_000_000n }, { stack: 3_000_000_000n }]);
  });

  test('a stack may have waited in a map', () => {
    const script = `kprobe:f { @f_outer[tid] = kstack(perf, 64); } kprobe:g { $s = @f_outer[tid]; printf("stack f %llu %d %llu\\n%s\\n", nsecs, cpu, nsecs, $s); }`;
    const told = run(script, [{ memory: {}, time: 1n, stack: 'ffffffff81000010 ffffffff81000020' }, { target: 'g', memory: {}, time: 2n }]);
    expect(told.map(observation => observation.kind === 'stack' ? observation.frames : observation.kind)).toEqual([['fn_ffffffff81000010', 'fn_ffffffff81000020']]);
  });

  test('a stack that only stands in for another is not told', () => {
    const script = `kprobe:rt6_flush_exceptions { $inner = kstack(perf, 64);
      if (nsecs - @f_stack[$inner, cpu] > 2000000000) { @f_stack[$inner, cpu] = nsecs; printf("stack f %llu %d %llu\\n%s\\n", nsecs, cpu, @f_stack[$inner, cpu], $inner); }
      ${HEAD} inner=%llu\\n", ${TAIL}, @f_stack[$inner, cpu]); }`;
    expect(fieldsOf(run(script, [{ target: 'rt6_flush_exceptions', memory: {}, time: 3_000_000_000n }]))).toEqual([{ inner: 0n }]);
  });

  test('a function that the probed one calls for the same thing needs no event: its handler works on the other one\'s', () => {
    const script = `kprobe:rtnl_notify / arg3 == 7 / { @f_open[arg0] = kstack(perf, 64); $x = arg3; }
      kprobe:nlmsg_notify / @f_open[arg1] / { $s = @f_open[arg1]; $inner = kstack(perf, 64); delete(@f_open[arg1]);
      if (nsecs - @f_stack[$s, cpu] > 2000000000) { @f_stack[$s, cpu] = nsecs; printf("stack f %llu %d %llu\\n%s\\n", nsecs, cpu, @f_stack[$s, cpu], $s); }
      ${HEAD} ifindex=%d group=%u stack=%llu inner=%llu\\n", ${TAIL}, ((struct thing *)arg1)->id, (uint32)arg3, @f_stack[$s, cpu], @f_stack[$inner, cpu]); }`;
    const memory = { '$arg1:u64': P, '+0($arg1):u32': 5n, '$arg4:u64': 7n, '$arg4:u32': 7n };
    const event = { target: 'rtnl_notify', memory, time: 3_000_000_000n, stack: 'ffffffff81000010' };
    const told = run(script, [event, { ...event, memory: { ...memory, '$arg4:u64': 3n, '$arg4:u32': 3n } }, { ...event, target: 'nlmsg_notify' }]);
    expect(told.map(observation => observation.kind === 'stack' ? observation.frames : fieldsOf([observation])[0])).toEqual([
      ['fn_ffffffff81000010'], { ifindex: 5, group: 7, stack: 3_000_000_000n, inner: 0n }]);
  });

  test.each([
    ['the other function is not probed', 'kprobe:nlmsg_notify { @f_open[arg1] = arg3; }', /no handler of rtnl_notify/],
    ['an argument is not one of the other function', 'kprobe:rtnl_notify { @f_open[arg0] = arg3; } kprobe:nlmsg_notify { @f_open[arg1] = arg4; }', /arg4 is not to be had/],
  ])('and is refused where %s', (_, script, error) => { expect(() => run(script, [])).toThrow(error); });

  test('variables that two arms set are known at run time', () => {
    const script = `kprobe:f { $nh = (uint64)((struct thing *)arg0)->next; $i = (int64)0; if ($nh == 0) { $i = (int64)arg1; } else { $i = (int64)((struct thing *)arg0)->next->id; } ${HEAD} ifindex=%lld\\n", ${TAIL}, $i); }`;
    const memory = { '$arg1:u64': P, '$arg2:u64': 8n };
    expect(fieldsOf(run(script, [{ memory: { ...memory, '+8($arg1):u64': 0n } }]))).toEqual([{ ifindex: 8 }]);
    expect(fieldsOf(run(script, [{ memory: { ...memory, '+8($arg1):u64': P, '+0(+8($arg1)):u32': 9n } }]))).toEqual([{ ifindex: 9 }]);
  });

  test('what was left is never negative: numbers without a sign wrap around', () => {
    const script = `kprobe:f { $l = (uint64)arg0 - (uint64)arg1; if ($l > 0x7fffffff) { $l = (uint64)0; } ${HEAD} lifetime=%llu\\n", ${TAIL}, $l); }`;
    expect(fieldsOf(run(script, [{ memory: { '$arg1:u64': 5n, '$arg2:u64': 6n } }, { memory: { '$arg1:u64': 9n, '$arg2:u64': 6n } }]))).toEqual([{ lifetime: 0 }, { lifetime: 3 }]);
  });

  test('a handler that returned prints nothing more', () => {
    const script = `kprobe:f { if ($1 != 0 && arg0 != (uint32)$1) { return; } ${HEAD}\\n", ${TAIL}); }`;
    expect(run(script, [{ memory: { '$arg1:u64': 6n } }, { memory: { '$arg1:u64': 5n } }])).toHaveLength(1);
  });

  test('what a program calls itself cannot pose as a field', () => {
    const script = `kprobe:f { ${HEAD} ret=%d value=%s\\n", ${TAIL}, (int32)arg0, str(arg1, 16)); }`;
    expect(fieldsOf(run(script, [{ memory: { '$arg1:s32': 1n, '$arg2:u64': P, '+0($arg2):string': 'x ret=2\nstack f 1' } }]))).toEqual([{ ret: 1, value: 'x ret=2\nstack f' }]);
  });
});

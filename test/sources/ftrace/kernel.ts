import type { Btf, BtfType } from '../../../src/btf/read.ts';
import { fetchText } from '../../../src/sources/ftrace/compile/fetch.ts';
import { compileScript, type Program } from '../../../src/sources/ftrace/compile/script.ts';
import type { EventFormat } from '../../../src/sources/ftrace/event-format.ts';
import { parseFormat } from '../../../src/sources/ftrace/event-format.ts';
import { createInterpreter } from '../../../src/sources/ftrace/interpret.ts';
import type { Observation } from '../../../src/model/observation.ts';

/** Numbers of every width: members of `struct numbers`, eight bytes apart. */
const WIDTHS = [1, 2, 4, 8].flatMap(size => [false, true].map(signed => ({ name: `${signed ? 's' : 'u'}${size * 8}`, size, signed })));
const types = new Map<number, BtfType>([
  ...WIDTHS.map(({ size, signed }, at): [number, BtfType] => [at + 1, { kind: 'int', size, signed }]),
  [20, { kind: 'struct', id: 20, name: 'numbers', size: 128 }], [21, { kind: 'pointer', to: 1 }], [22, { kind: 'struct', id: 22, name: 'sk_buff', size: 32 }],
]);
const members = new Map<string, { readonly offset: number; readonly type: number }>([
  ...WIDTHS.map(({ name }, at): [string, { offset: number; type: number }] => [`20 ${name}`, { offset: 64 + at * 8, type: at + 1 }]),
  ['22 head', { offset: 0, type: 21 }], ['22 data', { offset: 8, type: 21 }], ['22 transport_header', { offset: 16, type: 3 }],
]);
const btf: Btf = {
  struct: name => ({ numbers: 20, sk_buff: 22 })[name], resolve: id => types.get(id) ?? { kind: 'other' }, member: (id, name) => members.get(`${id} ${name}`),
  members: () => [], prototype: () => undefined, sizeOf: () => 64,
};

const AT = 0xffff_8880_0000_0000n;
const DATA = AT + 0x1000n;

/** What a kernel answers that has `value` wherever it is asked for a number: events as wide as they were defined, and their filter. */
function eventOf({ fetches }: Program, value: bigint): { readonly format: EventFormat; readonly data: Uint8Array; readonly values: readonly (bigint | undefined)[] } {
  const data = Buffer.alloc(4096, 0xa5);
  const lines: string[] = [];
  let offset = 8;
  const values = fetches.map((fetch, index): bigint | undefined => {
    const text = fetchText(fetch) ?? '';
    const { form } = fetch;
    if (form === 'text') throw new Error('no text here');
    if ('words' in form) {
      // A packet of which every byte is the value, from its data pointer on.
      for (let word = 0; word < form.words; word++) data.writeBigUInt64LE(word < 16 ? 0n : BigInt.asUintN(8, value) * 0x0101_0101_0101_0101n, offset + word * 8);
      lines.push(`\tfield:u64 a${index}[${form.words}];\toffset:${offset};\tsize:${form.words * 8};\tsigned:0;`);
      offset += form.words * 8;
      return undefined;
    }
    const { size, signed } = form;
    const number = ADDRESSES[text] ?? value;
    data.writeBigUInt64LE(BigInt.asUintN(64, number), offset);
    lines.push(`\tfield:${signed ? 's' : 'u'}${size * 8} a${index};\toffset:${offset};\tsize:${size};\tsigned:${signed ? 1 : 0};`);
    offset += size;
    // The next field overwrites what stands behind this one.
    return signed ? BigInt.asIntN(size * 8, number) : BigInt.asUintN(size * 8, number);
  });
  const format = parseFormat(`ID: 1\n${lines.join('\n')}\n`);
  if (format === undefined) throw new Error('no format');
  return { format, data, values };
}
const ADDRESSES: Readonly<Record<string, bigint>> = { '$arg1:u64': AT, '+0($arg1):u64': DATA - 64n, '+8($arg1):u64': DATA, '+16($arg1):u16': 64n };

/** Whether the kernel keeps an event with these values: kernel/trace/trace_events_filter.c, as far as filters are made here. */
export function passes(filter: string, values: readonly (bigint | undefined)[]): boolean {
  if (filter === '') return true;
  let text = filter.replace(/common_pid < 0/g, '0').replace(/a(\d+) ([=!<>]=?|&) (-?\d+)/g, (_, index: string, sign: string, number: string) => {
    const [a, b] = [values[Number(index)] ?? 0n, BigInt(number)];
    return { '==': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b, '&': (a & b) !== 0n }[sign] === true ? '1' : '0';
  });
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(/!?\(([01])\)/g, (whole, bit: string) => whole.startsWith('!') ? String(1 - Number(bit)) : bit)
      .replace(/^[01](?: && [01])+$|(?<=\()[01](?: && [01])+(?=\))/g, all => all.includes('0') ? '0' : '1')
      .replace(/^[01](?: \|\| [01])+$|(?<=\()[01](?: \|\| [01])+(?=\))/g, any => any.includes('1') ? '1' : '0');
  }
  if (text !== '0' && text !== '1') throw new Error(`a filter that is not understood: ${text}`);
  return text === '1';
}

/** Runs the handler body for an event in whose memory `value` is: what it told, and whether the filter would have let it. */
export function runOn(body: string, value: bigint): { readonly told: readonly Observation[]; readonly passed: boolean; readonly filter: string } {
  const programs = compileScript('f', `kprobe:f { $n = (struct numbers *)arg0; $s = (struct sk_buff *)arg0; ${body} }`, { btf, address: () => undefined, given: [] });
  const interpreter = createInterpreter({ programs, symbolAt: () => undefined, threadOf: () => undefined });
  const [armed] = interpreter.wanted;
  if (armed === undefined) throw new Error('nothing is armed');
  const { format, data, values } = eventOf(armed.program, value);
  const told: Observation[] = [];
  interpreter.run({ time: 1n, cpu: 0, tid: 9, of: armed.withFormat(format), data, stack: undefined }, observation => told.push(observation));
  return { told, passed: passes(armed.program.filter, values), filter: armed.program.filter };
}

import { ScriptError } from '../script/tokens.ts';
import { sizeOf, TEXT, typeOfBtf, U64, type CType } from './c-type.ts';
import { POINTER, type Fetch, type Origin } from './fetch.ts';
import { accessorOf, type Scope } from './scope.ts';
import type { Typed, Window } from './typed.ts';
import { wrap, type Evaluate, type Frame, type Value } from './value.ts';

/** What is known of the running thread without reading its task_struct. */
const TASK_FACTS: Readonly<Record<string, CType>> = {
  '.pid': { kind: 'int', size: 4, signed: true }, '.tgid': { kind: 'int', size: 4, signed: true },
  '.group_leader.start_boottime': U64, '.group_leader.comm': TEXT,
};
/** Around skb->data, where the headers are: 128 bytes before it and 64 from it on. */
const PACKET = { from: -128, words: 24 } as const;
/** Around a pointer whose lowest bits are flags. */
const FLAGGED = { from: -8, words: 4 } as const;

/** `of->name` or `of.name`. */
export function member(scope: Scope, of: Typed, name: string): Typed {
  const { btf } = scope.script.kernel;
  const struct = of.type.kind === 'pointer' ? of.type.to() : of.type;
  if (struct.kind !== 'struct') throw new ScriptError(`${name} of what is no struct`);
  const found = btf.member(struct.id, name);
  if (found === undefined) throw new ScriptError(`this kernel's struct has no ${name}`);
  const type = typeOfBtf(btf, found.type);
  if (of.task !== undefined) return fact(`${of.task}.${name}`, type);
  if (found.bits !== undefined) return bits(scope, of, { ...found.bits, offset: found.offset });
  const loaded = load(scope, shifted(of, found.offset), type);
  const data = name === 'head' ? btf.member(struct.id, 'data') : undefined;
  const packet = data && of.at && pointerAt(of.at.origin, of.at.delta + data.offset);
  return packet === undefined ? loaded : { ...loaded, window: { pointer: packet, ...PACKET } };
}

const pointerAt = (base: Origin, offset: number): Fetch => ({ origin: { kind: 'memory', base, offset, user: false }, form: POINTER });

function fact(path: string, type: CType): Typed {
  const known = TASK_FACTS[path];
  if (known !== undefined) return { type: known, run: frame => frame.task(path) };
  if (type.kind === 'pointer' || type.kind === 'struct') {
    return { type, task: path, run: () => { throw new ScriptError(`curtask->${path.slice(1)} cannot be fetched`); } };
  }
  throw new ScriptError(`curtask->${path.slice(1)} cannot be fetched`);
}

/** The same pointer or struct, some bytes on. */
export function shifted(of: Typed, bytes: number): Typed {
  const constant = BigInt(bytes);
  return {
    type: of.type, run: frame => plus(of.run(frame), constant),
    ...(of.at === undefined ? {} : { at: { ...of.at, delta: of.at.delta + bytes } }), ...(of.window === undefined ? {} : { window: of.window }),
  };
}
const plus = (value: Value, by: bigint): Value => typeof value === 'bigint' ? wrap(value + by, 8, false) : undefined;

/** What lies at an address. A struct stays where it is, until one of its members is asked for. */
export function load(scope: Scope, address: Typed, type: CType): Typed {
  const { at, window } = address;
  if (type.kind === 'struct' || type.kind === 'array') return { ...address, type };
  if (type.kind !== 'int' && type.kind !== 'pointer') throw new ScriptError('only numbers and pointers can be loaded');
  const width = type.kind === 'int' ? { size: type.size, signed: type.signed } : POINTER;
  if (at === undefined) {
    if (window === undefined) throw new ScriptError('an address that is only known at run time');
    return { type, run: fromWindow(scope, address.run, window, width) };
  }
  const origin: Origin = { kind: 'memory', base: at.origin, offset: at.delta, user: at.user === true };
  const fetch: Fetch = { origin, form: width };
  return { type, run: accessorOf(scope, fetch), fetch, at: { origin, delta: 0 } };
}

function bits(scope: Scope, of: Typed, { offset, shift, width }: { offset: number; shift: number; width: number }): Typed {
  const size = [1, 2, 4, 8].find(bytes => bytes * 8 >= shift + width) ?? 8;
  const whole = load(scope, shifted(of, offset), { kind: 'int', size, signed: false });
  const mask = (1n << BigInt(width)) - 1n;
  return {
    type: { kind: 'int', size, signed: false },
    run: frame => { const value = whole.run(frame); return typeof value === 'bigint' ? (value >> BigInt(shift)) & mask : undefined; },
    ...(whole.fetch === undefined ? {} : { mask: { fetch: whole.fetch, mask: mask << BigInt(shift) } }),
  };
}

/** An address out of a masked pointer lies near it. */
export const nearPointer = (of: Typed): Window | undefined => of.fetch && of.at?.delta === 0 ? { pointer: of.fetch, ...FLAGGED } : undefined;

function fromWindow(scope: Scope, address: Evaluate, { pointer, from, words }: Window, { size, signed }: { size: number; signed: boolean }): Evaluate {
  const base = accessorOf(scope, pointer);
  const memory = accessorOf(scope, { origin: { kind: 'memory', base: pointer.origin, offset: from, user: false }, form: { words } });
  return frame => {
    const [at, start, content] = [address(frame), base(frame), memory(frame)];
    if (typeof at !== 'bigint' || typeof start !== 'bigint' || !Array.isArray(content)) return undefined;
    const offset = Number(at - start) - from;
    if (offset < 0 || offset + size > words * 8) return undefined;
    const pair = ((content as readonly bigint[])[(offset >> 3) + 1] ?? 0n) << 64n | ((content as readonly bigint[])[offset >> 3] ?? 0n);
    return wrap(pair >> BigInt((offset & 7) * 8), size, signed);
  };
}

/** Text at an address, at most `limit` bytes with its NUL. */
export function textAt(scope: Scope, address: Typed, limit: number): Typed {
  if (address.at === undefined) throw new ScriptError('text at an address that is only known at run time');
  const read = accessorOf(scope, { origin: { kind: 'memory', base: address.at.origin, offset: address.at.delta, user: address.at.user === true }, form: 'text' });
  return { type: TEXT, run: frame => { const text = read(frame); return typeof text === 'string' ? text.slice(0, limit - 1) : undefined; } };
}

/** `count` bytes at an address. */
export function bytesAt(scope: Scope, address: Typed, count: number): Typed {
  if (address.at === undefined) throw new ScriptError('bytes at an address that is only known at run time');
  const { origin: base, delta, user = false } = address.at;
  const memory = (offset: number): Origin => ({ kind: 'memory', base, offset: delta + offset, user });
  // Arrays are there for the kernel's memory only.
  const words = user ? Array.from({ length: Math.ceil(count / 8) }, (_, index) => accessorOf(scope, { origin: memory(index * 8), form: POINTER })) : undefined;
  const read = words === undefined ? accessorOf(scope, { origin: memory(0), form: { words: Math.ceil(count / 8) } }) : (frame: Frame) => words.map(word => word(frame)) as Value;
  return {
    type: { kind: 'bytes' },
    run: frame => {
      const value = read(frame);
      if (!Array.isArray(value)) return undefined;
      const known = (value as Value[]).findIndex(word => typeof word !== 'bigint');
      return new Uint8Array(BigUint64Array.from((known < 0 ? value : value.slice(0, known)) as bigint[]).buffer).subarray(0, count);
    },
  };
}

/** Text that an array of characters holds. */
export function asText(scope: Scope, of: Typed): Typed {
  return of.type.kind === 'array' && sizeOf(of.type.of()) === 1 ? textAt(scope, of, of.type.count) : of;
}

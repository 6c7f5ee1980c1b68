import type { Btf } from '../../../btf/read.ts';
import type { TypeName } from '../script/ast.ts';
import { ScriptError } from '../script/tokens.ts';

/** A C type as far as a script can load one. `stack`: a kernel stack; `opaque`: nothing can be done with it but handing it on. */
export type CType =
  | { readonly kind: 'int'; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'pointer'; readonly to: () => CType }
  | { readonly kind: 'struct'; readonly id: number; readonly size: number }
  | { readonly kind: 'array'; readonly of: () => CType; readonly count: number }
  | { readonly kind: 'text' | 'bytes' | 'stack' | 'opaque' };

export const U64: CType = { kind: 'int', size: 8, signed: false };
export const S64: CType = { kind: 'int', size: 8, signed: true };
export const TEXT: CType = { kind: 'text' };

export function typeOfBtf(btf: Btf, id: number): CType {
  const type = btf.resolve(id);
  switch (type.kind) {
    case 'int': return type;
    case 'pointer': return { kind: 'pointer', to: () => typeOfBtf(btf, type.to) };
    case 'struct': return { kind: 'struct', id: type.id, size: type.size };
    case 'array': return { kind: 'array', of: () => typeOfBtf(btf, type.of), count: type.count };
    case 'other': return { kind: 'opaque' };
  }
}

/** @throws ScriptError where this kernel has no such type */
export function typeOfName(btf: Btf, { name, pointers }: TypeName): CType {
  let type: CType;
  if (name.startsWith('struct ')) {
    const id = btf.struct(name.slice(7));
    if (id === undefined) throw new ScriptError(`${name} is not in this kernel's BTF`);
    type = { kind: 'struct', id, size: btf.sizeOf(id) };
  } else {
    const bits = /\d+/.exec(name)?.[0];
    type = { kind: 'int', size: bits === undefined ? (name === 'int' ? 4 : 1) : Number(bits) / 8, signed: !name.startsWith('u') };
  }
  for (let i = 0; i < pointers; i++) {
    const inner: CType = type;
    type = { kind: 'pointer', to: () => inner };
  }
  return type;
}

export function sizeOf(type: CType): number {
  switch (type.kind) {
    case 'int': case 'struct': return type.size;
    case 'pointer': return 8;
    case 'array': return type.count * sizeOf(type.of());
    default: return 1;
  }
}

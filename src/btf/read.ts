/** BTF_KIND_* of include/uapi/linux/btf.h. */
const KIND = {
  int: 1, ptr: 2, array: 3, struct: 4, union: 5, enum: 6, fwd: 7, typedef: 8, volatile: 9, const: 10, restrict: 11,
  func: 12, funcProto: 13, var: 14, datasec: 15, float: 16, declTag: 17, typeTag: 18, enum64: 19,
} as const;
const TRANSPARENT: readonly number[] = [KIND.typedef, KIND.volatile, KIND.const, KIND.restrict, KIND.typeTag];
const MAGIC = 0xeb9f;
const INT_SIGNED = 1;

/** A type with typedefs and qualifiers taken off. */
export type BtfType =
  | { readonly kind: 'int'; readonly size: number; readonly signed: boolean }
  | { readonly kind: 'pointer'; readonly to: number }
  | { readonly kind: 'struct'; readonly id: number; readonly name: string; readonly size: number }
  | { readonly kind: 'array'; readonly of: number; readonly count: number }
  | { readonly kind: 'other' };

/** Where a member lies: bytes from the start of the struct asked for, and for a bit field its bits from there. */
export interface BtfMember { readonly offset: number; readonly type: number; readonly bits?: { readonly shift: number; readonly width: number } }

/** The types of a kernel, as its BTF tells. */
export interface Btf {
  /** Number of `struct name` (or `union name`). */
  struct(name: string): number | undefined;
  resolve(id: number): BtfType;
  /** Its own members, in order; `offset` in bytes, with a fraction for a bit field. */
  members(struct: number): readonly { readonly name: string; readonly offset: number }[];
  /** A member by name, also inside anonymous structs and unions. */
  member(struct: number, name: string): BtfMember | undefined;
  /** Parameters of a function in order, 0 (`void`) for a return value of none; undefined: BTF does not know it. */
  prototype(name: string): { readonly parameters: readonly { readonly name: string; readonly type: number }[]; readonly returns: number } | undefined;
  sizeOf(id: number): number;
}

/** Reads raw BTF (/sys/kernel/btf/vmlinux). undefined for bytes that are none. Source: Documentation/bpf/btf.rst. */
export function readBtf(bytes: Uint8Array): Btf | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24 || view.getUint16(0, true) !== MAGIC) return undefined;
  const header = view.getUint32(4, true);
  const start = header + view.getUint32(8, true);
  const end = Math.min(bytes.length, start + view.getUint32(12, true));
  const strings = header + view.getUint32(16, true);
  const names = Buffer.from(bytes.buffer, bytes.byteOffset + strings, Math.max(0, Math.min(bytes.length - strings, view.getUint32(20, true))));
  const at = [0];
  for (let place = start; place + 12 <= end;) {
    at.push(place);
    const info = view.getUint32(place + 4, true);
    place += 12 + extraBytes((info >>> 24) & 0x1f, info & 0xffff);
  }
  const word = (place: number): number => place + 4 <= bytes.length ? view.getUint32(place, true) : 0;
  const kindOf = (id: number): number => id <= 0 || id >= at.length ? 0 : (word((at[id] ?? 0) + 4) >>> 24) & 0x1f;
  const place = (id: number): number => at[id] ?? 0;
  const nameAt = (offset: number): string => {
    const stop = names.indexOf(0, offset);
    return stop < 0 ? '' : names.toString('latin1', offset, stop);
  };

  function find(name: string, kinds: readonly number[]): number | undefined {
    const found = names.indexOf(`\0${name}\0`, 0, 'latin1');
    if (found < 0) return undefined;
    for (let id = 1; id < at.length; id++) if (word(place(id)) === found + 1 && kinds.includes(kindOf(id))) return id;
    return undefined;
  }

  /** The type behind typedefs and qualifiers; a chain that never ends ends here. */
  function bare(given: number): number {
    let id = given;
    for (let steps = 0; steps < 32 && TRANSPARENT.includes(kindOf(id)); steps++) id = word(place(id) + 8);
    return id;
  }

  function resolve(given: number): BtfType {
    const id = bare(given);
    const p = place(id);
    switch (kindOf(id)) {
      case KIND.int: return { kind: 'int', size: word(p + 8), signed: ((word(p + 12) >>> 24) & INT_SIGNED) !== 0 };
      // The sign of an enum is in the kind flag; old compilers leave it 0 for all.
      case KIND.enum: case KIND.enum64: return { kind: 'int', size: word(p + 8), signed: word(p + 4) >>> 31 === 1 };
      case KIND.ptr: return { kind: 'pointer', to: word(p + 8) };
      case KIND.struct: case KIND.union: return { kind: 'struct', id, name: nameAt(word(p)), size: word(p + 8) };
      case KIND.array: return { kind: 'array', of: word(p + 12), count: word(p + 20) };
      default: return { kind: 'other' };
    }
  }

  function member(struct: number, name: string, depth = 0): BtfMember | undefined {
    const p = place(struct);
    const info = word(p + 4);
    const hasBits = info >>> 31 === 1;
    for (let m = p + 12, left = info & 0xffff; left > 0; left--, m += 12) {
      const own = nameAt(word(m));
      const raw = word(m + 8);
      const bitOffset = hasBits ? raw & 0xff_ffff : raw;
      const width = hasBits ? raw >>> 24 : 0;
      if (own === name) {
        return width === 0 ? { offset: bitOffset / 8, type: word(m + 4) }
          : { offset: bitOffset >> 3, type: word(m + 4), bits: { shift: bitOffset & 7, width } };
      }
      const type = own === '' && depth < 8 ? resolve(word(m + 4)) : undefined;
      const inner = type?.kind === 'struct' ? member(type.id, name, depth + 1) : undefined;
      if (inner !== undefined) return { ...inner, offset: inner.offset + bitOffset / 8 };
    }
    return undefined;
  }

  function sizeOf(id: number): number {
    const type = resolve(id);
    switch (type.kind) {
      case 'int': case 'struct': return type.size;
      case 'pointer': return 8;
      case 'array': return type.count * sizeOf(type.of);
      case 'other': return 0;
    }
  }

  return {
    resolve, sizeOf,
    struct: name => find(name, [KIND.struct, KIND.union]),
    member: (struct, name) => member(bare(struct), name),
    members(struct) {
      const p = place(struct);
      const info = word(p + 4);
      return Array.from({ length: info & 0xffff }, (_, i) => {
        const m = p + 12 + i * 12;
        return { name: nameAt(word(m)), offset: ((info >>> 31 === 1 ? word(m + 8) & 0xff_ffff : word(m + 8))) / 8 };
      });
    },
    prototype(name) {
      const id = find(name, [KIND.func]);
      const proto = id === undefined ? 0 : word(place(id) + 8);
      if (kindOf(proto) !== KIND.funcProto) return undefined;
      const p = place(proto);
      const parameters = Array.from({ length: word(p + 4) & 0xffff }, (_, i) => ({ name: nameAt(word(p + 12 + i * 8)), type: word(p + 16 + i * 8) }));
      return { parameters, returns: word(p + 8) };
    },
  };
}

function extraBytes(kind: number, count: number): number {
  switch (kind) {
    case KIND.int: case KIND.var: case KIND.declTag: return 4;
    case KIND.array: return 12;
    case KIND.struct: case KIND.union: case KIND.datasec: case KIND.enum64: return count * 12;
    case KIND.enum: case KIND.funcProto: return count * 8;
    default: return 0;
  }
}

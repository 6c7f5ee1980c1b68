/** BTF_KIND_* of include/uapi/linux/btf.h. */
const KIND = { int: 1, array: 3, struct: 4, union: 5, enum: 6, func: 12, funcProto: 13, var: 14, datasec: 15, declTag: 17, enum64: 19 } as const;
const MAGIC = 0xeb9f;

/**
 * Names of the structs in `wanted`, and for each of their direct members "struct.member" and "struct.member@offset"
 * (bytes), out of raw BTF (/sys/kernel/btf/vmlinux). Empty for bytes that are no BTF. Source: Documentation/bpf/btf.rst.
 */
export function structsInBtf(bytes: Uint8Array, wanted: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 24 || view.getUint16(0, true) !== MAGIC) return found;
  const header = view.getUint32(4, true);
  const types = header + view.getUint32(8, true);
  const end = Math.min(bytes.length, types + view.getUint32(12, true));
  const strings = header + view.getUint32(16, true);
  const offsets = offsetsOf(wanted, Buffer.from(bytes.buffer, bytes.byteOffset + strings, Math.max(0, Math.min(bytes.length - strings, view.getUint32(20, true)))));
  const nameAt = (offset: number): string => {
    const start = strings + offset;
    const stop = bytes.indexOf(0, start);
    return stop < 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset + start, stop - start).toString('latin1');
  };
  for (let at = types; at + 12 <= end;) {
    const info = view.getUint32(at + 4, true);
    const kind = (info >>> 24) & 0x1f;
    const count = info & 0xffff;
    if (kind === KIND.struct || kind === KIND.union) {
      const name = offsets.get(view.getUint32(at, true));
      if (name !== undefined) {
        found.add(name);
        for (let member = at + 12; member < at + 12 + count * 12 && member + 12 <= end; member += 12) {
          const path = `${name}.${nameAt(view.getUint32(member, true))}`;
          // With kind_flag (bit 31 of info) the upper byte is the size of a bit field.
          const bits = view.getUint32(member + 8, true) & ((info >>> 31) === 1 ? 0xff_ffff : 0xffff_ffff);
          found.add(path).add(`${path}@${(bits >>> 0) / 8}`);
        }
      }
    }
    at += 12 + extraBytes(kind, count);
  }
  return found;
}

/** Where the names stand in the string section: comparing offsets is much quicker than reading 10,000 names. */
function offsetsOf(wanted: ReadonlySet<string>, section: Buffer): Map<number, string> {
  return new Map([...wanted].flatMap(name => {
    const at = section.indexOf(`\0${name}\0`, 0, 'latin1');
    return at < 0 ? [] : [[at + 1, name] as const];
  }));
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

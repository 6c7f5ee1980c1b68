// SPDX-License-Identifier: MIT

const kind = { int: 1, array: 3, struct: 4, union: 5, enum: 6, funcProto: 13, var: 14, datasec: 15, declTag: 17, enum64: 19 }

/** Byte offsets of struct members by "struct.member", out of raw BTF. @throws Error for one that is not there */
export function memberOffsets(btf: Buffer, wanted: readonly string[]): Readonly<Record<string, number>> {
  const header = btf.readUInt32LE(4)
  const types = header + btf.readUInt32LE(8)
  const end = types + btf.readUInt32LE(12)
  const strings = header + btf.readUInt32LE(16)
  const nameAt = (at: number): string => {
    const start = strings + btf.readUInt32LE(at)
    return btf.toString('latin1', start, btf.indexOf(0, start))
  }
  const found: Record<string, number> = {}
  for (let at = types; at < end;) {
    const info = btf.readUInt32LE(at + 4)
    const count = info & 0xffff
    const type = (info >>> 24) & 0x1f
    if (type === kind.struct) {
      const struct = nameAt(at)
      for (let index = 0; index < count; index++) {
        const member = at + 12 + index * 12
        const name = `${struct}.${nameAt(member)}`
        if (wanted.includes(name)) found[name] = (btf.readUInt32LE(member + 8) & 0xffffff) / 8
      }
    }
    at += 12 + tailBytes(type, count)
  }
  for (const name of wanted) if (found[name] === undefined) throw new Error(`the kernel's BTF lacks ${name}`)
  return found
}

function tailBytes(type: number, count: number): number {
  switch (type) {
    case kind.int: case kind.var: case kind.declTag: return 4
    case kind.array: return 12
    case kind.struct: case kind.union: case kind.datasec: case kind.enum64: return count * 12
    case kind.enum: case kind.funcProto: return count * 8
    default: return 0
  }
}

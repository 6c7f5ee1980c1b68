/** Bytes of hand-made messages in either byte order. */
export interface Builder {
  u8(value: number): number[];
  u16(value: number): number[];
  u32(value: number): number[];
  text(value: string): number[];
  attribute(type: number, ...payload: readonly number[][]): number[];
  message(type: number, ...body: readonly number[][]): Uint8Array;
}

export function builder(little: boolean): Builder {
  const bytes = (value: number, count: number): number[] => {
    const low = Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) & 255);
    return little ? low : low.reverse();
  };
  const u16 = (value: number): number[] => bytes(value, 2);
  const u32 = (value: number): number[] => bytes(value >>> 0, 4);
  const padded = (content: readonly number[]): number[] => [...content, ...Array.from({ length: -content.length & 3 }, () => 0)];
  return {
    u8: (value) => [value & 255], u16, u32,
    text: (value) => [...new TextEncoder().encode(value), 0],
    attribute: (type, ...payload) => padded([...u16(payload.flat().length + 4), ...u16(type), ...payload.flat()]),
    message: (type, ...body) => Uint8Array.from([...u32(body.flat().length + 16), ...u16(type), ...u16(0x600), ...u32(7), ...u32(4242), ...body.flat()]),
  };
}

import type { Value } from './compile/value.ts';

/** A field of an event, as its `format` file describes it. `text`: the field says where the text lies. */
export interface Field { readonly name: string; readonly offset: number; readonly size: number; readonly signed: boolean; readonly text: boolean; readonly count: number }
export interface EventFormat { readonly id: number; readonly fields: readonly Field[] }

/** Reads a `format` file of tracefs. undefined: that is none. */
export function parseFormat(text: string): EventFormat | undefined {
  const id = /^ID: (\d+)$/m.exec(text)?.[1];
  if (id === undefined) return undefined;
  const fields = [...text.matchAll(/^\tfield:(.*?)(\w+)(?:\[(\w*)\])?;\toffset:(\d+);\tsize:(\d+);(?:\tsigned:(\d);)?$/gm)]
    .map(([, type = '', name = '', count, offset = '0', size = '0', signed]): Field => ({
      name, offset: Number(offset), size: Number(size), signed: signed === '1', text: type.includes('__data_loc'),
      // Arrays of fetch arguments come without their length, and have words of eight bytes.
      count: count === undefined ? 1 : count === '' ? Number(size) / 8 : Number(count) || 1,
    }));
  return { id: Number(id), fields };
}

/** Reads a field out of an event's payload; undefined: the payload ends before it. Never throws. */
export function readField({ offset, size, signed, text, count }: Field, data: Uint8Array): Value {
  if (offset + size > data.length) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (text) {
    // The length in the upper half, the offset in the lower one.
    const place = view.getUint32(offset, true);
    return cString(data.subarray(place & 0xffff, Math.min(data.length, (place & 0xffff) + (place >>> 16))));
  }
  if (count > 1) {
    return size === count * 8 ? Array.from({ length: count }, (_, i) => view.getBigUint64(offset + i * 8, true)) : cString(data.subarray(offset, offset + size));
  }
  switch (size) {
    case 1: return BigInt(signed ? view.getInt8(offset) : view.getUint8(offset));
    case 2: return BigInt(signed ? view.getInt16(offset, true) : view.getUint16(offset, true));
    case 4: return BigInt(signed ? view.getInt32(offset, true) : view.getUint32(offset, true));
    case 8: return signed ? view.getBigInt64(offset, true) : view.getBigUint64(offset, true);
    default: return undefined;
  }
}

/** Latin-1, so that no byte is lost. What could not be read is shown as "(fault)" by newer kernels. */
function cString(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, end < 0 ? bytes.length : end).toString('latin1');
  return text === '(fault)' ? undefined : text;
}

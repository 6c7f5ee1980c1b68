import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from './libc.ts';

const MSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;

/** In bytes, of one datagram; `control`: `struct cmsghdr` (length 8 bytes, level 4, type 4) with data, for each that is wanted. */
export interface ArenaSizes {
  /** Datagrams that one call can receive. */
  readonly slots: number;
  readonly data: number;
  readonly name: number;
  readonly control: number;
}

/** A control message (cmsg(3)); `word` reads 32 bits of its data, which begin at 0. */
export interface Control { readonly level: number; readonly type: number; readonly word: (offset: number) => number }

/**
 * The memory behind recvmmsg(2), laid out by hand for 64-bit Linux: `struct mmsghdr` is 64 bytes, with msg_name at 0,
 * msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen 40 and msg_len 56. Pages that no message reaches stay untouched.
 */
export interface Arena {
  readonly slots: number;
  /** How many datagrams were received, or a negative errno. */
  receive(fd: number, count: number): number;
  /** A window on datagram `index` of the last receive: valid until the next one. */
  datagram(index: number): Uint8Array;
  /** Of whom it came from: the socket address. */
  name(index: number): DataView;
  controls(index: number): readonly Control[];
}

const CMSG_BYTES = 16;

export function createArena({ slots, ...size }: ArenaSizes): Arena {
  const iovecs = slots * MSGHDR_BYTES;
  const names = iovecs + slots * IOVEC_BYTES;
  const controls = names + slots * size.name;
  const data = controls + slots * size.control;
  const { address, bytes } = libc().allocate(data + slots * size.data);
  const view = new DataView(bytes.buffer);
  const setPointer = (at: number, offset: number): void => view.setBigUint64(at, address + BigInt(offset), HOST_LITTLE_ENDIAN);
  for (let i = 0; i < slots; i++) {
    setPointer(i * MSGHDR_BYTES, names + i * size.name);
    setPointer(i * MSGHDR_BYTES + 16, iovecs + i * IOVEC_BYTES);
    view.setBigUint64(i * MSGHDR_BYTES + 24, 1n, HOST_LITTLE_ENDIAN);
    setPointer(i * MSGHDR_BYTES + 32, controls + i * size.control);
    setPointer(iovecs + i * IOVEC_BYTES, data + i * size.data);
    view.setBigUint64(iovecs + i * IOVEC_BYTES + 8, BigInt(size.data), HOST_LITTLE_ENDIAN);
  }
  return {
    slots,
    receive: (fd, count) => {
      // The kernel has overwritten the lengths of names and control data with what it stored there.
      for (let i = 0; i < count; i++) {
        view.setUint32(i * MSGHDR_BYTES + 8, size.name, HOST_LITTLE_ENDIAN);
        view.setBigUint64(i * MSGHDR_BYTES + 40, BigInt(size.control), HOST_LITTLE_ENDIAN);
      }
      return libc().recvmmsg(fd, address, count);
    },
    datagram: (index) => {
      const start = data + index * size.data;
      return bytes.subarray(start, start + Math.min(view.getUint32(index * MSGHDR_BYTES + 56, HOST_LITTLE_ENDIAN), size.data));
    },
    name: index => new DataView(bytes.buffer, names + index * size.name, size.name),
    controls: (index) => {
      const start = controls + index * size.control;
      const end = start + Math.min(size.control, Number(view.getBigUint64(index * MSGHDR_BYTES + 40, HOST_LITTLE_ENDIAN)));
      const found: Control[] = [];
      for (let at = start; at + CMSG_BYTES <= end;) {
        const length = Number(view.getBigUint64(at, HOST_LITTLE_ENDIAN));
        if (length < CMSG_BYTES) break;
        const begin = at + CMSG_BYTES;
        found.push({ level: view.getInt32(at + 8, HOST_LITTLE_ENDIAN), type: view.getInt32(at + 12, HOST_LITTLE_ENDIAN), word: offset => view.getUint32(begin + offset, HOST_LITTLE_ENDIAN) });
        // Each begins at a multiple of 8.
        at += (length + 7) & ~7;
      }
      return found;
    },
  };
}

import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from './libc.ts';

const MSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;
const SOCKADDR_NL_BYTES = 12;
const ADDRESS_SLOT_BYTES = 16;

/** Datagrams that one call can receive. */
export const SLOTS = 64;
/** Longer than any rtnetlink datagram: a dump's is at most 32 KiB (net/netlink/af_netlink.c netlink_recvmsg()). */
const SLOT_BYTES = 65_536;

/**
 * The memory behind recvmmsg(2), laid out by hand for 64-bit Linux: `struct mmsghdr` is 64 bytes, with msg_name at 0,
 * msg_namelen 8, msg_iov 16, msg_iovlen 24 and msg_len 56. Pages that no message reaches stay untouched.
 */
export interface Arena {
  /** How many datagrams were received, or a negative errno. */
  receive(fd: number, count: number): number;
  /** A window on datagram `index` of the last receive: valid until the next one. */
  datagram(index: number): Uint8Array;
  /** Port id of the sender: 0 is the kernel, anything else a process that pretends. */
  sender(index: number): number;
}

let shared: Arena | undefined;

/** One for the process: what was received is copied out before anyone else receives. */
export function arena(): Arena {
  shared ??= createArena();
  return shared;
}

function createArena(): Arena {
  const iovecs = SLOTS * MSGHDR_BYTES;
  const addresses = iovecs + SLOTS * IOVEC_BYTES;
  const data = addresses + SLOTS * ADDRESS_SLOT_BYTES;
  const { address, bytes } = libc().allocate(data + SLOTS * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const setPointer = (at: number, offset: number): void => view.setBigUint64(at, address + BigInt(offset), HOST_LITTLE_ENDIAN);
  for (let i = 0; i < SLOTS; i++) {
    setPointer(i * MSGHDR_BYTES, addresses + i * ADDRESS_SLOT_BYTES);
    setPointer(i * MSGHDR_BYTES + 16, iovecs + i * IOVEC_BYTES);
    view.setBigUint64(i * MSGHDR_BYTES + 24, 1n, HOST_LITTLE_ENDIAN);
    setPointer(iovecs + i * IOVEC_BYTES, data + i * SLOT_BYTES);
    view.setBigUint64(iovecs + i * IOVEC_BYTES + 8, BigInt(SLOT_BYTES), HOST_LITTLE_ENDIAN);
  }
  return {
    receive: (fd, count) => {
      // The kernel has overwritten the lengths of the names with what it stored there.
      for (let i = 0; i < count; i++) view.setUint32(i * MSGHDR_BYTES + 8, SOCKADDR_NL_BYTES, HOST_LITTLE_ENDIAN);
      return libc().recvmmsg(fd, address, count);
    },
    datagram: (index) => {
      const start = data + index * SLOT_BYTES;
      return bytes.subarray(start, start + Math.min(view.getUint32(index * MSGHDR_BYTES + 56, HOST_LITTLE_ENDIAN), SLOT_BYTES));
    },
    sender: (index) => view.getUint32(addresses + index * ADDRESS_SLOT_BYTES + 4, HOST_LITTLE_ENDIAN),
  };
}

import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from './libc.ts';

const MSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;
const SOCKADDR_NL_BYTES = 12;
const ADDRESS_SLOT_BYTES = 16;
/** Room for one control message: `struct cmsghdr` (length 8 bytes, level 4, type 4) and 8 bytes of data. */
const CONTROL_SLOT_BYTES = 24;
const SOL_NETLINK = 270;
/** The id of the namespace that a message is from (include/uapi/linux/netlink.h). */
const NETLINK_LISTEN_ALL_NSID = 8;

/** Datagrams that one call can receive. */
export const SLOTS = 64;
/** Longer than any rtnetlink datagram: a dump's is at most 32 KiB (net/netlink/af_netlink.c netlink_recvmsg()). */
const SLOT_BYTES = 65_536;

/**
 * The memory behind recvmmsg(2), laid out by hand for 64-bit Linux: `struct mmsghdr` is 64 bytes, with msg_name at 0,
 * msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen 40 and msg_len 56. Pages that no message reaches stay untouched.
 */
export interface Arena {
  /** How many datagrams were received, or a negative errno. */
  receive(fd: number, count: number): number;
  /** A window on datagram `index` of the last receive: valid until the next one. */
  datagram(index: number): Uint8Array;
  /** Port id of the sender: 0 is the kernel, anything else a process that pretends. */
  sender(index: number): number;
  /** What the namespace it is from is called in that of the socket; undefined: it is that one, or the socket does not hear others. */
  nsid(index: number): number | undefined;
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
  const controls = addresses + SLOTS * ADDRESS_SLOT_BYTES;
  const data = controls + SLOTS * CONTROL_SLOT_BYTES;
  const { address, bytes } = libc().allocate(data + SLOTS * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const setPointer = (at: number, offset: number): void => view.setBigUint64(at, address + BigInt(offset), HOST_LITTLE_ENDIAN);
  for (let i = 0; i < SLOTS; i++) {
    setPointer(i * MSGHDR_BYTES, addresses + i * ADDRESS_SLOT_BYTES);
    setPointer(i * MSGHDR_BYTES + 16, iovecs + i * IOVEC_BYTES);
    view.setBigUint64(i * MSGHDR_BYTES + 24, 1n, HOST_LITTLE_ENDIAN);
    setPointer(i * MSGHDR_BYTES + 32, controls + i * CONTROL_SLOT_BYTES);
    setPointer(iovecs + i * IOVEC_BYTES, data + i * SLOT_BYTES);
    view.setBigUint64(iovecs + i * IOVEC_BYTES + 8, BigInt(SLOT_BYTES), HOST_LITTLE_ENDIAN);
  }
  return {
    receive: (fd, count) => {
      // The kernel has overwritten the lengths of names and control data with what it stored there.
      for (let i = 0; i < count; i++) {
        view.setUint32(i * MSGHDR_BYTES + 8, SOCKADDR_NL_BYTES, HOST_LITTLE_ENDIAN);
        view.setBigUint64(i * MSGHDR_BYTES + 40, BigInt(CONTROL_SLOT_BYTES), HOST_LITTLE_ENDIAN);
      }
      return libc().recvmmsg(fd, address, count);
    },
    datagram: (index) => {
      const start = data + index * SLOT_BYTES;
      return bytes.subarray(start, start + Math.min(view.getUint32(index * MSGHDR_BYTES + 56, HOST_LITTLE_ENDIAN), SLOT_BYTES));
    },
    sender: (index) => view.getUint32(addresses + index * ADDRESS_SLOT_BYTES + 4, HOST_LITTLE_ENDIAN),
    nsid: (index) => {
      const at = controls + index * CONTROL_SLOT_BYTES;
      const isTold = view.getBigUint64(index * MSGHDR_BYTES + 40, HOST_LITTLE_ENDIAN) > 0n
        && view.getInt32(at + 8, HOST_LITTLE_ENDIAN) === SOL_NETLINK && view.getInt32(at + 12, HOST_LITTLE_ENDIAN) === NETLINK_LISTEN_ALL_NSID;
      return isTold ? view.getInt32(at + 16, HOST_LITTLE_ENDIAN) : undefined;
    },
  };
}

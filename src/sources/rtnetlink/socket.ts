import { RoutecauseError } from '../../model/errors.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from './libc.ts';

export const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0x8_0000 | 0x800;
const NETLINK_ROUTE = 0;
const SOL_SOCKET = 1;
const SOL_NETLINK = 270;
const RCVBUF = { level: SOL_SOCKET, name: 8 } as const;
const RCVBUFFORCE = { level: SOL_SOCKET, name: 33 } as const;
const ADD_MEMBERSHIP = { level: SOL_NETLINK, name: 1 } as const;
/** What comes with a message then is the id of the namespace that it is from (include/uapi/linux/netlink.h). */
export const LISTEN_ALL_NSID = { level: SOL_NETLINK, name: 8 } as const;
const EXT_ACK = { level: SOL_NETLINK, name: 11 } as const;
const GET_STRICT_CHK = { level: SOL_NETLINK, name: 12 } as const;

/** Opens a NETLINK_ROUTE socket in the namespace this thread is in now. @throws RoutecauseError */
export function openRouteSocket(): number {
  const fd = openNetlinkSocket(NETLINK_ROUTE);
  if (fd < 0) throw new RoutecauseError(`cannot open a routing socket (errno ${-fd})`, 'allow AF_NETLINK sockets to this process (seccomp, RestrictAddressFamilies=)');
  // Port id 0 lets the kernel choose: the process id is taken once there is a second socket.
  const address = new Uint8Array(12);
  new DataView(address.buffer).setUint16(0, AF_NETLINK, HOST_LITTLE_ENDIAN);
  const bound = libc().bind(fd, address);
  if (bound < 0) {
    libc().close(fd);
    throw new RoutecauseError(`cannot bind a routing socket (errno ${-bound})`, 'close programs that hold many netlink sockets');
  }
  // Says in words what a refused request did wrong; a kernel before 4.12 answers without.
  libc().setsockopt(fd, EXT_ACK, 1);
  return fd;
}

export const NETLINK_SOCK_DIAG = 4;

/** A socket of another netlink protocol, which the kernel may not have: then it is the negative errno. */
export const openNetlinkSocket = (protocol: number): number => libc().socket(AF_NETLINK, SOCK_RAW_CLOEXEC_NONBLOCK, protocol);

/**
 * Makes the receive queue as long as allowed and returns what the kernel then has, in bytes of its own accounting: one
 * route message takes 832 of them. SO_RCVBUFFORCE wants CAP_NET_ADMIN, SO_RCVBUF stops at net.core.rmem_max; both double.
 */
export function growReceiveBuffer(fd: number, sizeBytes: number): number {
  if (libc().setsockopt(fd, RCVBUFFORCE, sizeBytes) < 0) libc().setsockopt(fd, RCVBUF, sizeBytes);
  return Number(libc().getsockopt(fd, RCVBUF, 4) ?? 0n);
}

/** False where this kernel has no such group. */
export const joinGroup = (fd: number, group: number): boolean => libc().setsockopt(fd, ADD_MEMBERSHIP, group) >= 0;

/** Has dump requests checked and filtered; kernels before 4.20 ignore filters, and then the reader must drop the surplus. */
export const useStrictChecking = (fd: number): void => { libc().setsockopt(fd, GET_STRICT_CHK, 1); };

/** Has multicast messages of all namespaces that have an id in that of the socket delivered, each with that id. @throws RoutecauseError */
export function listenToAll(fd: number): void {
  const heard = libc().setsockopt(fd, LISTEN_ALL_NSID, 1);
  if (heard < 0) throw new RoutecauseError(`cannot listen to other network namespaces (errno ${-heard})`, 'run as root, with CAP_NET_BROADCAST');
}

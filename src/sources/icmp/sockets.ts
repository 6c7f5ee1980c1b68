import { ICMP_REDIRECT, ND } from '../../model/icmp.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from '../rtnetlink/libc.ts';

const AF = { INET: 2, INET6: 10 } as const;
const SOCK_RAW_CLOEXEC_NONBLOCK = 3 | 0x8_0000 | 0x800;
const IPPROTO = { IP: 0, ICMP: 1, IPV6: 41, ICMPV6: 58 } as const;
const SOL_RAW = 255;
const ICMP_FILTER = { level: SOL_RAW, name: 1 } as const;
const ICMP6_FILTER = { level: IPPROTO.ICMPV6, name: 1 } as const;
const RXQ_OVFL = { level: 1, name: 40 } as const;
const IP_PKTINFO = { level: IPPROTO.IP, name: 8 } as const;
const IPV6_RECVPKTINFO = { level: IPPROTO.IPV6, name: 49 } as const;
const IPV6_RECVHOPLIMIT = { level: IPPROTO.IPV6, name: 51 } as const;

/**
 * Opens the two sockets in the namespace that this thread is in now; what is missing is not allowed (CAP_NET_RAW), or not there (a kernel
 * without IPv6). They get copies of what this host is sent anyhow: no group is joined, and nothing is ever sent.
 */
export function openIcmpSockets(): readonly IcmpSocket[] {
  const ipv6 = open(AF.INET6, IPPROTO.ICMPV6, fd => {
    libc().setsockopt(fd, ICMP6_FILTER, icmp6Filter());
    libc().setsockopt(fd, IPV6_RECVPKTINFO, 1);
    libc().setsockopt(fd, IPV6_RECVHOPLIMIT, 1);
  });
  const ipv4 = open(AF.INET, IPPROTO.ICMP, fd => {
    libc().setsockopt(fd, ICMP_FILTER, ~(1 << ICMP_REDIRECT));
    libc().setsockopt(fd, IP_PKTINFO, 1);
  });
  return [...(ipv6 === undefined ? [] : [{ fd: ipv6, family: 'ipv6' } as const]), ...(ipv4 === undefined ? [] : [{ fd: ipv4, family: 'ipv4' } as const])];
}

export interface IcmpSocket { readonly fd: number; readonly family: 'ipv4' | 'ipv6' }

/** Whether this process may listen at all. */
export function mayListen(): boolean {
  const sockets = openIcmpSockets();
  for (const { fd } of sockets) libc().close(fd);
  return sockets.length > 0;
}

function open(domain: number, protocol: number, prepare: (fd: number) => void): number | undefined {
  const fd = libc().socket(domain, SOCK_RAW_CLOEXEC_NONBLOCK, protocol);
  if (fd < 0) return undefined;
  prepare(fd);
  libc().setsockopt(fd, RXQ_OVFL, 1);
  return fd;
}

/** `struct icmp6_filter`: 256 bits, of which those that are set are kept back (RFC 3542 section 3.2). */
function icmp6Filter(): Uint8Array {
  const bytes = new Uint8Array(32).fill(0xff);
  const view = new DataView(bytes.buffer);
  for (const type of [ND.ADVERTISEMENT, ND.NEIGHBOUR, ND.REDIRECT]) {
    const at = (type >> 5) * 4;
    view.setUint32(at, view.getUint32(at, HOST_LITTLE_ENDIAN) & ~(1 << (type & 31)), HOST_LITTLE_ENDIAN);
  }
  return bytes;
}

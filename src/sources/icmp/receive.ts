import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from '../rtnetlink/libc.ts';
import type { IcmpSocket } from './sockets.ts';

/** A packet as it came, and how many the socket had to drop so far. */
export interface Received { readonly ifindex: number; readonly from: Uint8Array; readonly hops: number; readonly bytes: Uint8Array; readonly drops: number }

const SLOTS = 16;
/** Neighbour discovery fits into the smallest frames; of quoted packets the start is enough. */
const SLOT_BYTES = 2048;
const MSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;
const NAME_BYTES = 32;
const CONTROL_BYTES = 128;
const CMSG_BYTES = 16;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IP_PKTINFO = 8;
const SO_RXQ_OVFL = 40;
const LEVEL = { SOCKET: 1, IP: 0, IPV6: 41 } as const;

let shared: ReturnType<typeof layOut> | undefined;

/** As in rtnetlink/arena.ts: the memory behind recvmmsg(2), here with room for addresses and control data. */
function layOut() {
  const iovecs = SLOTS * MSGHDR_BYTES;
  const names = iovecs + SLOTS * IOVEC_BYTES;
  const controls = names + SLOTS * NAME_BYTES;
  const data = controls + SLOTS * CONTROL_BYTES;
  const { address, bytes } = libc().allocate(data + SLOTS * SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  const point = (at: number, offset: number): void => { view.setBigUint64(at, address + BigInt(offset), HOST_LITTLE_ENDIAN); };
  for (let i = 0; i < SLOTS; i++) {
    const header = i * MSGHDR_BYTES;
    point(header, names + i * NAME_BYTES);
    point(header + 16, iovecs + i * IOVEC_BYTES);
    view.setBigUint64(header + 24, 1n, HOST_LITTLE_ENDIAN);
    point(header + 32, controls + i * CONTROL_BYTES);
    point(iovecs + i * IOVEC_BYTES, data + i * SLOT_BYTES);
    view.setBigUint64(iovecs + i * IOVEC_BYTES + 8, BigInt(SLOT_BYTES), HOST_LITTLE_ENDIAN);
  }
  return { address, bytes, view, names, controls, data };
}

/** Everything that waits in the socket. */
export function receivePackets({ fd, family }: IcmpSocket): Received[] {
  const all: Received[] = [];
  for (;;) {
    const arena = shared ??= layOut();
    const { view } = arena;
    for (let i = 0; i < SLOTS; i++) {
      view.setUint32(i * MSGHDR_BYTES + 8, NAME_BYTES, HOST_LITTLE_ENDIAN);
      view.setBigUint64(i * MSGHDR_BYTES + 40, BigInt(CONTROL_BYTES), HOST_LITTLE_ENDIAN);
    }
    const count = libc().recvmmsg(fd, arena.address, SLOTS);
    for (let i = 0; i < count; i++) {
      const packet = family === 'ipv6' ? packet6(arena, i) : packet4(arena, i);
      if (packet !== undefined) all.push(packet);
    }
    if (count < SLOTS) return all;
  }
}

type Arena = ReturnType<typeof layOut>;

const bytesAt = ({ bytes, view, data }: Arena, i: number): Uint8Array => bytes.slice(data + i * SLOT_BYTES, data + i * SLOT_BYTES + Math.min(view.getUint32(i * MSGHDR_BYTES + 56, HOST_LITTLE_ENDIAN), SLOT_BYTES));

/** The address stands 8 bytes into `struct sockaddr_in6`. */
function packet6(arena: Arena, i: number): Received | undefined {
  const { ifindex, hops, drops } = controlOf(arena, i);
  const name = arena.names + i * NAME_BYTES;
  return ifindex === undefined || hops === undefined ? undefined : { ifindex, hops, drops, from: arena.bytes.slice(name + 8, name + 24), bytes: bytesAt(arena, i) };
}

/** A raw IPv4 socket gets the IP header, too. */
function packet4(arena: Arena, i: number): Received | undefined {
  const { ifindex, drops } = controlOf(arena, i);
  const packet = bytesAt(arena, i);
  const header = ((packet[0] ?? 0) & 15) * 4;
  return ifindex === undefined || header < 20 || packet.length < header ? undefined : { ifindex, hops: packet[8] ?? 0, drops, from: packet.slice(12, 16), bytes: packet.slice(header) };
}

interface Control { readonly ifindex?: number; readonly hops?: number; readonly drops: number }

/** `struct cmsghdr`: length 8 bytes, level 4, type 4; each begins at a multiple of 8. */
function controlOf({ view, controls }: Arena, i: number): Control {
  const start = controls + i * CONTROL_BYTES;
  const end = start + Math.min(CONTROL_BYTES, Number(view.getBigUint64(i * MSGHDR_BYTES + 40, HOST_LITTLE_ENDIAN)));
  let control: Control = { drops: 0 };
  for (let at = start; at + CMSG_BYTES <= end;) {
    const length = Number(view.getBigUint64(at, HOST_LITTLE_ENDIAN));
    if (length < CMSG_BYTES) break;
    const [level, type] = [view.getInt32(at + 8, HOST_LITTLE_ENDIAN), view.getInt32(at + 12, HOST_LITTLE_ENDIAN)];
    const word = (offset: number): number => view.getUint32(at + CMSG_BYTES + offset, HOST_LITTLE_ENDIAN);
    if (level === LEVEL.IPV6 && type === IPV6_PKTINFO) control = { ...control, ifindex: word(16) };
    if (level === LEVEL.IPV6 && type === IPV6_HOPLIMIT) control = { ...control, hops: word(0) };
    if (level === LEVEL.IP && type === IP_PKTINFO) control = { ...control, ifindex: word(0) };
    if (level === LEVEL.SOCKET && type === SO_RXQ_OVFL) control = { ...control, drops: word(0) };
    at += (length + 7) & ~7;
  }
  return control;
}

import { createArena, type Arena, type Control } from '../rtnetlink/arena.ts';
import type { IcmpSocket } from './sockets.ts';

/** A packet as it came, and how many the socket had to drop so far. */
export interface Received { readonly ifindex: number; readonly from: Uint8Array; readonly hops: number; readonly bytes: Uint8Array; readonly drops: number }

const SLOTS = 16;
/** Neighbour discovery fits into the smallest frames; of quoted packets the start is enough. */
const SLOT_BYTES = 2048;
/** `struct sockaddr_in6` has 28; its address stands 8 bytes into it. */
const NAME_BYTES = 32;
const CONTROL_BYTES = 128;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const IP_PKTINFO = 8;
const SO_RXQ_OVFL = 40;
const LEVEL = { SOCKET: 1, IP: 0, IPV6: 41 } as const;

let shared: Arena | undefined;

/** Everything that waits in the socket. */
export function receivePackets({ fd, family }: IcmpSocket): Received[] {
  const arena = shared ??= createArena({ slots: SLOTS, data: SLOT_BYTES, name: NAME_BYTES, control: CONTROL_BYTES });
  const all: Received[] = [];
  for (;;) {
    const count = arena.receive(fd, SLOTS);
    for (let i = 0; i < count; i++) {
      const control = controlOf(arena.controls(i));
      const packet = family === 'ipv6' ? packet6(arena, i, control) : packet4(arena.datagram(i).slice(), control);
      if (packet !== undefined) all.push(packet);
    }
    if (count < SLOTS) return all;
  }
}

function packet6(arena: Arena, i: number, { ifindex, hops, drops }: Told): Received | undefined {
  const { buffer, byteOffset } = arena.name(i);
  return ifindex === undefined || hops === undefined ? undefined
    : { ifindex, hops, drops, from: new Uint8Array(buffer, byteOffset + 8, 16).slice(), bytes: arena.datagram(i).slice() };
}

/** A raw IPv4 socket gets the IP header, too. */
function packet4(packet: Uint8Array, { ifindex, drops }: Told): Received | undefined {
  const header = ((packet[0] ?? 0) & 15) * 4;
  return ifindex === undefined || header < 20 || packet.length < header ? undefined : { ifindex, hops: packet[8] ?? 0, drops, from: packet.slice(12, 16), bytes: packet.slice(header) };
}

interface Told { readonly ifindex?: number; readonly hops?: number; readonly drops: number }

const controlOf = (controls: readonly Control[]): Told => controls.reduce<Told>((told, { level, type, word }) => {
  if (level === LEVEL.IPV6 && type === IPV6_PKTINFO) return { ...told, ifindex: word(16) };
  if (level === LEVEL.IPV6 && type === IPV6_HOPLIMIT) return { ...told, hops: word(0) };
  if (level === LEVEL.IP && type === IP_PKTINFO) return { ...told, ifindex: word(0) };
  if (level === LEVEL.SOCKET && type === SO_RXQ_OVFL) return { ...told, drops: word(0) };
  return told;
}, { drops: 0 });

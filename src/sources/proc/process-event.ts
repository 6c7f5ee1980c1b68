import type { LifeObservation } from '../../model/observation.ts';

export type ProcessEvent = Pick<LifeObservation, 'event' | 'pid' | 'parent'> & { readonly timeNs: bigint };

const NLMSG_DONE = 3;
const NETLINK_BYTES = 16;
/** `struct cn_msg`. */
const CN_BYTES = 20;
const PROC_CN_MCAST_LISTEN = 1;
/** enum of `struct proc_event`, include/uapi/linux/cn_proc.h. */
const EVENTS: Readonly<Record<number, LifeObservation['event']>> = { 1: 'fork', 2: 'exec', 0x8000_0000: 'exit' };

/** Asks for the events of all processes. */
export function listenRequest(): Uint8Array {
  const bytes = new Uint8Array(NETLINK_BYTES + CN_BYTES + 4);
  const view = new DataView(bytes.buffer);
  const words = [[0, bytes.length], [NETLINK_BYTES, 1], [NETLINK_BYTES + 4, 1], [NETLINK_BYTES + CN_BYTES, PROC_CN_MCAST_LISTEN]] as const;
  view.setUint16(4, NLMSG_DONE, LITTLE);
  for (const [at, value] of words) view.setUint32(at, value, LITTLE);
  view.setUint16(NETLINK_BYTES + 16, 4, LITTLE);
  return bytes;
}

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** One event, of a process as a whole; undefined: of a thread, or of another kind. Never throws. */
export function decodeEvent(message: Uint8Array): ProcessEvent | undefined {
  const at = NETLINK_BYTES + CN_BYTES;
  if (message.length < at + 16 + 16) return undefined;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const word = (index: number): number => view.getUint32(at + 16 + index * 4, LITTLE);
  const event = EVENTS[view.getUint32(at, LITTLE)];
  const timeNs = view.getBigUint64(at + 8, LITTLE);
  switch (event) {
    case 'fork': return word(2) === word(3) ? { event, timeNs, pid: word(3), parent: word(1) } : undefined;
    case 'exec': case 'exit': return word(0) === word(1) ? { event, timeNs, pid: word(1) } : undefined;
    default: return undefined;
  }
}

import { HEADER_BYTES } from '../../netlink/constants.ts';
import { align4, HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { createArena, type Arena } from './arena.ts';
import { LISTEN_ALL_NSID } from './socket.ts';

const KERNEL = 0;
const SOCKADDR_NL_BYTES = 12;
/** Datagrams that one call can receive. */
export const SLOTS = 64;
/** Longer than any rtnetlink datagram: a dump's is at most 32 KiB (net/netlink/af_netlink.c netlink_recvmsg()). */
const SLOT_BYTES = 65_536;

let shared: Arena | undefined;

/** One for the process: what was received is copied out before anyone else receives. */
const arena = (): Arena => shared ??= createArena({ slots: SLOTS, data: SLOT_BYTES, name: SOCKADDR_NL_BYTES, control: 24 });

/** Port id of the sender: 0 is the kernel, anything else a process that pretends. */
const senderOf = (index: number): number => arena().name(index).getUint32(4, HOST_LITTLE_ENDIAN);

/** What the namespace it is from is called in that of the socket; undefined: it is that one, or the socket does not hear others. */
function nsidOf(index: number): number | undefined {
  const told = arena().controls(index).find(({ level, type }) => level === LISTEN_ALL_NSID.level && type === LISTEN_ALL_NSID.name);
  return told && told.word(0) | 0;
}

/**
 * Copies of the messages of at most `datagrams` datagrams, in order, or a negative errno. All are copied before any is
 * handed over: whoever gets them may receive again. What another process sent to our port is dropped.
 */
export function receiveMessages(fd: number, datagrams: number): Uint8Array[] | number {
  const messages: Uint8Array[] = [];
  const received = receiveEach(fd, datagrams, (message) => { messages.push(message); });
  return received < 0 ? received : messages;
}

/** A message, and the id of the namespace it is from, in that of the socket; undefined: that of the socket itself. */
export interface Received { readonly bytes: Uint8Array; readonly nsid: number | undefined }

/** As `receiveMessages`, for a socket that hears several namespaces. */
export function receiveFromAll(fd: number, datagrams: number): Received[] | number {
  const messages: Received[] = [];
  const received = receiveEach(fd, datagrams, (bytes, nsid) => { messages.push({ bytes, nsid }); });
  return received < 0 ? received : messages;
}

function receiveEach(fd: number, datagrams: number, take: (bytes: Uint8Array, nsid: number | undefined) => void): number {
  const received = arena().receive(fd, datagrams);
  for (let i = 0; i < received; i++) {
    if (senderOf(i) === KERNEL) copyMessages(arena().datagram(i), nsidOf(i), take);
  }
  return received;
}

/** A tail that is no whole message is kept as it is: the decoder says what is wrong with it. */
function copyMessages(datagram: Uint8Array, nsid: number | undefined, take: (bytes: Uint8Array, nsid: number | undefined) => void): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at < datagram.length;) {
    const rest = datagram.length - at;
    const told = rest < HEADER_BYTES ? 0 : view.getUint32(at, HOST_LITTLE_ENDIAN);
    const length = told < HEADER_BYTES || told > rest ? rest : told;
    take(datagram.slice(at, at + length), nsid);
    at += align4(length);
  }
}

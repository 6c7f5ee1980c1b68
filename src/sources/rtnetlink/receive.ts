import { align4, HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { HEADER_BYTES } from '../../netlink/decode.ts';
import { arena } from './arena.ts';

const KERNEL = 0;

/**
 * Copies of the messages of at most `datagrams` datagrams, in order, or a negative errno. All are copied before any is
 * handed over: whoever gets them may receive again. What another process sent to our port is dropped.
 */
export function receiveMessages(fd: number, datagrams: number): Uint8Array[] | number {
  const received = arena().receive(fd, datagrams);
  if (received < 0) return received;
  const messages: Uint8Array[] = [];
  for (let i = 0; i < received; i++) {
    if (arena().sender(i) === KERNEL) copyMessages(arena().datagram(i), messages);
  }
  return messages;
}

/** A tail that is no whole message is kept as it is: the decoder says what is wrong with it. */
function copyMessages(datagram: Uint8Array, into: Uint8Array[]): void {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at < datagram.length;) {
    const rest = datagram.length - at;
    const told = rest < HEADER_BYTES ? 0 : view.getUint32(at, HOST_LITTLE_ENDIAN);
    const length = told < HEADER_BYTES || told > rest ? rest : told;
    into.push(datagram.slice(at, at + length));
    at += align4(length);
  }
}

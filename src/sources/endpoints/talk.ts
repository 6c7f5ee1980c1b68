import { HEADER_BYTES, NLMSG } from '../../netlink/constants.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { ERRNO, libc } from '../rtnetlink/libc.ts';
import { receiveMessages } from '../rtnetlink/receive.ts';
import { NETLINK_SOCK_DIAG, openNetlinkSocket, openRouteSocket } from '../rtnetlink/socket.ts';
import { createSlices, type Slices } from '../slices.ts';

const NETLINK_GENERIC = 16;
const DATAGRAMS = 4;

/** Sockets for questions to the kernel, opened in the namespace that they are about. */
export interface Talk {
  readonly route: number;
  /** Negative: the kernel does not have it (errno). */
  readonly diag: number; readonly generic: number;
  readonly slices: Slices;
  close(): void;
}

export function openTalk(): Talk {
  const route = openRouteSocket();
  const [diag, generic] = [openNetlinkSocket(NETLINK_SOCK_DIAG), openNetlinkSocket(NETLINK_GENERIC)];
  return { route, diag, generic, slices: createSlices(), close: () => { for (const fd of [route, diag, generic]) if (fd >= 0) libc().close(fd); } };
}

let seq = 0;

/** One message that answers, an error among them; the kernel answers within send(). undefined: none came. */
export function ask(fd: number, request: (seq: number) => Uint8Array): Uint8Array | undefined {
  seq = (seq + 1) >>> 0;
  if (fd < 0 || libc().send(fd, request(seq)) < 0) return undefined;
  for (;;) {
    const messages = receiveMessages(fd, 1);
    if (messages === -ERRNO.EINTR) continue;
    if (typeof messages === 'number') return undefined;
    const answer = messages.find(message => message.length >= HEADER_BYTES + 4 && view(message).getUint32(8, HOST_LITTLE_ENDIAN) === seq);
    if (answer !== undefined) return answer;
  }
}

/** All answers to a dump request; a number: the errno that the kernel refused it with, -1: it said nothing. */
export async function dumpAll(talk: Talk, kind: 'route' | 'diag' | 'generic', request: (seq: number) => Uint8Array): Promise<readonly Uint8Array[] | number> {
  seq = (seq + 1) >>> 0;
  const own = seq;
  const fd = talk[kind];
  if (fd < 0 || libc().send(fd, request(own)) < 0) return -1;
  const all: Uint8Array[] = [];
  for (;;) {
    const messages = receiveMessages(fd, DATAGRAMS);
    if (messages === -ERRNO.EINTR) continue;
    if (typeof messages === 'number') return -1;
    for (const message of messages) {
      if (message.length < HEADER_BYTES + 4 || view(message).getUint32(8, HOST_LITTLE_ENDIAN) !== own) continue;
      const type = view(message).getUint16(4, HOST_LITTLE_ENDIAN);
      if (type === NLMSG.DONE || type === NLMSG.ERROR) {
        const errno = -view(message).getInt32(HEADER_BYTES, HOST_LITTLE_ENDIAN);
        return errno > 0 ? errno : all;
      }
      all.push(message);
    }
    await talk.slices.breathe();
  }
}

const view = (message: Uint8Array): DataView => new DataView(message.buffer, message.byteOffset, message.byteLength);

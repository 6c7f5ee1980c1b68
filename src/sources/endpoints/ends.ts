import type { NetnsRef } from '../../model/netns.ts';
import { decodeSocket, IPPROTO, SOCKET_ENDS } from '../../netlink/sock-diag.ts';
import { attributeType, hasAttribute, nextAttribute, readU8, wireOf } from '../../netlink/wire.ts';
import { ERRNO, libc } from '../rtnetlink/libc.ts';
import { receiveFromAll } from '../rtnetlink/receive.ts';
import { NETLINK_SOCK_DIAG, joinGroup, listenToAll, openNetlinkSocket } from '../rtnetlink/socket.ts';
import type { Hearing } from '../rtnetlink/source.ts';
import { idOf } from './sockets.ts';

export interface SocketEnd { readonly netns: NetnsRef; readonly id: string; readonly retransmits: number | undefined }

const DATAGRAMS = 64;
const MESSAGE_BYTES = 16 + 72;
const INET_DIAG_PROTOCOL = 10;

/**
 * Hears of every socket that ends (net/core/sock_diag.c sock_diag_broadcast_destroy(), since 4.11), until it is closed.
 * undefined: not to be had here; then ends are seen when one looks.
 */
export function openSocketEnds(hearing: Hearing, onEnd: (end: SocketEnd) => void): { close(): void } | undefined {
  const fd = hearing.inside(() => openNetlinkSocket(NETLINK_SOCK_DIAG));
  if (fd < 0) return undefined;
  try {
    if (hearing.isOfAll) listenToAll(fd);
  } catch {
    libc().close(fd);
    return undefined;
  }
  if (!Object.values(SOCKET_ENDS).map(group => joinGroup(fd, group)).some(isJoined => isJoined)) {
    libc().close(fd);
    return undefined;
  }
  const watch = libc().watch(fd);
  const onReadable = (): void => {
    for (;;) {
      const messages = receiveFromAll(fd, DATAGRAMS);
      if (messages === -ERRNO.EINTR || messages === -ERRNO.ENOBUFS) continue;
      if (typeof messages === 'number') break;
      for (const { bytes, nsid } of messages) {
        const netns = hearing.netnsOf(nsid);
        const end = netns === undefined ? undefined : decodeEnd(bytes);
        if (netns !== undefined && end !== undefined) onEnd({ netns, ...end });
      }
    }
    watch.start(onReadable);
  };
  watch.start(onReadable);
  return { close() { watch.close(); libc().close(fd); } };
}

/** What is told of a socket at its end; undefined: of another kind. Never throws. */
export function decodeEnd(bytes: Uint8Array): Omit<SocketEnd, 'netns'> | undefined {
  const socket = decodeSocket(bytes);
  if (socket === undefined) return undefined;
  const wire = wireOf(bytes);
  for (let at = MESSAGE_BYTES; hasAttribute(wire, at, bytes.length); at = nextAttribute(wire, at)) {
    if (attributeType(wire, at) !== INET_DIAG_PROTOCOL) continue;
    const what = readU8(wire, at, 0) === IPPROTO.tcp ? 'tcp' : readU8(wire, at, 0) === IPPROTO.udp ? 'udp' : undefined;
    return what === undefined ? undefined : { id: idOf(what, socket), retransmits: socket.retransmits };
  }
  return undefined;
}

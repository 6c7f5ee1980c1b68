import { HEADER_BYTES, NLMSG, NSID_GROUP } from '../../netlink/constants.ts';
import { decodeNsid } from '../../netlink/decode-nsid.ts';
import { newNsidRequest, nsidDumpRequest, nsidRequest } from '../../netlink/requests.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { libc } from './libc.ts';
import { createNetns, type NetnsHandle } from './netns.ts';
import { receiveMessages } from './receive.ts';
import { joinGroup, listenToAll, openRouteSocket } from './socket.ts';

const DATAGRAMS = 8;

/**
 * A network namespace of our own with one socket, which hears every namespace that has been given an id there. The ids
 * are the lookout's: no namespace of the host gets one, none is kept alive by it, and they end with us, however we end.
 */
export interface Lookout {
  readonly handle: NetnsHandle;
  /** Socket that hears. */
  readonly fd: number;
  /** False: it has an id already, or is no namespace. From then on it is heard. */
  assign(namespaceFd: number, nsid: number): boolean;
  /** The id that it has; undefined: none. */
  idOf(namespaceFd: number): number | undefined;
  /** The ids of all namespaces that are still there; undefined: the kernel did not tell. */
  ids(): ReadonlySet<number> | undefined;
  close(): void;
}

/** @throws RoutecauseError */
export function openLookout(): Lookout {
  const handle = createNetns();
  const [fd, control] = handle.inside(() => [openRouteSocket(), openRouteSocket()]);
  listenToAll(fd);
  joinGroup(fd, NSID_GROUP);
  let seq = 0;

  /** The kernel answers within send(), a dump piece by piece within each receive. */
  function answers(request: Uint8Array): readonly Uint8Array[] | undefined {
    if (libc().send(control, request) < 0) return undefined;
    const all: Uint8Array[] = [];
    for (;;) {
      const messages = receiveMessages(control, DATAGRAMS);
      if (typeof messages === 'number') return undefined;
      for (const message of messages) {
        const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
        if (message.length < HEADER_BYTES + 4 || view.getUint32(8, HOST_LITTLE_ENDIAN) !== seq) continue;
        const type = view.getUint16(4, HOST_LITTLE_ENDIAN);
        if (type === NLMSG.ERROR || type === NLMSG.DONE) return view.getInt32(HEADER_BYTES, HOST_LITTLE_ENDIAN) === 0 ? all : undefined;
        all.push(message);
      }
    }
  }

  return {
    handle, fd,
    assign: (namespaceFd, nsid) => answers(newNsidRequest(namespaceFd, nsid, ++seq)) !== undefined,
    idOf: (namespaceFd) => answers(nsidRequest(namespaceFd, ++seq))?.map((message) => decodeNsid(message)?.nsid).find((nsid) => nsid !== undefined),
    ids: () => {
      const told = answers(nsidDumpRequest(++seq));
      return told === undefined ? undefined : new Set(told.flatMap((message) => decodeNsid(message)?.nsid ?? []));
    },
    close: () => {
      libc().close(fd);
      libc().close(control);
      handle.close();
    },
  };
}

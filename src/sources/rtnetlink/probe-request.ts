import { AF_INET, AF_INET6 } from '../../netlink/address.ts';
import { netconfRequest } from '../../netlink/requests.ts';
import { libc } from './libc.ts';
import type { NetnsHandle } from './netns.ts';
import { receiveMessages } from './receive.ts';
import { openRouteSocket } from './socket.ts';

/** Harmless requests that make chosen kernel functions run in this process. */
export interface ProbeRequests {
  send(seq: number): void;
  close(): void;
}

export function createProbeRequests(netns: NetnsHandle): ProbeRequests {
  let fd: number | undefined;
  return {
    send: (seq) => {
      fd ??= netns.inside(openRouteSocket);
      for (const family of [AF_INET, AF_INET6]) libc().send(fd, netconfRequest(family, seq >>> 0));
      // The kernel answers within send(): both answers wait here already.
      while (typeof receiveMessages(fd, 2) !== 'number');
    },
    close: () => {
      if (fd !== undefined) libc().close(fd);
      fd = undefined;
    },
  };
}

import { AF_INET, AF_INET6 } from '../../netlink/address.ts';
import { decodeSocket, IPPROTO, socketRequest, socketsRequest, TCP_ESTABLISHED, type SocketState } from '../../netlink/sock-diag.ts';
import { questionOf, type Endpoint } from './endpoint.ts';
import { ask, dumpAll, type Talk } from './talk.ts';

const KINDS = [
  { what: 'tcp', af: AF_INET, protocol: IPPROTO.tcp }, { what: 'tcp', af: AF_INET6, protocol: IPPROTO.tcp },
  { what: 'udp', af: AF_INET, protocol: IPPROTO.udp }, { what: 'udp', af: AF_INET6, protocol: IPPROTO.udp },
] as const;

const ENOENT = 2;
/** enum of include/net/tcp_states.h, as ss(8) says them. */
const STATES: readonly string[] = ['', 'ESTABLISHED', 'SYN-SENT', 'SYN-RECV', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING'];

export interface Sockets { readonly endpoints: readonly Endpoint[]; readonly unchecked: readonly string[] }

/** The established sockets of a namespace that depend on a route. */
export async function readSockets(talk: Talk): Promise<Sockets> {
  if (talk.diag < 0) return { endpoints: [], unchecked: ['sockets: this kernel has no sock_diag'] };
  const endpoints: Endpoint[] = [];
  const unchecked = new Set<string>();
  for (const { what, af, protocol } of KINDS) {
    const messages = await dumpAll(talk, 'diag', seq => socketsRequest(af, protocol, seq));
    if (typeof messages === 'number') {
      unchecked.add(`${what.toUpperCase()} sockets: ${messages === ENOENT ? `the kernel has no module ${what}_diag loaded` : `sock_diag refused (errno ${messages})`}`);
      continue;
    }
    for (const message of messages) {
      const socket = decodeSocket(message);
      const endpoint = socket === undefined || socket.state !== TCP_ESTABLISHED ? undefined : endpointOf(what, af, socket);
      if (endpoint !== undefined) endpoints.push(endpoint);
    }
  }
  return { endpoints, unchecked: [...unchecked] };
}

function endpointOf(what: 'tcp' | 'udp', af: number, socket: SocketState): Endpoint | undefined {
  const { local, localPort, remote, remotePort, ifindex, uid, mark, tos, inode, id } = socket;
  const protocol = IPPROTO[what];
  const asked = questionOf(remote, local, { oif: ifindex, mark, tos, uid, ipProtocol: protocol, ports: { source: localPort, destination: remotePort } });
  return asked === undefined ? undefined : {
    told: { id: idOf(what, socket), what, remote, remotePort, local, localPort, ...(ifindex === 0 ? {} : { ifindex }), state: stateName(socket.state) },
    ...asked, socket: { af, protocol, id, inode, hasMark: mark !== undefined },
  };
}

export const idOf = (what: 'tcp' | 'udp', { cookie }: Pick<SocketState, 'cookie'>): string => `${what}/${cookie.toString(16)}`;
export const stateName = (state: number): string => STATES[state] ?? `state ${state}`;

/** How a socket is now; undefined: it is no longer there. */
export function lookAtSocket(talk: Talk, { af, protocol, id }: NonNullable<Endpoint['socket']>): SocketState | undefined {
  const answer = ask(talk.diag, seq => socketRequest(af, protocol, id, seq));
  return answer === undefined ? undefined : decodeSocket(answer);
}

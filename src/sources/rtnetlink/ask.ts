import { setTimeout as sleep } from 'node:timers/promises';
import { RoutecauseError } from '../../model/errors.ts';
import type { Family, Route } from '../../model/route.ts';
import type { RtMessage } from '../../model/rtnetlink.ts';
import { AF_INET, AF_INET6 } from '../../netlink/address.ts';
import { RTM } from '../../netlink/constants.ts';
import { decodeLookup, decodeNeighbour, type LookupAnswer, type Neighbour } from '../../netlink/decode-lookup.ts';
import { decodeException } from '../../netlink/decode-route.ts';
import { decodeMessage } from '../../netlink/decode.ts';
import { neighboursRequest, routeGetRequest, type RouteQuestion } from '../../netlink/lookup-requests.ts';
import { CACHE_PARTS, DUMP_PARTS } from '../../netlink/requests.ts';
import { dumpOnce, questionsOf, type Question } from './dump.ts';
import { ERRNO, libc } from './libc.ts';
import type { NetnsRef } from '../../model/netns.ts';
import { netnsOfSocket, type NetnsHandle } from './netns.ts';
import { receiveMessages } from './receive.ts';
import { openRouteSocket } from './socket.ts';

/** All that a lookup of one family depends on, as it was read. `consistent` false: it changed while it was read, each time. */
export interface Tables { readonly messages: readonly RtMessage[]; readonly neighbours: readonly Neighbour[]; readonly exceptions: readonly Route[]; readonly consistent: boolean }

const ATTEMPTS = 5;
const ANSWER_MS = 5000;

/** @throws RoutecauseError where no socket can be opened there */
export async function readTables(netns: NetnsHandle, family: Family): Promise<Tables> {
  for (let attempt = 1; ; attempt++) {
    const seen = { messages: [] as RtMessage[], neighbours: [] as Neighbour[], exceptions: [] as Route[] };
    const read = (questions: readonly Question[], take: (bytes: Uint8Array) => void): Promise<boolean> =>
      dumpOnce({ netns, isCancelled: () => false, deliver: take }, questions);
    const af = family === 'ipv4' ? AF_INET : AF_INET6;
    const tables = DUMP_PARTS.filter(part => part.family === 0 || part.family === af);
    const consistent = await read(questionsOf(tables), bytes => { seen.messages.push(decodeMessage(bytes)); });
    // These come and go all the time: they are read as they are.
    await read([{ answer: RTM.NEWNEIGH, family: af, request: seq => neighboursRequest(family, seq) }], bytes => {
      const neighbour = decodeNeighbour(bytes);
      if (neighbour !== undefined) seen.neighbours.push(neighbour);
    });
    await read(questionsOf(CACHE_PARTS.filter(part => part.family === af)), bytes => {
      const exception = decodeException(bytes);
      if (exception !== undefined) seen.exceptions.push(exception);
    });
    if (consistent || attempt === ATTEMPTS) return { ...seen, consistent };
  }
}

/** Which namespace it is, cookie included. @throws RoutecauseError */
export function netnsOf(netns: NetnsHandle): NetnsRef {
  const fd = netns.inside(openRouteSocket);
  const found = netnsOfSocket(fd, netns.inode);
  libc().close(fd);
  return found;
}

/** Asks the kernel where packets would go. @throws RoutecauseError where it does not answer */
export async function askKernel(netns: NetnsHandle, questions: readonly RouteQuestion[]): Promise<readonly LookupAnswer[]> {
  const fd = netns.inside(openRouteSocket);
  try {
    const answers: LookupAnswer[] = [];
    for (const [index, question] of questions.entries()) answers.push(await askOne(fd, routeGetRequest(question, index + 1), index + 1));
    return answers;
  } finally {
    libc().close(fd);
  }
}

async function askOne(fd: number, request: Uint8Array, seq: number): Promise<LookupAnswer> {
  const sent = libc().send(fd, request);
  if (sent < 0) throw new RoutecauseError(`the kernel takes no question about routes (errno ${-sent})`, 'run as root, or allow AF_NETLINK sockets to this process');
  for (const end = performance.now() + ANSWER_MS; performance.now() < end;) {
    const messages = receiveMessages(fd, 2);
    if (typeof messages === 'number') {
      // The kernel answers within send(); what is not there yet is a matter of microseconds.
      if (messages !== -ERRNO.EAGAIN && messages !== -ERRNO.EINTR) break;
      await sleep(1);
      continue;
    }
    const answer = messages.map(message => decodeLookup(message)).find(one => one?.seq === seq);
    if (answer !== undefined) return answer;
  }
  throw new RoutecauseError('the kernel did not answer a question about routes', 'try again; if it stays so, report it');
}

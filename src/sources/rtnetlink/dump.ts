import { setTimeout as sleep } from 'node:timers/promises';
import { NLM_F } from '../../model/rtnetlink.ts';
import { HEADER_BYTES, NLMSG } from '../../netlink/constants.ts';
import { dumpRequest } from '../../netlink/requests.ts';
import type { DumpPart } from '../../netlink/requests.ts';
import { HOST_LITTLE_ENDIAN } from '../../netlink/wire.ts';
import { createSlices } from '../slices.ts';
import { ERRNO, libc } from './libc.ts';
import type { NetnsHandle } from './netns.ts';
import { receiveMessages } from './receive.ts';
import { openRouteSocket, useStrictChecking } from './socket.ts';

/** Two datagrams are at most 64 KiB, about 500 routes: the event loop waits no longer than that plus this. */
const DATAGRAMS = 2;
/** Errors by which a kernel says that it does not have this kind of thing (no IPv6, no nexthop objects). */
const UNSUPPORTED: readonly number[] = [ERRNO.EINVAL, ERRNO.EOPNOTSUPP, ERRNO.EAFNOSUPPORT];

export interface DumpRun {
  readonly netns: NetnsHandle;
  readonly deliver: (message: Uint8Array) => void;
  /** Asked between slices: true ends the dump as an inconsistent one. */
  readonly isCancelled: () => boolean;
}

/** One dump request, and what it is answered with; family 0: of any. */
export interface Question { readonly answer: number; readonly family: number; readonly request: (seq: number) => Uint8Array }

export const questionsOf = (parts: readonly DumpPart[]): readonly Question[] => parts.map(part => ({ answer: part.answer, family: part.family, request: seq => dumpRequest(part, seq) }));

/**
 * Reads everything once, on a socket of its own. False: something changed while one part was read (NLM_F_DUMP_INTR),
 * the kernel failed half-way, or it was cancelled; then the whole is no snapshot. @throws RoutecauseError
 */
export async function dumpOnce(run: DumpRun, questions: readonly Question[]): Promise<boolean> {
  const fd = run.netns.inside(openRouteSocket);
  try {
    useStrictChecking(fd);
    let consistent = true;
    for (const [index, question] of questions.entries()) {
      consistent = (await dumpPart(run, fd, question, index + 1)) && consistent;
      if (run.isCancelled()) return false;
    }
    return consistent;
  } finally {
    libc().close(fd);
  }
}

async function dumpPart(run: DumpRun, fd: number, question: Question, seq: number): Promise<boolean> {
  if (libc().send(fd, question.request(seq)) < 0) return false;
  let consistent = true;
  const slices = createSlices();
  while (!run.isCancelled()) {
    const messages = receiveMessages(fd, DATAGRAMS);
    if (messages === -ERRNO.EAGAIN) await sleep(1);
    else if (typeof messages === 'number' && messages !== -ERRNO.EINTR) return false;
    for (const message of typeof messages === 'number' ? [] : messages) {
      const verdict = judge(message, question, seq);
      if (verdict.interrupted) consistent = false;
      if (verdict.isAnswer) run.deliver(message);
      if (verdict.end !== undefined) return consistent && verdict.end === 'complete';
    }
    await slices.breathe();
  }
  return false;
}

interface Verdict { readonly isAnswer: boolean; readonly interrupted: boolean; readonly end?: 'complete' | 'failed' }
const IGNORED: Verdict = { isAnswer: false, interrupted: false };

function judge(message: Uint8Array, question: Question, seq: number): Verdict {
  if (message.length < HEADER_BYTES + 4) return IGNORED;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  if (view.getUint32(8, HOST_LITTLE_ENDIAN) !== seq) return IGNORED;
  const type = view.getUint16(4, HOST_LITTLE_ENDIAN);
  const interrupted = (view.getUint16(6, HOST_LITTLE_ENDIAN) & NLM_F.DUMP_INTR) !== 0;
  if (type === NLMSG.DONE || type === NLMSG.ERROR) {
    const errno = -view.getInt32(HEADER_BYTES, HOST_LITTLE_ENDIAN);
    const isComplete = errno === 0 || (type === NLMSG.ERROR && UNSUPPORTED.includes(errno));
    return { isAnswer: false, interrupted, end: isComplete ? 'complete' : 'failed' };
  }
  // A kernel without this family answers for all the others (net/core/rtnetlink.c rtnl_dump_all()).
  const isAsked = type === question.answer && (question.family === 0 || view.getUint8(HEADER_BYTES) === question.family);
  return { isAnswer: isAsked, interrupted };
}

import type { Act, FactsOf, Happening } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { NetlinkObservation, ProbeObservation } from '../model/observation.ts';
import type { NlHeader } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { HEADER_BYTES, RTM } from '../netlink/constants.ts';
import type { ProcessTable } from '../processes/table.ts';
import { isCertain, type Origin } from './acts.ts';
import { framesShown } from './frames.ts';
import type { Grounds, Judge } from './judge.ts';
import { netnsOf } from './removal.ts';
import { createRequesterTable, type RequesterMatch } from './requesters.ts';
import { createTapQueue, messageKey } from './taps.ts';
import { createUnreadTaps } from './unread-taps.ts';

/** What is known of how a message came to be sent. */
export interface Joined {
  readonly facts: Omit<FactsOf<Happening>, 'change' | 'names'>;
  readonly grounds: Grounds;
  /** When the kernel sent it, or was asked for it; undefined: only its receipt is known. */
  readonly time?: BootTime;
  /** Thread that asked for it. */
  readonly tid?: number;
}

/** Joins messages with the kernel's own records: by their bytes where the kernel acted by itself, else by the requester's port id. */
export interface Joiner {
  /** A message was seen leaving the kernel. */
  addTap(record: ProbeObservation, origin: Origin): void;
  /** A request was seen coming in. */
  addRequest(record: ProbeObservation, header: NlHeader | undefined): void;
  /** Each message once, in order of receipt: one tap belongs to one message. */
  join(header: NlHeader, seen: NetlinkObservation): Joined | undefined;
  /** The act behind a request that was seen coming in by its number; undefined: only others of its port id were told. */
  actOfRequest(header: NlHeader, netns: NetnsRef, until: BootTime): Act | undefined;
  /** All that was sent before was read: of one namespace, or of all. */
  drain(netns: NetnsRef | undefined, time: BootTime): void;
  expire(now: BootTime): void;
  clear(): void;
}

/** `contested`: taps of other acts with the same bytes that were paired while this one waited. */
interface Tap { readonly time: BootTime; readonly origin: Origin; readonly contested: Tap[] }
/**
 * Functions that send from within the lock of their table (IPv6: tb6_lock, IPv4: the RTNL): there messages arrive in the
 * order in which the taps saw them. Multipath and preference messages are sent outside of it.
 */
const LOCKED: ReadonlySet<string> = new Set(['fib6_add', 'fib6_del', 'fib_table_insert', 'fib_table_delete', 'fib_table_flush']);
const isOrdered = ({ frames }: Origin): boolean => frames?.some(frame => LOCKED.has(frame)) === true;
const CUT_SHORT = '; this kernel cuts it short at a return probe, and what the thread had entered before stands for the rest';
const SAME_BYTES = 'the same bytes were announced again at nearly the same time; the order of the two is not proved';

export function createJoiner(processes: ProcessTable, judge: Pick<Judge, 'isInShade' | 'isSuspect'>): Joiner {
  const requesters = createRequesterTable();
  const taps = createTapQueue<Tap>();
  const unread = createUnreadTaps();

  function joinTap(header: NlHeader, seen: NetlinkObservation): Joined | undefined {
    const pair = taps.take(messageKey(seen.netns, seen.bytes, header.length), seen.time);
    if (pair === undefined) return undefined;
    const { origin, time } = pair.tap;
    const waiting = pair.waiting.filter(other => other.origin.act.id !== origin.act.id && !(isOrdered(other.origin) && isOrdered(origin)));
    for (const other of waiting) other.contested.push(pair.tap);
    return {
      facts: origin, time,
      grounds: {
        sure: isCertain(origin),
        evidence: [
          { kind: 'message', text: 'the notification that left the kernel is, byte for byte, the one received' },
          ...evidenceOf(origin),
        ],
        others: [...waiting, ...pair.tap.contested].map(other => ({ actor: other.origin.act.actor, tellApart: SAME_BYTES })),
      },
    };
  }

  /** A tracer that sees no arguments tells that a message was sent and by which path; which one it was, order and path have to say. */
  function joinUnread(header: NlHeader, seen: NetlinkObservation): Joined | undefined {
    if (header.type !== RTM.NEWROUTE && header.type !== RTM.DELROUTE) return undefined;
    const pair = unread.take(seen.bytes[HEADER_BYTES] ?? 0, header.type === RTM.NEWROUTE, seen.time);
    if (pair === undefined) return undefined;
    const { origin, time } = pair.tap;
    return {
      facts: origin, time,
      grounds: {
        sure: false,
        evidence: [{ kind: 'stack', text: 'a notification of this kind was sent on this path at the time; its bytes could not be read' }, ...evidenceOf(origin)],
        others: pair.others.map(other => ({ actor: other.origin.act.actor, tellApart: 'both announced such a change at nearly the same time; kprobes would tell them apart' })),
      },
    };
  }

  function joinRequest(header: NlHeader, seen: NetlinkObservation): Joined | undefined {
    const match = requesters.find(seen.netns, header, seen.time);
    if (match === undefined) return undefined;
    const { requester, exact, isOneOfMany, others } = match;
    const request = { type: requester.type, ...(isOneOfMany ? {} : { flags: requester.flags }), exact };
    return {
      facts: { where: 'task', act: requestAct(match, header, seen.netns, seen.time), request },
      ...(exact ? { time: requester.time, tid: requester.tid } : {}),
      grounds: {
        sure: exact || (!isOneOfMany && others.length === 0 && !judge.isInShade(seen.time)),
        evidence: [{ kind: 'requester', text: `port id ${header.portid}, sequence ${header.seq} in the message; rtnetlink_rcv_msg saw process ${requester.pid} send ${exact ? 'that very request' : 'on that port id'}` }],
        others: exact ? [] : others.map(other => ({ actor: processes.actor(other.pid, other.startNs, other.comm, other.time), tellApart: 'both used the port id lately, and neither request was seen by its number' })),
      },
    };
  }

  function requestAct({ requester, exact }: RequesterMatch, header: NlHeader, netns: NetnsRef, time: BootTime): Act {
    return {
      id: exact ? `${requester.time}.${requester.tid}` : `${netns.inode}.${header.portid}.${header.seq}.${requester.pid}`,
      time: exact ? requester.time : time, where: 'task', actor: processes.actor(requester.pid, requester.startNs, requester.comm, requester.time),
    };
  }

  return {
    addTap(record, origin) {
      const netns = netnsOf(record);
      const { msg, msglen } = record.fields;
      // Its message may have been among those dropped, and then it would be paired with a later one.
      if (judge.isSuspect('rtnetlink', record.time)) return;
      if (msg === undefined) unread.add({ time: record.time, origin });
      if (netns === undefined || msg === undefined || msglen === undefined) return;
      taps.add(messageKey(netns, msg, msglen), { time: record.time, origin, contested: [] });
    },
    addRequest(record, header) { requesters.observe(record, header); },
    join: (header, seen) => header.portid === 0 ? joinTap(header, seen) ?? joinUnread(header, seen) : joinRequest(header, seen),
    actOfRequest(header, netns, until) {
      const match = requesters.find(netns, header, until);
      return match?.exact === true ? requestAct(match, header, netns, until) : undefined;
    },
    drain(netns, time) { requesters.drain(netns, time); },
    expire(now) { taps.expire(now); },
    clear() { taps.clear(); unread.clear(); },
  };
}

/** What a kernel record itself is evidence of. */
export function evidenceOf({ frames, deferral }: Origin): Grounds['evidence'] {
  return [
    frames === undefined ? { kind: 'call', text: 'the kernel stack could not be read; the call the thread was in is taken' }
      : { kind: 'stack', text: `kernel stack of the very call, ${framesShown(frames)} frames${framesShown(frames) === frames.length ? '' : CUT_SHORT}` },
    ...(deferral === undefined ? [] : [{ kind: 'deferred' as const, text: `work item 0x${deferral.object.toString(16)} ties ${deferral.call.fn} to the act that queued it` }]),
  ];
}

import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { NLM_F, type NlHeader } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { RTM } from '../netlink/constants.ts';

/** One request seen entering rtnetlink_rcv_msg: who owns the port id, and what was asked. */
export interface Requester {
  readonly time: BootTime; readonly tid: number; readonly pid: number; readonly startNs?: bigint; readonly comm?: string;
  readonly type: number; readonly flags: number; readonly seq: number;
}

export interface RequesterMatch {
  readonly requester: Requester;
  /** The record is of this very request; else it is of an equal one of the same port id. */
  readonly exact: boolean;
  /** Requests that ask for different things have its number. */
  readonly isOneOfMany: boolean;
  /** Other processes that used the port id lately. */
  readonly others: readonly Requester[];
}

/** Port ids and their owners. A record is made whenever program, type or flags differ from the last one, or a second has passed. */
export interface RequesterTable {
  observe(record: ProbeObservation, header: NlHeader | undefined): void;
  find(netns: NetnsRef, header: NlHeader, until: BootTime): RequesterMatch | undefined;
  /** All that was sent before was read: of one namespace, or of all. */
  drain(netns: NetnsRef | undefined, time: BootTime): void;
}

const KEEP_NS = 10_000_000_000n;
const KEEP_RECORDS = 4096;
const KEEP_PORTS = 4096;
/** What the kernel says that it did only if that was asked for: fib_table_insert(), fib6_add_rt2node(). */
const SAID = NLM_F.REPLACE | NLM_F.APPEND;
const isRoute = ({ type }: Requester): boolean => type === RTM.NEWROUTE || type === RTM.DELROUTE;

export function createRequesterTable(): RequesterTable {
  const byPort = new Map<string, Requester[]>();
  const answered = new WeakSet<Requester>();
  const drained = new Map<string, BootTime>();
  let allDrained: BootTime | undefined;

  /** A process asks for one thing after the other: when it asked for the next one, the answer had been sent, and has been read. */
  function isOver(netns: NetnsRef, record: Requester, list: readonly Requester[]): boolean {
    const read = [drained.get(netnsKey(netns)), allDrained].filter(time => time !== undefined);
    return list.some(next => next.time > record.time && next.tid === record.tid && read.some(time => next.time <= time));
  }

  return {
    observe(record, header) {
      const { netns, cookie, portid } = record.fields;
      const requester = requesterOf(record, header);
      if (netns === undefined || portid === undefined || requester === undefined) return;
      const key = `${netnsKey({ inode: netns, ...(cookie === undefined ? {} : { cookie }) })}|${portid}`;
      const list = byPort.get(key) ?? [];
      list.push(requester);
      if (list.length > KEEP_RECORDS) list.splice(0, list.length - KEEP_RECORDS / 2);
      byPort.delete(key);
      byPort.set(key, list);
      if (byPort.size > KEEP_PORTS) byPort.delete(byPort.keys().next().value ?? '');
    },
    find(netns, header, until) {
      const list = byPort.get(`${netnsKey(netns)}|${header.portid}`);
      if (list === undefined) return undefined;
      const numbered = list.filter(record => record.time <= until && record.seq === header.seq);
      // A program may number all its requests alike: an answer to RTM_NEWROUTE is never one to RTM_DELROUTE,
      const fitting = numbered.filter(record => record.type === header.type || !isRoute(record));
      // but for legs that are taken back as another one is refused: ip6_route_multipath_add().
      const takenBack = header.type === RTM.DELROUTE ? numbered.findLast(({ type }) => type === RTM.NEWROUTE) : undefined;
      const open = fitting.filter(record => until - record.time < KEEP_NS);
      const likely = open.length < 2 ? open : open.filter(record => (header.flags & SAID & ~record.flags) === 0 && !isOver(netns, record, list));
      const recent = likely.length > 0 ? likely : open;
      // Of several the first one that was not answered yet: answers come in the order of requests.
      const requester = (recent.length < 2 ? recent[0] ?? fitting.at(-1) : recent.find(record => !answered.has(record)) ?? recent.at(-1)) ?? takenBack ?? lastBefore(list, header, until);
      if (requester === undefined) return undefined;
      answered.add(requester);
      return {
        requester, exact: recent.length < 2 && requester.seq === header.seq && (fitting.length > 0 || requester === takenBack),
        isOneOfMany: recent.some(({ type, flags }) => type !== requester.type || flags !== requester.flags), others: othersThan(requester, list, until),
      };
    },
    drain(netns, time) { if (netns === undefined) allDrained = time; else drained.set(netnsKey(netns), time); },
  };
}

function requesterOf({ fields, time, tid, pid }: ProbeObservation, header: NlHeader | undefined): Requester | undefined {
  const { start, comm, nltype, nlflags, seq } = fields;
  const type = header?.type ?? nltype;
  return type === undefined ? undefined : {
    time, tid, pid, type, flags: header?.flags ?? nlflags ?? 0, seq: header?.seq ?? seq ?? 0,
    ...(start === undefined ? {} : { startNs: start }), ...(comm === undefined ? {} : { comm }),
  };
}

/**
 * Nexthop requests are all told, each with its number: what has none of their numbers is a route request, and it came
 * after the last one told whose number is not higher (programs count upwards, and wrap).
 */
function lastBefore(list: readonly Requester[], header: NlHeader, until: BootTime): Requester | undefined {
  const before = list.findLast(record => record.time <= until && isRoute(record) && ((header.seq - record.seq) | 0) >= 0);
  return before?.type === header.type ? before : undefined;
}

function othersThan(requester: Requester, list: readonly Requester[], until: BootTime): Requester[] {
  const others = new Map<string, Requester>();
  for (const record of list) {
    const isOther = record.pid !== requester.pid || record.startNs !== requester.startNs;
    if (isOther && record.time <= until && until - record.time < KEEP_NS) others.set(`${record.pid}/${record.startNs}`, record);
  }
  return [...others.values()];
}

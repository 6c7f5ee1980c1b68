import { IOCTL_NAMES } from '../causes/ioctl.ts';
import { ATTEMPT_CAUSES } from '../causes/index.ts';
import type { Act, Attempt, Attribution, NameLookup } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import type { Evidence } from '../model/output.ts';
import { RT_TABLE, type Route } from '../model/route.ts';
import type { RtMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { RTM } from '../netlink/constants.ts';
import { decodeMessage } from '../netlink/decode.ts';
import type { ProcessTable } from '../processes/table.ts';
import type { Joiner } from './join.ts';
import type { Judge } from './judge.ts';
import { netnsOf } from './removal.ts';

export interface AttemptsOptions {
  readonly judge: Judge;
  readonly joiner: Pick<Joiner, 'actOfRequest'>;
  readonly processes: ProcessTable;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
  /** What holds the place that a route was to have. */
  readonly routesAt: (netns: NetnsRef, route: Route) => readonly Route[];
}

/** Requests that the kernel refused. They change nothing, so nothing else depends on them. */
export interface Attempts {
  /** Its routes are watched: ioctls are seen in every namespace. */
  watch(netns: NetnsRef): void;
  unwatch(netns: NetnsRef): void;
  onProbe(record: ProbeObservation): readonly Attribution[];
  /** The socket of a namespace, or of all, was empty at that time. */
  onDrained(netns: NetnsRef | undefined, time: BootTime): readonly Attribution[];
  /** Every observation before this one was seen. */
  onTick(now: BootTime): readonly Attribution[];
  flush(): readonly Attribution[];
  /** A call that began before a loss may have ended unseen. */
  forget(time: BootTime): void;
}

interface Waiting { readonly netns: NetnsRef; readonly time: BootTime; readonly tellIt: () => readonly Attribution[] }

const IOCTLS: ReadonlySet<string> = new Set(['ip_rt_ioctl', 'ipv6_route_ioctl']);
/** EINTR, and the kernel's own ERESTART*: the program is not told, the call is made again. */
const NO_ANSWER: ReadonlySet<number> = new Set([4, 512, 513, 514, 516]);
const EEXIST = 17;
/** What is in the way may have been announced and not read yet; a socket that is never empty is not waited for. */
const PATIENCE_NS = 500_000_000n;
/** An RTM_NEWLINK without attributes. */
const LINK_BYTES = 32;
/** IP6_RT_PRIO_USER */
const IPV6_METRIC = 1024;

export function createAttempts({ judge, joiner, processes, namesIn, routesAt }: AttemptsOptions): Attempts {
  const watched = new Set<string>();
  const open = new Map<number, ProbeObservation>();
  let distrusted: BootTime | undefined;
  let waiting: readonly Waiting[] = [];

  function settle(isDue: (wait: Waiting) => boolean): readonly Attribution[] {
    if (waiting.length === 0) return [];
    const due = waiting.filter(isDue);
    waiting = waiting.filter(wait => !due.includes(wait));
    return due.flatMap(({ tellIt }) => tellIt());
  }

  function tell(change: Attempt, act: Act, text: string): readonly Attribution[] {
    const evidence: Evidence[] = [{ kind: 'call', text }];
    const request = change.asked.kind === 'ioctl' ? {} : { request: { type: change.asked.header.type, flags: change.asked.header.flags, exact: true } };
    return judge.caused('attempt', ATTEMPT_CAUSES, { change, where: 'task', act, ...request, names: namesIn(change.netns) }, { sure: true, evidence, others: [] });
  }

  function onRefusal(record: ProbeObservation): readonly Attribution[] {
    const netns = netnsOf(record);
    const { msg, msglen, ret = 0, portid = 0, start, extack } = record.fields;
    if (netns === undefined || msg === undefined || msglen === undefined || !isRefusal(ret)) return [];
    const asked = decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
    if (isCapabilityTest(asked)) return [];
    const act = joiner.actOfRequest({ ...asked.header, portid }, netns, record.time) ?? {
      id: `${netns.inode}.${portid}.${asked.header.seq}`, time: record.time, where: 'task' as const, actor: processes.actor(record.pid, start, undefined),
    };
    const seen = msglen > msg.length ? `, of which ${msg.length} of ${msglen} bytes were read` : '';
    const isTaken = asked.kind === 'route' && ret === -EEXIST;
    const tellIt = (): readonly Attribution[] => tell(
      { netns, time: record.time, asked, errno: -ret, existing: isTaken ? routesAt(netns, placeOf(asked.route)) : [], ...(extack === undefined || extack === '' ? {} : { message: extack }) },
      act, `netlink_ack answered the request of process ${record.pid} on port id ${portid}, sequence ${asked.header.seq}${seen}, with error ${-ret}`,
    );
    // In the order in which they were refused.
    if (!isTaken && waiting.length === 0) return tellIt();
    waiting = [...waiting, { netns, time: record.time, tellIt }];
    return [];
  }

  function onReturn(record: ProbeObservation): readonly Attribution[] {
    const call = open.get(record.tid);
    if (call?.fn !== record.fn || (distrusted !== undefined && call.time <= distrusted)) return [];
    open.delete(record.tid);
    const netns = netnsOf(call);
    const { ret = 0 } = record.fields;
    if (netns === undefined || !watched.has(netnsKey(netns)) || !isRefusal(ret)) return [];
    const { cmd = 0, start, comm } = call.fields;
    return tell(
      { netns, time: record.time, asked: { kind: 'ioctl', request: IOCTL_NAMES[cmd] ?? `0x${cmd.toString(16)}` }, errno: -ret, existing: [] },
      {
        id: `${call.time}.${call.tid}`, time: call.time, where: 'task', actor: processes.actor(call.pid, start, comm),
        call: { fn: call.fn, time: call.time, tid: call.tid, pid: call.pid, fields: call.fields, via: [] },
      },
      `${call.fn} returned error ${-ret} to process ${call.pid}`,
    );
  }

  return {
    watch(netns) { watched.add(netnsKey(netns)); },
    unwatch(netns) { watched.delete(netnsKey(netns)); },
    onProbe(record) {
      if (record.type === 'refuse') return onRefusal(record);
      if (!IOCTLS.has(record.fn)) return [];
      if (record.type === 'return') return onReturn(record);
      if (record.type === 'call') open.set(record.tid, record);
      return [];
    },
    onDrained: (netns, time) => settle(wait => time >= wait.time && (netns === undefined || netnsKey(netns) === netnsKey(wait.netns))),
    onTick: now => settle(wait => now - wait.time > PATIENCE_NS),
    flush: () => settle(() => true),
    forget(time) {
      open.clear();
      distrusted = time;
    },
  };
}

/** What the kernel takes for what a request leaves open: fib_new_table(), ip6_route_info_create(). */
const placeOf = (route: Route): Route => ({
  ...route, table: route.table === 0 ? RT_TABLE.MAIN : route.table, metric: route.metric === 0 && route.family === 'ipv6' ? IPV6_METRIC : route.metric,
});

const isRefusal = (ret: number): boolean => ret < 0 && !NO_ANSWER.has(-ret);

/**
 * An RTM_NEWLINK that names no device and creates none asks for nothing: iproute2 sends it before its first request for
 * a link, to learn whether the kernel knows the type (ip/iplink.c iplink_have_newlink()), and expects an error.
 */
const isCapabilityTest = (asked: RtMessage): boolean =>
  asked.kind === 'link' && asked.header.type === RTM.NEWLINK && asked.header.length === LINK_BYTES && asked.ifindex === 0 && asked.flags === 0 && asked.change === 0;

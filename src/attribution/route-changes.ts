import { CAUSES, NETNS_GONE_CAUSES } from '../causes/index.ts';
import { slotOf } from '../fib/identity.ts';
import type { ShadowFib } from '../fib/shadow.ts';
import type { Act, Attribution, Facts, NameLookup, RouteChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { DumpObservation, NetlinkObservation, ProbeObservation } from '../model/observation.ts';
import type { Evidence } from '../model/output.ts';
import type { RouteMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { decodeMessage } from '../netlink/decode.ts';
import type { Origin } from './acts.ts';
import { evidenceOf, type Joined } from './join.ts';
import type { Judge } from './judge.ts';
import type { NamespaceEnd } from './namespace-ends.ts';
import { threadOf } from './thread.ts';
import { createPendingRemovals, type PendingRemoval } from './pending-removals.ts';

export interface RouteChangesOptions {
  readonly judge: Judge;
  readonly shadow: ShadowFib;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
}

/** Route messages, and removals that sent none, become changes of the shadow FIB with a verdict each. */
export interface RouteChanges {
  /** Before a message that was sent at `time` is applied: what is known now to have happened silently before it. */
  settleBefore(message: RouteMessage, netns: NetnsRef, time: BootTime | undefined): readonly Attribution[];
  onMessage(message: RouteMessage, seen: NetlinkObservation, joined: Joined | undefined): readonly Attribution[];
  /** A route message is about to leave the kernel. */
  onTap(record: ProbeObservation): void;
  onRemoval(record: ProbeObservation, origin: Origin): void;
  onReturn(record: ProbeObservation): readonly Attribution[];
  onTick(now: BootTime): readonly Attribution[];
  onDrained(netns: NetnsRef | undefined, time: BootTime): readonly Attribution[];
  onDumpEnd(dump: DumpObservation): readonly Attribution[];
  /** With a namespace go its tables. */
  onNetnsGone(netns: NetnsRef, time: BootTime, end: NamespaceEnd | undefined): readonly Attribution[];
  /** Messages were dropped: what the next whole dump shows anew was announced, perhaps. */
  missMessages(): void;
  forgetRemovals(): void;
  flush(): readonly Attribution[];
}

const NETNS_GONE: Evidence = { kind: 'message', text: 'RTM_DELNSID: the kernel says that this network namespace is gone; its tables go with it, and nobody can be told' };

export function createRouteChanges({ judge, shadow, namesIn }: RouteChangesOptions): RouteChanges {
  const removals = createPendingRemovals();
  let missedMessages = false;

  /** The end of a lifetime is the deed of whoever set it, not of whatever swept it out; nobody's who can be named, if it was set before the session. */
  function actBehind(change: RouteChange, { frames, act }: Joined['facts']): Origin['act'] {
    if (frames?.includes('fib6_run_gc') !== true) return act;
    return change.madeBy ?? (change.predates === true ? { ...act, actor: { kind: 'kernel' } } : act);
  }

  function onMessage(message: RouteMessage, seen: NetlinkObservation, joined: Joined | undefined): readonly Attribution[] {
    const { netns } = seen;
    const { time } = joined ?? {};
    const keepsMaker = joined !== undefined && (joined.facts.request === undefined || message.route.expiresSec !== undefined);
    const change = shadow.applyMessage(netns, message, {
      since: time ?? joined?.facts.act.time ?? seen.time, ...(time === undefined ? { isReceipt: true as const } : {}), ...(keepsMaker ? { by: joined.facts.act } : {}),
    });
    if (change === undefined) return [];
    if (joined === undefined) return judge.unknown('change', change);
    const act = actBehind(change, joined.facts);
    const facts: Facts = { change, ...joined.facts, act, names: namesIn(netns) };
    const { grounds } = joined;
    const sure = act === joined.facts.act ? grounds.sure : facts.frames !== undefined && act.actor.kind !== 'unknown';
    return judge.caused('change', CAUSES, facts, { ...grounds, sure });
  }

  const settle = (): readonly Attribution[] => settleThose(removals.takeSettled());

  function settleThose(due: readonly PendingRemoval[]): readonly Attribution[] {
    return due.flatMap(removal => {
      const { netns, seen, time, origin, names } = removal;
      const change = shadow.applyRemoval(netns, seen, time);
      if (change === undefined) {
        // Its route may still be on its way to us.
        if (removal.returned === undefined || !removal.drained) removals.putBack(removal);
        return [];
      }
      return judge.caused('change', CAUSES, { change, ...origin, names }, {
        sure: origin.frames !== undefined && origin.act.actor.kind !== 'unknown',
        evidence: [
          { kind: 'call', text: 'the removal was seen in the kernel, and no notification was sent for it before its root call returned' },
          ...(origin.frames === undefined ? [] : evidenceOf(origin)),
        ],
        others: [],
      });
    });
  }

  return {
    settleBefore: (message, netns, time) => time === undefined ? [] : settleThose(removals.takeBefore(netns, time, message.deleted ? undefined : slotOf(message.route))),
    onMessage,
    onTap(record) {
      const { msg, msglen } = record.fields;
      if (msg === undefined || msglen === undefined) return;
      const message = decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
      if (message.kind === 'route' && message.deleted) removals.announce(threadOf(record), slotOf(message.route));
    },
    onRemoval(record, origin) { removals.add(record, origin, namesIn); },
    onReturn(record) {
      removals.onReturn(threadOf(record), record.fn, record.time);
      return settle();
    },
    onTick(now) {
      removals.onTime(now);
      return settle();
    },
    onDrained(netns, time) {
      removals.onDrained(netns, time);
      return settle();
    },
    onDumpEnd({ netns, time, consistent }) {
      const isSilent = !missedMessages;
      if (consistent) missedMessages = false;
      const wasBased = shadow.isBased(netns);
      const changes = shadow.endDump(netns, time, consistent);
      // Found when the session was under way: what is there came unseen, and nobody knows when.
      const found = wasBased || !shadow.isBased(netns) ? [] : shadow.unseen(netns);
      return [
        ...found.flatMap(route => judge.unseen('present', { netns, time, change: 'add', silent: false, route })),
        ...changes.flatMap(change => judge.unknown('change', { ...change, silent: isSilent })),
      ];
    },
    onNetnsGone(netns, time, end) {
      const names = namesIn(netns);
      const evidence = end === undefined ? [NETNS_GONE] : [NETNS_GONE, { kind: 'deferred', text: `__put_net saw process ${end.act.actor.pid ?? '?'} drop the last reference to it` } as const];
      const act: Act = end?.act ?? { id: `${time}.${netnsKey(netns)}`, time, where: 'kworker', actor: { kind: 'kernel' } };
      const before = settleThose(removals.takeOf(netns));
      return [...before, ...shadow.routes(netns).flatMap(route => {
        const change = { netns, time, change: 'delete', silent: true, route, netnsGone: true } as const;
        return judge.caused('change', NETNS_GONE_CAUSES, { change, where: 'kworker', act, names }, { sure: true, evidence, others: [] });
      })];
    },
    missMessages() { missedMessages = true; },
    forgetRemovals() { removals.clear(); },
    flush: () => settleThose(removals.takeAll()),
  };
}

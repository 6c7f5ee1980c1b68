import { CAUSES, NETNS_GONE_CAUSES } from '../causes/index.ts';
import type { ShadowFib } from '../fib/shadow.ts';
import type { Act, Attribution, Facts, NameLookup, RouteChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { DumpObservation, NetlinkObservation } from '../model/observation.ts';
import type { Evidence } from '../model/output.ts';
import type { RouteMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';
import type { Joined } from './join.ts';
import type { Judge } from './judge.ts';
import type { NamespaceEnd } from './namespace-ends.ts';

export interface RouteChangesOptions {
  readonly judge: Judge;
  readonly shadow: ShadowFib;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
}

/** Route messages, and what dumps show beyond them, become changes of the shadow FIB with a verdict each. */
export interface RouteChanges {
  onMessage(message: RouteMessage, seen: NetlinkObservation, joined: Joined | undefined): readonly Attribution[];
  onDumpEnd(dump: DumpObservation): readonly Attribution[];
  /** With a namespace go its tables. */
  onNetnsGone(netns: NetnsRef, time: BootTime, end: NamespaceEnd | undefined): readonly Attribution[];
  /** Messages were dropped: what the next whole dump shows anew was announced, perhaps. */
  missMessages(): void;
}

const NETNS_GONE: Evidence = { kind: 'message', text: 'RTM_DELNSID: the kernel says that this network namespace is gone; its tables go with it, and nobody can be told' };

export function createRouteChanges({ judge, shadow, namesIn }: RouteChangesOptions): RouteChanges {
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

  return {
    onMessage,
    onDumpEnd({ netns, time, consistent }) {
      const isSilent = !missedMessages;
      if (consistent) missedMessages = false;
      const changes = shadow.endDump(netns, time, consistent);
      return [
        // What is there came unseen, and nobody knows when.
        ...shadow.takeUnseen(netns).flatMap(route => judge.unseen('present', { netns, time, change: 'add', silent: false, route })),
        ...changes.flatMap(change => judge.unknown('change', { ...change, silent: isSilent })),
      ];
    },
    onNetnsGone(netns, time, end) {
      const names = namesIn(netns);
      const evidence = end === undefined ? [NETNS_GONE] : [NETNS_GONE, { kind: 'deferred', text: `${end.fn} saw process ${end.act.actor.pid ?? '?'} drop the last reference to it` } as const];
      const act: Act = end?.act ?? { id: `${time}.${netnsKey(netns)}`, time, where: 'kworker', actor: { kind: 'unknown' } };
      return shadow.routes(netns).flatMap(route => {
        const change = { netns, time, change: 'delete', silent: true, route, netnsGone: true } as const;
        return judge.caused('change', NETNS_GONE_CAUSES, { change, where: 'kworker', act, names }, { sure: end !== undefined, evidence, others: [] });
      });
    },
    missMessages() { missedMessages = true; },
  };
}

import { CAUSES } from '../causes/index.ts';
import { flagsOf, withFlags, withoutPrefsrc } from '../fib/in-place.ts';
import { followObject, sameWay } from '../fib/nexthops.ts';
import type { ShadowFib } from '../fib/shadow.ts';
import type { Attribution, NameLookup, RouteChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { NetlinkObservation, ProbeObservation } from '../model/observation.ts';
import type { NexthopMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { RT_TABLE } from '../model/route.ts';
import { addressIn } from './address-origins.ts';
import type { Origin } from './acts.ts';
import { evidenceOf, type Joined } from './join.ts';
import type { Grounds, Judge } from './judge.ts';
import { netnsOf } from './removal.ts';
import { threadOf } from './thread.ts';

export interface AlterationsOptions {
  readonly judge: Judge;
  readonly shadow: ShadowFib;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
  /** rt6_remove_prefsrc() heeds the table of a route (from 6.6), not its device. undefined: not known. */
  readonly prefsrcByTable?: boolean;
}

/** What changes routes where they are: nexthop objects, preferred sources, legs whose device is down. No message tells. */
export interface Alterations {
  onRecord(record: ProbeObservation, origin: Origin): void;
  onNexthop(message: NexthopMessage, seen: NetlinkObservation, joined: Joined | undefined): void;
  onReturn(record: ProbeObservation): readonly Attribution[];
  onTick(now: BootTime): readonly Attribution[];
  /** `netns` undefined: in all of them. */
  onDrained(netns: NetnsRef | undefined, time: BootTime): readonly Attribution[];
  /** Before a message of a later act is applied: what happened earlier comes first. */
  settleBefore(netns: NetnsRef, time: BootTime, actId: string): readonly Attribution[];
  /** The namespace is gone: what waits there is told or dropped now. */
  settleAll(netns: NetnsRef): readonly Attribution[];
  clear(): void;
  flush(): readonly Attribution[];
}

interface Pending {
  readonly netns: NetnsRef; readonly time: BootTime; readonly tid: number | undefined; readonly actId: string;
  /** Legs only say whether a route can be used: its identity stays. */
  readonly isOfFlags: boolean;
  returned: BootTime | undefined; drained: boolean;
  readonly settle: () => readonly Attribution[];
}

/** How long after it an alteration's root call counts as over although no return was seen. */
const RETURN_GRACE_NS = 1_000_000_000n;
const RETURNS_KEPT = 4096;
const IN_PLACE = 'the kernel function that changes routes in place was seen, and its effect worked out on the copy of the tables';

export function createAlterations({ judge, shadow, namesIn, prefsrcByTable }: AlterationsOptions): Alterations {
  let pending: Pending[] = [];
  const returns = new Map<number, BootTime>();

  function wait(change: Omit<Pending, 'returned' | 'drained'>): void {
    const last = change.tid === undefined ? undefined : returns.get(change.tid);
    const returned = last !== undefined && last >= change.time ? last : undefined;
    pending.push({ ...change, returned, drained: false });
  }

  function settleThose(isDue: (one: Pending) => boolean): readonly Attribution[] {
    const due = pending.filter(isDue);
    if (due.length === 0) return [];
    pending = pending.filter(one => !due.includes(one));
    return due.flatMap(one => one.settle());
  }

  const tell = (subject: 'change' | 'flags', facts: Joined['facts'], grounds: Grounds) => (change: RouteChange): readonly Attribution[] =>
    judge.caused(subject, CAUSES, { change, ...facts, names: namesIn(change.netns) }, grounds);

  const groundsOf = (origin: Origin, sure = true): Grounds => ({
    sure: sure && origin.frames !== undefined && origin.act.actor.kind !== 'unknown', others: [],
    evidence: [{ kind: 'call', text: IN_PLACE }, ...evidenceOf(origin)],
  });

  /** Routes on an object (or on a group that has it) take its new way, where the kernel does not say so for each. undefined: the way is as it was. */
  function follow(netns: NetnsRef, time: BootTime, id: number, change: () => void): ((told: (change: RouteChange) => readonly Attribution[]) => readonly Attribution[]) | undefined {
    const objects = shadow.nexthops(netns);
    const before = new Map(objects.touchedBy(id).flatMap(touched => {
      const legs = objects.legsOf(touched);
      return legs === undefined ? [] : [[touched, legs] as const];
    }));
    change();
    const isAsBefore = [...before].every(([touched, legs]) => sameWay(legs, objects.legsOf(touched) ?? legs));
    // Nearly all objects are new, or go after their routes: those do not make anybody search the tables.
    return isAsBefore ? undefined : told => shadow.revise(netns, time, route => route.nhid !== undefined && before.has(route.nhid)
      ? followObject(route, before.get(route.nhid), objects.legsOf(route.nhid)) : undefined).flatMap(told);
  }

  function loseSource(netns: NetnsRef, { time, fields }: ProbeObservation, origin: Origin): readonly Attribution[] {
    const address = addressIn(fields);
    const { ifindex } = fields;
    if (address === undefined || ifindex === undefined) return [];
    const table = shadow.tableOf(netns, ifindex) ?? RT_TABLE.MAIN;
    let isSure = true;
    return shadow.revise(netns, time, withoutPrefsrc(address, route => {
      const [byDevice, byTable] = [route.nexthops.some(leg => leg.ifindex === ifindex), route.table === table];
      if (byDevice !== byTable) isSure = false;
      return byDevice === byTable ? byDevice : prefsrcByTable === true ? byTable : byDevice;
    })).flatMap(change => tell('change', origin, groundsOf(origin, isSure))(change));
  }

  function changeFlags(netns: NetnsRef, { time, fields }: ProbeObservation, origin: Origin): readonly Attribution[] {
    const { ifindex, up, running } = fields;
    if (ifindex === undefined || up === undefined || running === undefined) return [];
    const flags = flagsOf({ isUp: up === 1, isRunning: running === 1 });
    const revise = withFlags(ifindex, flags);
    // A route that came since then came with the flags of its day.
    return shadow.revise(netns, time, (route, since) => since <= time ? revise(route) : undefined)
      .flatMap(change => tell('flags', origin, groundsOf(origin))({ ...change, change: flags === 0 ? 'add' : 'delete' }));
  }

  return {
    onRecord(record, origin) {
      const netns = netnsOf(record);
      if (netns === undefined) return;
      const { time, fields } = record;
      const one = { netns, time, tid: threadOf(record), actId: origin.act.id, isOfFlags: false };
      if (record.fn === 'rt6_remove_prefsrc') wait({ ...one, settle: () => loseSource(netns, record, origin) });
      if (record.fn === 'fib_netdev_event') wait({ ...one, isOfFlags: true, settle: () => changeFlags(netns, record, origin) });
      const { nhid } = fields;
      if (record.fn === 'remove_nexthop' && nhid !== undefined) {
        const follows = follow(netns, time, nhid, () => { shadow.nexthops(netns).remove(nhid); });
        if (follows !== undefined) wait({ ...one, settle: () => follows(tell('change', origin, groundsOf(origin))) });
      }
    },
    onNexthop(message, seen, joined) {
      const { netns } = seen;
      const time = joined?.time ?? seen.time;
      const follows = follow(netns, time, message.id, () => { shadow.applyMessage(netns, message, { since: seen.time }); });
      if (follows === undefined) return;
      const told = joined === undefined ? (change: RouteChange) => judge.unknown('change', change) : tell('change', joined.facts, joined.grounds);
      wait({ netns, time, tid: joined?.tid, actId: joined?.facts.act.id ?? '', isOfFlags: false, settle: () => follows(told) });
    },
    onReturn(record) {
      const { time, fn } = record;
      const tid = threadOf(record);
      if (fn === 'fib_table_flush') return [];
      returns.delete(tid);
      returns.set(tid, time);
      if (returns.size > RETURNS_KEPT) returns.delete(returns.keys().next().value ?? 0);
      for (const one of pending) if (one.tid === tid) one.returned ??= time;
      return settleThose(one => one.returned !== undefined && one.drained);
    },
    onTick(now) {
      for (const one of pending) if (now - one.time > RETURN_GRACE_NS) one.returned ??= now;
      return settleThose(one => one.returned !== undefined && one.drained);
    },
    onDrained(netns, time) {
      for (const one of pending) if (one.returned !== undefined && time >= one.time && (netns === undefined || netnsKey(netns) === netnsKey(one.netns))) one.drained = true;
      return settleThose(one => one.returned !== undefined && one.drained);
    },
    settleBefore: (netns, time, actId) => pending.length === 0 ? []
      : settleThose(one => netnsKey(one.netns) === netnsKey(netns) && one.actId !== actId && (one.isOfFlags ? one.returned !== undefined && one.returned < time : one.time < time)),
    settleAll: netns => settleThose(one => netnsKey(one.netns) === netnsKey(netns)),
    clear() { pending = []; },
    flush: () => settleThose(() => true),
  };
}

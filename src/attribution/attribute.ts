import { findCauses } from '../causes/cause.ts';
import { CAUSES } from '../causes/index.ts';
import { createShadowFib } from '../fib/shadow.ts';
import { slotOf } from '../fib/identity.ts';
import type { Attribution, AttributionVerdict, Facts, NameLookup, RouteChange } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { DumpObservation, LostObservation, NetlinkObservation, Observation, ProbeObservation } from '../model/observation.ts';
import type { Actor, Evidence, UnknownReason } from '../model/output.ts';
import type { Stage } from '../model/ports.ts';
import type { RouteMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { createProcessTable } from '../processes/table.ts';
import { createActResolver, type Origin } from './acts.ts';
import { createPendingRemovals, type PendingRemoval } from './pending-removals.ts';
import { netnsOf } from './removal.ts';
import { createRequesterTable, type RequesterMatch } from './requesters.ts';
import { createTapQueue, messageKey } from './taps.ts';

/** `contested`: taps of other acts with the same bytes that were paired while this one waited. */
interface Tap { readonly time: BootTime; readonly origin: Origin; readonly contested: Tap[] }
/**
 * Functions that send from within the lock of their table (IPv6: tb6_lock, IPv4: the RTNL): there messages arrive in the
 * order in which the taps saw them. Multipath and preference messages are sent outside of it.
 */
const LOCKED: ReadonlySet<string> = new Set(['fib6_add', 'fib6_del', 'fib_table_insert', 'fib_table_delete', 'fib_table_flush']);
const isOrdered = ({ frames }: Origin): boolean => frames?.some(frame => LOCKED.has(frame)) === true;
const SAME_BYTES = 'the same bytes were announced again at nearly the same time; the order of the two is not proved';
const TRACER_ENDED = 'tracer ended';
/** Verdicts on changes this close after a loss say so. */
const LOSS_SHADE_NS = 2_000_000_000n;

export interface AttributorOptions {
  /** Also attribute every route found at the start. */
  readonly initial?: boolean;
}

/** Ordered observations in, exactly one attribution for each change of a FIB out. */
export function createAttributor(options: AttributorOptions = {}): Stage<Observation, Attribution> {
  const processes = createProcessTable();
  const resolver = createActResolver(processes);
  const requesters = createRequesterTable();
  const shadow = createShadowFib();
  const taps = createTapQueue<Tap>();
  const removals = createPendingRemovals();
  let ready = false;
  let traced = false;
  let tracerEnded = false;
  let loss: LostObservation | undefined;
  /** Messages were dropped since the last whole dump: what it shows anew was announced, perhaps. */
  let missedMessages = false;

  const namesIn = (netns: NetnsRef): NameLookup => ({
    device: ifindex => shadow.deviceName(netns, ifindex),
    vrf: table => shadow.vrfOfTable(netns, table),
  });

  const inShadeOfLoss = (time: BootTime): boolean => loss !== undefined && time - loss.time < LOSS_SHADE_NS;

  function attribution(change: RouteChange, verdict: AttributionVerdict, evidence: readonly Evidence[]): Attribution[] {
    if (!ready) return [];
    const caveats = loss !== undefined && inShadeOfLoss(change.time)
      ? [`${loss.count ?? 'some'} events of ${loss.source} were lost (${loss.what}) shortly before; what they held is not known`] : [];
    return [{ kind: 'attribution', subject: 'change', change, verdict, evidence, caveats, names: namesIn(change.netns) }];
  }

  function unknown(change: RouteChange): Attribution[] {
    const reason: UnknownReason = inShadeOfLoss(change.time) ? 'events-lost' : traced && !tracerEnded ? 'no-match' : 'blind';
    return attribution(change, { kind: 'unknown', reason }, []);
  }

  function caused(facts: Facts, sure: boolean, evidence: readonly Evidence[], others: readonly { readonly actor: Actor; readonly tellApart: string }[]): Attribution[] {
    const [match, second] = findCauses(CAUSES, facts);
    if (match === undefined) return attribution(facts.change, { kind: 'unknown', reason: 'no-match', facts }, evidence);
    const rivals = [
      ...(second === undefined ? [] : [{ causeId: second.cause.id, actor: facts.act.actor, tellApart: 'both causes fit the kernel path that was seen' }]),
      ...others.map(other => ({ causeId: match.cause.id, ...other })),
    ];
    const confidence = sure && rivals.length === 0 && !inShadeOfLoss(facts.change.time) ? 'proved' : 'likely';
    return attribution(facts.change, { kind: 'caused', causeId: match.cause.id, confidence, trigger: match.trigger, facts, rivals }, evidence);
  }

  /** The end of a lifetime is the deed of whoever set it, not of the timer. */
  function actBehind(change: RouteChange, origin: Origin): Origin['act'] {
    return change.madeBy !== undefined && origin.frames?.includes('fib6_run_gc') === true ? change.madeBy : origin.act;
  }

  function onNotification(message: RouteMessage, seen: NetlinkObservation): Attribution[] {
    const { netns } = seen;
    if (message.header.portid !== 0) return onRequested(message, seen);
    const pair = taps.take(messageKey(netns, seen.bytes, message.header.length), seen.time);
    const before = pair === undefined ? [] : settleSlot(netns, message, pair.tap.time);
    const change = shadow.applyMessage(netns, message, pair === undefined ? { since: seen.time, isReceipt: true } : { since: pair.tap.time, by: pair.tap.origin.act });
    if (change === undefined) return before;
    if (pair === undefined) return [...before, ...unknown(change)];
    const { origin } = pair.tap;
    const facts: Facts = { change, ...origin, act: actBehind(change, origin), names: namesIn(netns) };
    const waiting = pair.waiting.filter(other => other.origin.act.id !== origin.act.id && !(isOrdered(other.origin) && isOrdered(origin)));
    for (const other of waiting) other.contested.push(pair.tap);
    const isSure = origin.frames !== undefined && facts.act.actor.kind !== 'unknown';
    return [...before, ...caused(facts, isSure, [
      { kind: 'message', text: 'the notification that left the kernel is, byte for byte, the one received' },
      origin.frames === undefined ? { kind: 'call', text: 'the kernel stack could not be read; the call the thread was in is taken' }
        : { kind: 'stack', text: `kernel stack of the very call, ${origin.frames.length} frames` },
      ...(origin.deferral === undefined ? [] : [{ kind: 'deferred' as const, text: `work item 0x${origin.deferral.object.toString(16)} ties ${origin.deferral.call.fn} to the act that queued it` }]),
    ], [...waiting, ...pair.tap.contested].map(other => ({ actor: other.origin.act.actor, tellApart: SAME_BYTES })))];
  }

  function onRequested(message: RouteMessage, seen: NetlinkObservation): Attribution[] {
    const { netns } = seen;
    const match = requesters.find(netns, message.header, seen.time);
    const act = match === undefined ? undefined : requestAct(match, seen, message);
    const before = match?.exact === true ? settleSlot(netns, message, match.requester.time) : [];
    const change = shadow.applyMessage(netns, message, {
      since: act?.time ?? seen.time, ...(match?.exact === true ? {} : { isReceipt: true as const }),
      ...(act === undefined || message.route.expiresSec === undefined ? {} : { by: act }),
    });
    if (change === undefined) return before;
    if (match === undefined || act === undefined) return [...before, ...unknown(change)];
    const { requester, exact, others } = match;
    const facts: Facts = {
      change, where: 'task', names: namesIn(netns), act,
      request: { type: requester.type, flags: requester.flags, exact },
    };
    const sure = exact || (others.length === 0 && !inShadeOfLoss(seen.time));
    return [...before, ...caused(facts, sure, [
      { kind: 'requester', text: `port id ${message.header.portid}, sequence ${message.header.seq} in the message; rtnetlink_rcv_msg saw process ${requester.pid} send ${exact ? 'that very request' : 'on that port id'}` },
    ], exact ? [] : others.map(other => ({ actor: processes.actor(other.pid, other.startNs, other.comm), tellApart: 'both used the port id lately, and neither request was seen by its number' })))];
  }

  function requestAct({ requester, exact }: RequesterMatch, seen: NetlinkObservation, { header }: RouteMessage): Origin['act'] {
    return {
      id: exact ? `${requester.time}.${requester.tid}` : `${seen.netns.inode}.${header.portid}.${header.seq}`,
      time: exact ? requester.time : seen.time, where: 'task', actor: processes.actor(requester.pid, requester.startNs, requester.comm),
    };
  }

  function onTap(record: ProbeObservation): void {
    const netns = netnsOf(record);
    const { msg, msglen } = record.fields;
    if (netns === undefined || msg === undefined || msglen === undefined) return;
    const message = decodeMessage(msg.subarray(0, Math.min(msg.length, msglen)));
    if (message.kind === 'route' && message.deleted) {
      removals.announce(record.tid, slotOf(message.route));
    }
    // Its message may have been among those dropped, and then it would be paired with a later one.
    if (loss?.source === 'rtnetlink' && record.time <= loss.time) return;
    taps.add(messageKey(netns, msg, msglen), { time: record.time, origin: resolver.originOf(record), contested: [] });
  }

  const settle = (): Attribution[] => settleThose(removals.takeSettled());

  const settleSlot = (netns: NetnsRef, message: RouteMessage, time: BootTime): Attribution[] =>
    message.deleted ? [] : settleThose(removals.takeBefore(netns, slotOf(message.route), time));

  function settleThose(due: readonly PendingRemoval[]): Attribution[] {
    return due.flatMap(removal => {
      const { netns, seen, time, origin } = removal;
      const change = shadow.applyRemoval(netns, seen, time);
      if (change === undefined) {
        // Its route may still be on its way to us.
        if (!removal.returned || !removal.drained) removals.putBack(removal);
        return [];
      }
      return caused({ change, ...origin, names: namesIn(netns) }, origin.frames !== undefined && origin.act.actor.kind !== 'unknown', [
        { kind: 'call', text: 'the removal was seen in the kernel, and no notification was sent for it before its root call returned' },
        ...(origin.frames === undefined ? [] : [{ kind: 'stack' as const, text: `kernel stack of the very call, ${origin.frames.length} frames` }]),
      ], []);
    });
  }

  function onProbe(record: ProbeObservation): Attribution[] {
    traced = true;
    processes.observe(record);
    resolver.observe(record);
    switch (record.type) {
      case 'notify': onTap(record); return [];
      case 'remove': removals.add(record, resolver.originOf(record)); return [];
      case 'request': requesters.observe(record, undefined); return [];
      case 'call': {
        const { msg } = record.fields;
        if (msg !== undefined) requesters.observe(record, decodeMessage(msg).header);
        return [];
      }
      case 'return':
        removals.onReturn(record.tid);
        return settle();
      default: return [];
    }
  }

  function endDump({ netns, time, consistent }: DumpObservation): Attribution[] {
    const isSilent = !missedMessages;
    if (consistent) missedMessages = false;
    return shadow.endDump(netns, time, consistent).flatMap(change => unknown({ ...change, silent: isSilent }));
  }

  function onLost(lost: LostObservation): void {
    loss = lost;
    taps.clear();
    if (lost.source === 'rtnetlink') { missedMessages = true; return; }
    resolver.forget(lost.time);
    removals.clear();
    tracerEnded ||= lost.what === TRACER_ENDED;
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'probe': return onProbe(observation);
        case 'stack': resolver.learnStack(observation.cpu, observation.id, observation.frames); return [];
        case 'tick':
          traced = true;
          taps.expire(observation.time);
          removals.onTime(observation.time);
          return settle();
        case 'drained':
          removals.onDrained(observation.netns, observation.time);
          return settle();
        case 'netlink': {
          const message = decodeMessage(observation.bytes);
          if (observation.dump) { shadow.takeDump(observation.netns, message); return []; }
          return message.kind === 'route' ? onNotification(message, observation)
            : (shadow.applyMessage(observation.netns, message, { since: observation.time }), []);
        }
        case 'dump':
          if (observation.phase === 'begin') { shadow.beginDump(observation.netns); return []; }
          return endDump(observation);
        case 'process': case 'name': processes.observe(observation); return [];
        case 'lost': onLost(observation); return [];
        case 'ready': {
          ready = true;
          if (options.initial !== true) return [];
          return shadow.namespaces().flatMap(netns => shadow.routes(netns).map((route): Attribution => ({
            kind: 'attribution', subject: 'present', names: namesIn(netns), evidence: [], caveats: [],
            change: { netns, time: observation.time, change: 'add', silent: false, route }, verdict: { kind: 'predates-session' },
          })));
        }
        case 'undecodable': return [];
      }
    },
    flush: () => settleThose(removals.takeAll()),
  };
}


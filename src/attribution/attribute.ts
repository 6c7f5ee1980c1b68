import { RULE_CAUSES } from '../causes/index.ts';
import { slotOf } from '../fib/identity.ts';
import type { DeviceRules } from '../fib/devices.ts';
import { createShadowFib } from '../fib/shadow.ts';
import type { Attribution, NameLookup } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import { TRACER_BEHIND, type LostObservation, type NetlinkObservation, type NetnsObservation, type Observation, type ProbeObservation } from '../model/observation.ts';
import type { Stage } from '../model/ports.ts';
import type { RuleMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { createProcessTable } from '../processes/table.ts';
import { createAlterations } from './alterations.ts';
import { createActResolver } from './acts.ts';
import { createAttempts } from './attempts.ts';
import { createEdits } from './edits.ts';
import { isClaim } from './edit-record.ts';
import { createExceptions } from './exceptions.ts';
import { createJoiner, type Joined } from './join.ts';
import { createJudge } from './judge.ts';
import { DROPS } from './namespace-ends.ts';
import { netnsOf } from './removal.ts';
import { createRenames } from './renames.ts';
import { createRouteChanges } from './route-changes.ts';
import { createSilence } from './silence.ts';
import { createSilentRemovals } from './silent-removals.ts';

export interface AttributorOptions extends DeviceRules {
  /** Also attribute every route found at the start. */
  readonly initial?: boolean;
  /** The kernel is 6.6 or newer: IPv6 routes lose a preferred source by their table, not by their device. */
  readonly prefsrcByTable?: boolean;
  /** Also attribute requests that the kernel refused. */
  readonly attempts?: boolean;
}

/** The functions that every notification passes. Most of them are not of routes: neighbours, addresses and devices are announced, too. */
const TAPPED: ReadonlySet<string> = new Set(['rtnl_notify', 'nlmsg_notify']);

/** Nothing else than calls of these was missed. */
const isOnly = ({ functions = [] }: LostObservation, known: ReadonlySet<string>): boolean => functions.length > 0 && functions.every(fn => known.has(fn));

/** Ordered observations in, exactly one attribution for each change out. */
export function createAttributor(options: AttributorOptions = {}): Stage<Observation, Attribution> {
  const processes = createProcessTable();
  const resolver = createActResolver(processes);
  const shadow = createShadowFib(options);
  const namesIn = (netns: NetnsRef): NameLookup => shadow.names(netns);
  const judge = createJudge(namesIn);
  const joiner = createJoiner(processes, judge);
  const routes = createRouteChanges({ judge, shadow, namesIn });
  const silence = createSilence();
  const renames = createRenames();
  const removals = createSilentRemovals({ judge, shadow, silence, namesIn, renames });
  const alterations = createAlterations({ judge, shadow, silence, namesIn, ...(options.prefsrcByTable === undefined ? {} : { prefsrcByTable: options.prefsrcByTable }) });
  const edits = createEdits({ judge, shadow, silence, namesIn });
  const attempts = options.attempts === true ? createAttempts({ judge, joiner, processes, namesIn, routesAt: (netns, route) => shadow.routesAt(netns, route) }) : undefined;
  const exceptions = createExceptions({ judge, isOwnAddress: (netns, address) => shadow.isOwnAddress(netns, address), namesIn });

  function onProbe(record: ProbeObservation): readonly Attribution[] {
    processes.observe(record);
    resolver.observe(record);
    return [...changesBy(record), ...(attempts?.onProbe(record) ?? [])];
  }

  function changesBy(record: ProbeObservation): readonly Attribution[] {
    switch (record.type) {
      case 'notify':
        if (record.fields.msg === undefined && netnsOf(record) === undefined) judge.seeNoArguments();
        removals.onTap(record);
        joiner.addTap(record, resolver.originOf(record));
        return [];
      case 'remove': {
        const netns = netnsOf(record);
        if (netns !== undefined) exceptions.forget(netns);
        removals.onRemoval(record, resolver.originOf(record));
        return [];
      }
      case 'exception': return exceptions.onRecord(record, resolver.originOf(record));
      case 'alter': {
        const origin = resolver.originOf(record);
        alterations.onRecord(record, origin);
        edits.onRecord(record, origin);
        return [];
      }
      case 'via':
        if (isClaim(record)) edits.onClaim(record, resolver.originOf(record));
        return [];
      case 'request': joiner.addRequest(record, undefined); return [];
      case 'call': {
        const { msg } = record.fields;
        if (msg !== undefined) {
          const [message, netns] = [decodeMessage(msg), netnsOf(record)];
          joiner.addRequest(record, message.header);
          if (netns !== undefined) renames.onRequest(netns, record.time, message);
        }
        return [];
      }
      case 'return': return silence.onReturn(record);
      default: return [];
    }
  }

  function onNetlink(seen: NetlinkObservation): readonly Attribution[] {
    const message = decodeMessage(seen.bytes);
    if (!seen.dump && (message.kind === 'route' || message.kind === 'link')) exceptions.forget(seen.netns);
    if (message.kind === 'address') edits.onAddress(seen.netns, message, seen.time);
    if (seen.dump) { shadow.takeDump(seen.netns, message); return []; }
    switch (message.kind) {
      case 'route': {
        const joined = joiner.join(message.header, seen);
        const earlier = silence.settleBefore(seen.netns, {
          sent: joined?.time, received: seen.time, actId: joined?.facts.act.id ?? '', slot: message.deleted ? undefined : slotOf(message.route),
        });
        return [...earlier, ...routes.onMessage(edits.complete(message, seen.netns, joined?.facts.act.id), seen, joined)];
      }
      case 'nexthop': alterations.onNexthop(message, seen, joiner.join(message.header, seen)); return [];
      case 'rule': return onRule(message, seen, joiner.join(message.header, seen));
      default:
        shadow.applyMessage(seen.netns, message, { since: seen.time });
        return [];
    }
  }

  function onRule(message: RuleMessage, { netns, time: received }: NetlinkObservation, joined: Joined | undefined): readonly Attribution[] {
    const change = { netns, time: joined?.time ?? received, change: message.deleted ? 'delete' : 'add', rule: message } as const;
    if (joined === undefined) return judge.unknown('rule', change);
    return judge.caused('rule', RULE_CAUSES, { change, ...joined.facts, names: namesIn(netns) }, joined.grounds);
  }

  function onNetns({ netns, event, time }: NetnsObservation): readonly Attribution[] {
    if (event === 'found') {
      resolver.find(netns, time);
      shadow.find(netns, { isLate: judge.hasBegun() });
      return [];
    }
    const told = [...silence.settleOf(netns), ...routes.onNetnsGone(netns, time, resolver.takeEnd(netns))];
    shadow.forget(netns);
    exceptions.forget(netns);
    edits.forget(netns);
    attempts?.unwatch(netns);
    return told;
  }

  function onReady(time: BootTime): readonly Attribution[] {
    judge.begin();
    resolver.ready();
    if (options.initial !== true) return [];
    return shadow.namespaces().flatMap(netns => shadow.routes(netns).map((route): Attribution => ({
      kind: 'attribution', subject: 'present', names: namesIn(netns), evidence: [], caveats: [],
      change: { netns, time, change: 'add', silent: false, route }, verdict: { kind: 'predates-session' },
    })));
  }

  function onLost(lost: LostObservation): void {
    if (isOnly(lost, DROPS)) { resolver.forgetEnds(lost.time); return; }
    judge.lose(lost);
    // Nothing is gone: what comes late is still worth knowing.
    if (lost.what === TRACER_BEHIND) return;
    joiner.clear();
    if (lost.source === 'rtnetlink') { routes.missMessages(); return; }
    // Where only notifications were missed, calls and queued work were seen all the same.
    if (!isOnly(lost, TAPPED)) resolver.forget(lost.time);
    silence.clear();
    edits.clear();
    attempts?.forget(lost.time);
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'probe': return onProbe(observation);
        case 'stack': resolver.learnStack(observation.cpu, observation.id, observation.frames); return [];
        case 'tick':
          judge.trace(observation.time);
          joiner.expire(observation.time);
          return [...silence.onTick(observation.time), ...(attempts?.onTick(observation.time) ?? [])];
        case 'drained':
          joiner.drain(observation.netns, observation.time);
          return [...silence.onDrained(observation.netns, observation.time), ...(attempts?.onDrained(observation.netns, observation.time) ?? [])];
        case 'netlink': return onNetlink(observation);
        case 'netns': return onNetns(observation);
        case 'dump':
          attempts?.watch(observation.netns);
          if (observation.phase === 'begin') { shadow.beginDump(observation.netns); return []; }
          return routes.onDumpEnd(observation);
        case 'process': case 'name': processes.observe(observation); return [];
        case 'lost': onLost(observation); return [];
        case 'ready': return onReady(observation.time);
        case 'undecodable': case 'port': case 'life': case 'packet': case 'hearing': case 'endpoint': case 'answer': case 'asked': case 'scope': return [];
      }
    },
    flush: () => [...silence.flush(), ...(attempts?.flush() ?? [])],
  };
}

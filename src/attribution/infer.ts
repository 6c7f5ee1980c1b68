import { CAUSES, NETNS_GONE_CAUSES, RULE_CAUSES } from '../causes/index.ts';
import { findTraces } from '../causes/cause.ts';
import type { Sign, Trace } from '../causes/sign.ts';
import { slotOf } from '../fib/identity.ts';
import { afterEvent, asOfFlags, NETDEV_CHANGE, switched, withFlags } from '../fib/in-place.ts';
import { ignoresLinkdown } from '../fib/linkdown.ts';
import { followObject } from '../fib/nexthops.ts';
import type { DeviceRules } from '../fib/devices.ts';
import { createShadowFib } from '../fib/shadow.ts';
import type { Attribution, NameLookup, RouteChange, RuleChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { DumpObservation, LostObservation, NetlinkObservation, NetnsObservation, Observation, PacketObservation } from '../model/observation.ts';
import type { Stage } from '../model/ports.ts';
import type { Nexthop, Route } from '../model/route.ts';
import { IFF, NLM_F, type LinkMessage, type NetconfMessage, type RouteMessage, type RuleMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { decodePacket } from '../icmp/decode.ts';
import { RTM } from '../netlink/constants.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { mayHitSilently } from '../netlink/hazard.ts';
import { createProcessTable } from '../processes/table.ts';
import { isAnswer, lastBefore, namesAt, openDesk, remember, routeKey, secondsLeftOf, takeAll, takeDue, wait, withKnownFlags, type Desk, type Found, type Waiting } from './desk.ts';
import { tellException } from './ear.ts';
import { createJudge } from './judge.ts';
import { createPortOwners } from './port-owners.ts';

const NETNS_GONE = { kind: 'message', text: 'RTM_DELNSID: the kernel says that this network namespace is gone; its tables go with it' } as const;
const RUNNING = IFF.RUNNING | IFF.LOWER_UP;
const CARRIER: readonly string[] = ['carrier-lost', 'carrier-gained'];

/** Ordered observations in, exactly one attribution for each change out, by messages and /proc alone: likely at best. */
export function createInferrer(options: { readonly initial?: boolean } & DeviceRules = {}): Stage<Observation, Attribution> {
  const processes = createProcessTable();
  const owners = createPortOwners(processes);
  const shadow = createShadowFib(options);
  const namesIn = (netns: NetnsRef): NameLookup => shadow.names(netns);
  const judge = createJudge(namesIn);
  const desks = new Map<string, Desk>();
  let missedMessages = false;

  function deskOf(netns: NetnsRef): Desk {
    const key = netnsKey(netns);
    let desk = desks.get(key);
    if (desk === undefined) desks.set(key, desk = openDesk(netns));
    return desk;
  }

  function onNetlink(seen: NetlinkObservation): void {
    const desk = deskOf(seen.netns);
    if (seen.dump && desk.dump?.reason === 'cache') { desk.ear.onCached(seen.bytes); return; }
    const message = decodeMessage(seen.bytes);
    if (seen.dump) {
      shadow.takeDump(seen.netns, message);
      // What a check shows beyond routes was told by messages.
      if (desk.dump?.reason !== 'check') desk.tracker.learn(message, seen.time);
      return;
    }
    desk.lastMessage = seen.time;
    if (message.kind === 'route') onRoute(desk, message, seen.time);
    else if (message.kind === 'rule') onRule(desk, message, seen.time);
    else {
      const before = message.kind === 'nexthop' ? legsBefore(seen.netns, message.id) : undefined;
      shadow.applyMessage(seen.netns, message, { since: seen.time });
      const at = desk.tracker.observe(message, seen.time);
      if (message.kind === 'link') {
        remember(desk, at, namesIn(desk.netns));
        followCarrier(desk, message, at, seen.time);
      }
      if (message.kind === 'netconf') followSwitch(desk, message, at, seen.time);
      if (before !== undefined && before.size > 0) {
        desk.follows.push({ at, before, header: message.header });
        // What a group loses its routes lose at once, and none of them is announced.
        if (message.kind === 'nexthop' && message.deleted) tellSilent(desk, at + 1, followObjects(desk, at + 1, seen.time), seen.time);
      }
      if (mayHitSilently(message)) desk.hazard = { at, time: seen.time };
    }
  }

  /**
   * Legs over a device without a carrier are marked (fib_netdev_event(), rt6_sync_down_dev()): it may come back before one
   * looks. What being set up or down does to routes is more than that, and left to a look.
   */
  function followCarrier(desk: Desk, { ifindex, flags }: LinkMessage, at: number, time: BootTime): void {
    if ((flags & IFF.UP) === 0 || desk.tracker.book.before(at + 1, 'link', sign => sign.at === at && CARRIER.includes(sign.event)) === undefined) return;
    const revise = withFlags(own => own === ifindex, (before, family) => afterEvent({ isUp: true, isRunning: (flags & RUNNING) !== 0, event: NETDEV_CHANGE, ignoresLinkdown: ignoresLinkdown(shadow.devices(desk.netns).linkdown(), family, ifindex) }, before));
    const found = shadow.revise(desk.netns, time, route => revise(route));
    tellSilent(desk, at + 1, found.map(change => ({ subject: 'flags', change: { ...change, change: (flags & RUNNING) !== 0 ? 'add' : 'delete' } })), time);
  }

  /** Legs without a carrier are passed over, or used again. */
  function followSwitch(desk: Desk, { family, ifindex }: NetconfMessage, at: number, time: BootTime): void {
    const found = shadow.revise(desk.netns, time, family === 'other' ? () => undefined : switched(shadow.devices(desk.netns), family, ifindex));
    tellSilent(desk, at + 1, found.map(change => ({ subject: 'flags', change: asOfFlags(change) })), time);
  }

  /** The ways of the routes on this object, and on groups that have it. */
  function legsBefore(netns: NetnsRef, id: number): Map<number, readonly Nexthop[]> {
    const objects = shadow.nexthops(netns);
    return new Map(objects.touchedBy(id).flatMap(touched => {
      const legs = objects.legsOf(touched);
      return legs === undefined ? [] : [[touched, legs] as const];
    }));
  }

  /** Routes whose object changed, and that were not announced again: net.ipv4.nexthop_compat_mode is 0. */
  function followObjects(desk: Desk, until: number, time: BootTime): readonly Found[] {
    const due = desk.follows.filter(({ at }) => at < until);
    desk.follows = desk.follows.filter(({ at }) => at >= until);
    const objects = shadow.nexthops(desk.netns);
    return due.flatMap(({ at, before }) => shadow.revise(desk.netns, time, route => route.nhid !== undefined && before.has(route.nhid)
      ? followObject(route, before.get(route.nhid), objects.legsOf(route.nhid)) : undefined).map(change => ({ subject: 'change' as const, change, objectAt: at })));
  }

  function onRoute(desk: Desk, seen: RouteMessage, time: BootTime): void {
    const { netns, tracker } = desk;
    const message = seen.deleted ? { ...seen, route: withKnownFlags(seen.route, shadow.entriesAt(netns, seen.route)) } : seen;
    const { nhid } = message.route;
    if (nhid !== undefined && desk.follows.some(({ before, header }) => before.has(nhid) && !isAnswer(header, message.header))) tellSilent(desk, tracker.next(), followObjects(desk, tracker.next(), time), time);
    // The kernel says that it is the first one in its place: what was there before went without a word.
    const isFirst = message.header.type === RTM.NEWROUTE && (message.header.flags & NLM_F.EXCL) !== 0;
    const vacated = isFirst ? shadow.vacate(netns, message.route, time) : [];
    tellSilent(desk, tracker.next(), vacated.map(change => ({ subject: 'change', change })), time);
    const secondsLeft = message.deleted ? secondsLeftOf(shadow.entriesAt(netns, message.route), message.route, time) : undefined;
    const names = namesIn(netns);
    const change = shadow.applyMessage(netns, message, { since: time, isReceipt: true });
    const at = tracker.observe(message, time, change);
    desk.touched.set(routeKey(message.route), at);
    if (change !== undefined) wait(desk, { at, order: at, received: time, subject: 'change', change, header: message.header, told: message.route, names, ...(secondsLeft === undefined ? {} : { secondsLeft }), ...makerOf(desk, message, at, time) });
  }

  const sinceOf = (desk: Desk, route: Route): number => desk.touched.get(routeKey(route)) ?? desk.provenAt;

  /** Of routes that can expire: who asked for them. */
  function makerOf(desk: Desk, { deleted, header, route }: RouteMessage, at: number, time: BootTime): Pick<Waiting, 'maker'> {
    const key = routeKey(route);
    const maker = desk.makers.get(key);
    if (deleted || route.expiresSec === undefined || header.portid === 0) desk.makers.delete(key); else desk.makers.set(key, { at, time, header });
    return !deleted || maker === undefined ? {} : { maker };
  }

  function onPacket(seen: PacketObservation): void {
    const desk = deskOf(seen.netns);
    const packet = decodePacket(seen);
    if (packet !== undefined) desk.ear.onPacket(packet, desk.tracker.hear(packet, seen.time), seen.time);
  }

  function onRule(desk: Desk, message: RuleMessage, time: BootTime): void {
    const at = desk.tracker.observe(message, time);
    wait(desk, { at, order: at, received: time, subject: 'rule', change: { netns: desk.netns, time, change: message.deleted ? 'delete' : 'add', rule: message }, header: message.header, names: namesIn(desk.netns) });
  }

  /** Changes that no message told: in their place among the others, as far as it can be worked out. */
  function tellSilent(desk: Desk, at: number, found: readonly Found[], time: BootTime): void {
    const last = new Map<string, number>();
    for (const { subject, change, objectAt, isLost = false } of found) {
      const one: Waiting = { at, order: at, received: time, subject, change, since: sinceOf(desk, change.replaced ?? change.route), names: namesIn(desk.netns), ...(objectAt === undefined ? {} : { objectAt }), ...(isLost ? { isLost } : {}) };
      const root = isLost ? undefined : traceOf(desk, one, change)?.root;
      // Changes of one route build on each other. What nothing explains is put down to the last message that may have done it.
      const order = Math.max(root?.at ?? Math.min(desk.hazard?.at ?? at, at), last.get(slotOf(change.route)) ?? 0);
      last.set(slotOf(change.route), order);
      wait(desk, root === undefined ? { ...one, order } : { ...one, order, change: { ...change, time: root.time }, names: namesAt(desk, root.at) ?? one.names });
    }
  }

  function onDump(dump: DumpObservation): readonly Attribution[] {
    const desk = deskOf(dump.netns);
    if (dump.reason === 'cache') {
      desk.dump = dump.phase === 'begin' ? { reason: dump.reason, at: desk.tracker.next() } : undefined;
      return dump.phase === 'begin' ? [] : desk.ear.onCache(dump).flatMap(found => tellException(judge, found, namesIn(dump.netns)));
    }
    if (dump.phase === 'begin') {
      shadow.beginDump(dump.netns);
      desk.dump = { reason: dump.reason, at: desk.tracker.next() };
      return [];
    }
    const begun = desk.dump;
    desk.dump = undefined;
    const at = desk.tracker.next();
    const followed = dump.consistent && begun !== undefined ? followObjects(desk, begun.at, dump.time) : [];
    const checked = shadow.endCheck(dump.netns, dump.time, dump.consistent);
    const found = [...followed, ...checked.found];
    // After a loss it may have been told, and not heard.
    tellSilent(desk, at, missedMessages ? found.map(one => ({ ...one, isLost: true as const, change: { ...one.change, silent: false } })) : found, dump.time);
    if (dump.consistent && begun !== undefined) {
      missedMessages = false;
      desk.provenAt = begun.at;
      for (const [key, place] of desk.touched) if (place < begun.at) desk.touched.delete(key);
      // What was left out is looked at again.
      if (desk.hazard !== undefined && desk.hazard.at < begun.at && !checked.disturbed) desk.hazard = undefined;
    }
    // What is there came unseen, and nobody knows when.
    return shadow.takeUnseen(dump.netns).flatMap(route => judge.unseen('present', { netns: dump.netns, time: dump.time, change: 'add', silent: false, route }));
  }

  const traceOf = (desk: Desk, one: Waiting, change: RouteChange): Trace | undefined => findTraces(CAUSES, { ...sceneOf(desk, one), change })[0]?.trace;

  function sceneOf(desk: Desk, { at, since, header, told, change, received, subject, names, secondsLeft, objectAt, maker }: Waiting) {
    return {
      netns: desk.netns, at, time: received, change, book: desk.tracker.book, sentAfter: (moment: BootTime) => lastBefore(desk.drains, moment), names, ...(secondsLeft === undefined ? {} : { secondsLeft }), ...(objectAt === undefined ? {} : { objectAt }), ...(maker === undefined ? {} : { maker }),
      ...(since === undefined ? {} : { since }), ...(header === undefined ? {} : { header }), ...(told === undefined ? {} : { told }), ...(subject === 'flags' ? { isOfFlags: true as const } : {}),
    };
  }

  function verdictOn(desk: Desk, one: Waiting): readonly Attribution[] {
    if (one.isLost === true && one.subject !== 'rule') return judge.unknown(one.subject, one.change as RouteChange);
    const scene = { ...sceneOf(desk, one), ...(desk.ear.hears(lastBefore(desk.drains, one.received)) ? { hears: true as const } : {}) };
    const { netns } = desk;
    const ownerOf = ({ header, time }: Pick<Sign, 'header' | 'time'>) => owners.find(netns, header.portid, lastBefore(desk.drains, time), time);
    if (one.subject === 'rule') return judge.inferred('rule', RULE_CAUSES, { ...scene, change: one.change as RuleChange }, ownerOf);
    return judge.inferred(one.subject, CAUSES, { ...scene, change: one.change as RouteChange }, ownerOf);
  }

  /** The socket of one namespace, or the one that hears all of them. */
  const onDrained = (netns: NetnsRef | undefined, time: BootTime): readonly Attribution[] =>
    (netns === undefined ? [...desks.values()] : [deskOf(netns)]).flatMap(desk => drain(desk, time));

  function drain(desk: Desk, time: BootTime): readonly Attribution[] {
    desk.drains.push(time);
    if (desk.drains.length > 4096) desk.drains = desk.drains.slice(2048);
    return takeDue(desk, time).flatMap(one => verdictOn(desk, one));
  }

  function onNetns({ netns, event, time }: NetnsObservation): readonly Attribution[] {
    if (event === 'found') {
      shadow.find(netns, { isLate: judge.hasBegun() });
      return [];
    }
    const desk = deskOf(netns);
    const names = namesIn(netns);
    const act = { id: `${time}.${netnsKey(netns)}`, time, where: 'kworker', actor: { kind: 'kernel' } } as const;
    const told = [
      ...takeAll(desk).flatMap(one => verdictOn(desk, one)),
      ...shadow.routes(netns).flatMap(route => judge.caused('change', NETNS_GONE_CAUSES, { change: { netns, time, change: 'delete', silent: true, route, netnsGone: true }, where: 'kworker', act, names }, { sure: false, evidence: [NETNS_GONE], others: [] })),
    ];
    desks.delete(netnsKey(netns));
    shadow.forget(netns);
    return told;
  }

  function onReady(time: BootTime): readonly Attribution[] {
    // What came before belongs to the tables as they were found.
    for (const desk of desks.values()) desk.waiting = [];
    judge.begin();
    if (options.initial !== true) return [];
    return shadow.namespaces().flatMap(netns => shadow.routes(netns).map((route): Attribution => ({
      kind: 'attribution', subject: 'present', names: namesIn(netns), evidence: [], caveats: [],
      change: { netns, time, change: 'add', silent: false, route }, verdict: { kind: 'predates-session' },
    })));
  }

  function onLost(lost: LostObservation): readonly Attribution[] {
    if (lost.source === 'icmp') {
      for (const { ear } of desks.values()) ear.miss(lost.time);
      return [];
    }
    // What waits was seen whole.
    const told = [...desks.values()].flatMap(desk => takeAll(desk).flatMap(one => verdictOn(desk, one)));
    judge.lose(lost);
    missedMessages = true;
    for (const { tracker } of desks.values()) tracker.forget();
    return told;
  }

  return {
    push(observation) {
      switch (observation.kind) {
        case 'netlink': onNetlink(observation); return [];
        case 'netns': return onNetns(observation);
        case 'drained': return onDrained(observation.netns, observation.time);
        case 'dump': return onDump(observation);
        case 'packet': onPacket(observation); return [];
        case 'hearing': (observation.isOn ? deskOf(observation.netns) : desks.get(netnsKey(observation.netns)))?.ear.turn(observation.isOn, observation.time); return [];
        case 'port': owners.onPort(observation); return [];
        case 'life': owners.onLife(observation); return [];
        case 'process': processes.observe(observation); owners.onProcess(observation); return [];
        case 'name': processes.observe(observation); return [];
        case 'lost': return onLost(observation);
        case 'ready': return onReady(observation.time);
        default: return [];
      }
    },
    flush: () => [...desks.values()].flatMap(desk => takeAll(desk).flatMap(one => verdictOn(desk, one))),
  };
}

import type { NameLookup, RouteChange } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import { RT_TABLE, RTN, RTPROT, type Nexthop, type Route } from '../model/route.ts';
import type { RouteMessage, RtMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { applyDelete, applyNew, findPartial, type Applied, type Entry, type PartialRoute } from './apply.ts';
import { differencesOf, type Difference } from './differences.ts';
import { sameLeg, sameRoute, slotOf } from './identity.ts';
import { createDevices, type DeviceRules, type Devices } from './devices.ts';
import { createNexthopObjects, type NexthopObjects } from './nexthops.ts';

interface Namespace {
  readonly netns: NetnsRef;
  readonly slots: Map<string, readonly Entry[]>;
  readonly devices: Devices;
  readonly nexthops: NexthopObjects;
  /** A dump has been taken in: from then on differences from it are changes that went unseen. */
  based: boolean;
  /** Found when the session was under way: what its first dump tells may have come before or after the session began. */
  readonly isLate: boolean;
  /** What dumps showed of such a one before a whole one was taken in, and nobody was told of yet. */
  untold: Route[];
  /** While a dump runs: what it told so far, and the slots that live messages touched meanwhile. */
  dump?: { readonly routes: Map<string, Route[]>; readonly touched: Set<string>; readonly gone: Route[] };
}

/** `disturbed`: some routes were left out, because messages about them came meanwhile and left them otherwise. */
export interface Checked { readonly found: readonly Difference[]; readonly disturbed: boolean }

/** When a change was made, and as far as it matters, by whom. */
export type Made = Omit<Entry, 'route'>;

/** Our own copy of the routing tables of each namespace, kept by dumps and messages. */
export interface ShadowFib {
  /** A namespace was found; it need not be told where all are known from the start. */
  find(netns: NetnsRef, options: { readonly isLate: boolean }): void;
  /** A namespace is gone. */
  forget(netns: NetnsRef): void;
  /** A whole dump of it was taken in. */
  isBased(netns: NetnsRef): boolean;
  /**
   * Routes that a dump has shown to have been there when the namespace was found, after the session had begun: each is given once. One that
   * was cut short shows some, and there may be no other before the namespace ends.
   */
  takeUnseen(netns: NetnsRef): readonly Route[];
  applyMessage(netns: NetnsRef, message: RtMessage, made: Made): RouteChange | undefined;
  /** A removal that sent no message; undefined: no such route is known. */
  applyRemoval(netns: NetnsRef, seen: PartialRoute, time: BootTime): RouteChange | undefined;
  beginDump(netns: NetnsRef): void;
  takeDump(netns: NetnsRef, message: RtMessage): void;
  /**
   * Differences from what was known are returned: changes that went unseen; of the first dump only what messages told before and it lacks. An inconsistent one
   * (tables changed under it) proves nothing, so it is used only where there is nothing better.
   */
  endDump(netns: NetnsRef, time: BootTime, consistent: boolean): readonly RouteChange[];
  /** The same where no record of the kernel tells what changes in place: legs, sources and flags are compared, too. */
  endCheck(netns: NetnsRef, time: BootTime, consistent: boolean): Checked;
  /** Routes in the place of one that is told to be the first there: they went without a message. */
  vacate(netns: NetnsRef, route: Route, time: BootTime): readonly RouteChange[];
  /** Each route for which `revise` gives another one is changed in place: the changes, silent as they are. `since`: when the route came. */
  revise(netns: NetnsRef, time: BootTime, revise: (route: Route, since: BootTime) => Revision | undefined): readonly RouteChange[];
  /** One route is changed in place. undefined: no such route is known; of those with several legs it is not known which of them is shown. */
  amend(netns: NetnsRef, seen: PartialRoute, time: BootTime, amend: (entry: Entry) => Entry): { readonly before: Entry; readonly after: Entry } | undefined;
  nexthops(netns: NetnsRef): NexthopObjects;
  devices(netns: NetnsRef): Devices;
  /** Names as they are now: later changes do not show in them. */
  names(netns: NetnsRef): NameLookup;
  entriesAt(netns: NetnsRef, route: Route): readonly Entry[];
  /** Routes with the destination, table and metric of this one. */
  routesAt(netns: NetnsRef, route: Route): readonly Route[];
  /** A local route leads to it, in whatever table. */
  isOwnAddress(netns: NetnsRef, address: string): boolean;
  routes(netns: NetnsRef): readonly Route[];
  namespaces(): readonly NetnsRef[];
}

/** A route after a change in place; `legs`: those that the change is about. */
export interface Revision { readonly route: Route; readonly legs?: readonly Nexthop[] }

/** What the first dump told of a slot, apart from what messages brought or took meanwhile. */
const isNew = (known: readonly Entry[], gone: readonly Route[]) => (route: Route): boolean =>
  !known.some(entry => sameRoute(entry.route, route)) && !gone.some(other => slotOf(other) === slotOf(route) && sameRoute(other, route));

const create = (netns: NetnsRef, isLate: boolean, rules: DeviceRules): Namespace =>
  ({ netns, isLate, slots: new Map(), devices: createDevices(rules), nexthops: createNexthopObjects(), based: false, untold: [] });
/** Routes of an advertisement are announced before their lifetime is set (rt6_add_dflt_router(), rt6_route_rcv()). */
const hidesExpiry = ({ family, protocol, expiresSec }: Route): Pick<Entry, 'expiryUnknown'> => family === 'ipv6' && protocol === RTPROT.RA && expiresSec === undefined ? { expiryUnknown: true } : {};

interface When { readonly netns: NetnsRef; readonly time: BootTime }

const comesAndGoes = (at: When, known: readonly Entry[], told: readonly Route[]): readonly RouteChange[] => [
  ...known.filter(({ route }) => !told.some(other => sameRoute(other, route))).map(({ route }): RouteChange => ({ ...at, change: 'delete', silent: true, route })),
  ...told.filter(route => !known.some(entry => sameRoute(entry.route, route))).map((route): RouteChange => ({ ...at, change: 'add', silent: true, route })),
];

/** Legs as they are now; what only a message tells stays. */
const withNow = (known: Entry | undefined, { flags, nexthops }: Route): Entry | undefined => known === undefined ? undefined
  : { ...known, route: { ...known.route, flags, nexthops: known.route.nhid !== undefined ? nexthops : known.route.nexthops.map(leg => ({ ...leg, flags: nexthops.find(other => sameLeg(leg, other))?.flags ?? leg.flags })) } };

/** What changes in place is taken over: who was at it is lost with whatever made this dump necessary. */
function withTold(known: Entry | undefined, { pref, metrics, expiresSec }: Route): Entry | undefined {
  if (known === undefined) return undefined;
  const { expiryUnknown: _, route: { pref: _pref, metrics: _metrics, expiresSec: _expires, ...route }, ...entry } = known;
  return { ...entry, route: { ...route, ...(pref === undefined ? {} : { pref }), ...(metrics === undefined ? {} : { metrics }), ...(expiresSec === undefined ? {} : { expiresSec }) } };
}

export function createShadowFib(rules: DeviceRules = {}): ShadowFib {
  const namespaces = new Map<string, Namespace>();
  const of = (netns: NetnsRef): Namespace => {
    const key = netnsKey(netns);
    let found = namespaces.get(key);
    if (found === undefined) namespaces.set(key, found = create(netns, false, rules));
    return found;
  };
  /** One that is not known has nothing, and does not become known by being asked for. */
  const at = (netns: NetnsRef): Namespace => namespaces.get(netnsKey(netns)) ?? create(netns, false, rules);

  function store(namespace: Namespace, slot: string, entries: readonly Entry[]): void {
    if (entries.length === 0) namespace.slots.delete(slot); else namespace.slots.set(slot, entries);
    namespace.dump?.touched.add(slot);
  }

  function changeOf(namespace: Namespace, time: BootTime, silent: boolean, applied: Applied): RouteChange {
    const { entries: _, ...effect } = applied;
    return { netns: namespace.netns, time, silent, ...effect };
  }

  function applyRoute(namespace: Namespace, message: RouteMessage, made: Made): RouteChange | undefined {
    const slot = slotOf(message.route);
    const entries = namespace.slots.get(slot) ?? [];
    const entry: Entry = { route: message.route, ...made, ...(message.header.portid === 0 ? hidesExpiry(message.route) : { isRequested: true }) };
    const applied = message.deleted ? applyDelete(entries, message.route) : applyNew(entries, entry, message.header.flags);
    if (applied === undefined) return undefined;
    store(namespace, slot, applied.entries);
    if (message.deleted) namespace.dump?.gone.push(message.route);
    return changeOf(namespace, made.since, false, applied);
  }

  function learn(namespace: Namespace, message: RtMessage): void {
    if (message.kind === 'link') namespace.devices.learn(message);
    if (message.kind === 'netconf') namespace.devices.set(message);
    if (message.kind !== 'nexthop') return;
    if (message.deleted) namespace.nexthops.remove(message.id); else namespace.nexthops.set(message);
  }

  /** Takes over what the dump shows; `compare` says what that changes in one slot, `renew` what becomes of an entry that is as it was. */
  function finish<Found>({ netns, time }: When, consistent: boolean, compare: (at: When, known: readonly Entry[], told: readonly Route[]) => readonly Found[],
    renew: (known: Entry | undefined, now: Route) => Entry | undefined): { readonly found: readonly Found[]; readonly disturbed: boolean } {
    const namespace = at(netns);
    const { dump } = namespace;
    if (dump === undefined) return { found: [], disturbed: false };
    delete namespace.dump;
    if (namespace.based && !consistent) return { found: [], disturbed: true };
    const isFirst = !namespace.based;
    const changes: Found[] = [];
    let disturbed = false;
    const asFound = (route: Route): Entry => {
      if (isFirst && namespace.isLate) namespace.untold.push(route);
      return { route, since: time, ...(isFirst && !namespace.isLate ? { predates: true } : {}) };
    };
    for (const slot of new Set([...namespace.slots.keys(), ...dump.routes.keys()])) {
      const known = namespace.slots.get(slot) ?? [];
      const told = dump.routes.get(slot) ?? [];
      if (dump.touched.has(slot)) {
        disturbed ||= compare({ netns, time }, known, told).length > 0;
        if (!namespace.based) store(namespace, slot, [...known, ...told.filter(isNew(known, dump.gone)).map(asFound)]);
        continue;
      }
      const isTold = ({ route }: Entry): boolean => told.some(other => sameRoute(other, route));
      const isFound = (entry: Entry): boolean => entry.predates === true;
      // What the first dump has beyond messages was there before. What messages told before it, and it lacks, went unseen; of a dump that was cut short nobody knows.
      const kept = isFirst && !consistent ? known.filter(entry => !isTold(entry) && !isFound(entry)) : [];
      const compared = isFirst ? known.filter(entry => !kept.includes(entry) && !isFound(entry)) : known;
      changes.push(...compare({ netns, time }, compared, isFirst ? told.filter(route => compared.some(entry => sameRoute(entry.route, route))) : told));
      store(namespace, slot, [...kept, ...told.map(route => renew(known.find(entry => sameRoute(entry.route, route)), route) ?? asFound(route))]);
    }
    namespace.based ||= consistent;
    return { found: changes, disturbed };
  }

  return {
    find(netns, { isLate }) {
      if (!namespaces.has(netnsKey(netns))) namespaces.set(netnsKey(netns), create(netns, isLate, rules));
    },
    forget(netns) { namespaces.delete(netnsKey(netns)); },
    isBased: netns => at(netns).based,
    takeUnseen: netns => at(netns).untold.splice(0),
    applyMessage(netns, message, made) {
      const namespace = of(netns);
      if (message.kind === 'route') return applyRoute(namespace, message, made);
      learn(namespace, message);
      return undefined;
    },
    revise(netns, time, revise) {
      const namespace = at(netns);
      const changes: RouteChange[] = [];
      for (const [slot, entries] of namespace.slots) {
        let revised = entries;
        for (const [index, entry] of entries.entries()) {
          const made = revise(entry.route, entry.since);
          if (made === undefined) continue;
          revised = revised.with(index, { ...entry, route: made.route });
          changes.push({ netns, time, silent: true, change: 'replace', replaced: entry.route, ...made });
        }
        if (revised !== entries) store(namespace, slot, revised);
      }
      return changes;
    },
    amend(netns, seen, time, amend) {
      const namespace = at(netns);
      const slot = slotOf(seen);
      const entries = namespace.slots.get(slot) ?? [];
      const before = findPartial(entries.filter(({ route }) => route.nhid === seen.nhid && (route.nhid !== undefined || route.nexthops.length === 1)), seen, time);
      if (before === undefined) return undefined;
      const after = amend(before);
      store(namespace, slot, entries.with(entries.indexOf(before), after));
      return { before, after };
    },
    nexthops: netns => at(netns).nexthops,
    devices: netns => at(netns).devices,
    applyRemoval(netns, seen, time) {
      const namespace = at(netns);
      const slot = slotOf(seen);
      const entries = namespace.slots.get(slot) ?? [];
      const entry = findPartial(entries, seen, time);
      if (entry === undefined) return undefined;
      const { leg } = seen;
      const removed = seen.family === 'ipv6' && leg !== undefined && entry.route.nexthops.length > 1
        ? { ...entry.route, nexthops: entry.route.nexthops.filter(other => other.ifindex === leg.ifindex && other.gateway === leg.gateway) }
        : entry.route;
      const applied = applyDelete(entries, removed);
      store(namespace, slot, applied.entries);
      return changeOf(namespace, time, true, applied);
    },
    beginDump(netns) {
      const namespace = of(netns);
      namespace.dump = { routes: new Map(), touched: new Set(), gone: [] };
    },
    takeDump(netns, message) {
      const namespace = at(netns);
      learn(namespace, message);
      if (message.kind !== 'route' || namespace.dump === undefined) return;
      const slot = slotOf(message.route);
      const list = namespace.dump.routes.get(slot);
      if (list === undefined) namespace.dump.routes.set(slot, [message.route]); else list.push(message.route);
    },
    endDump: (netns, time, consistent) => finish({ netns, time }, consistent, comesAndGoes, withTold).found,
    endCheck: (netns, time, consistent) => finish({ netns, time }, consistent, (when, known, told) => differencesOf(when, known.map(({ route }) => route), told), withNow),
    vacate(netns, route, time) {
      const namespace = at(netns);
      const slot = slotOf(route);
      const entries = namespace.slots.get(slot) ?? [];
      if (entries.length > 0) store(namespace, slot, []);
      return entries.map(entry => ({ netns, time, change: 'delete', silent: true, route: entry.route }));
    },
    names: netns => at(netns).devices.names(),
    routesAt: (netns, route) => (at(netns).slots.get(slotOf(route)) ?? []).map(entry => entry.route),
    entriesAt: (netns, route) => at(netns).slots.get(slotOf(route)) ?? [],
    isOwnAddress(netns, address) {
      const { devices, slots } = at(netns);
      const family = address.includes(':') ? 'ipv6' : 'ipv4';
      const tables = [RT_TABLE.LOCAL, ...devices.vrfTables()];
      return tables.some(table => slots.get(slotOf({ family, table, dst: `${address}/${family === 'ipv4' ? 32 : 128}`, tos: 0, metric: 0 }))
        ?.some(({ route }) => route.type === RTN.LOCAL) === true);
    },
    routes: netns => [...at(netns).slots.values()].flatMap(entries => entries.map(entry => entry.route)),
    namespaces: () => [...namespaces.values()].map(namespace => namespace.netns),
  };
}

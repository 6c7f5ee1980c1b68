import { CAUSES } from '../causes/index.ts';
import { afterEvent, asOfFlags, switched, withFlags, withoutPrefsrc } from '../fib/in-place.ts';
import { ignoresLinkdown, type LinkdownSetting, type LinkdownSettings } from '../fib/linkdown.ts';
import { followObject, sameWay } from '../fib/nexthops.ts';
import type { Revision, ShadowFib } from '../fib/shadow.ts';
import type { Attribution, NameLookup, RouteChange } from '../model/attribution.ts';
import type { NetnsRef } from '../model/netns.ts';
import type { NetlinkObservation, ProbeObservation } from '../model/observation.ts';
import type { NexthopMessage } from '../model/rtnetlink.ts';
import type { BootTime } from '../model/time.ts';
import { RT_TABLE, type Family, type Route } from '../model/route.ts';
import { addressIn } from './address-origins.ts';
import { isCertain, type Origin } from './acts.ts';
import { evidenceOf, type Joined } from './join.ts';
import type { Grounds, Judge } from './judge.ts';
import { netnsOf } from './removal.ts';
import type { Silence, Unsettled } from './silence.ts';
import { threadOf } from './thread.ts';

export interface AlterationsOptions {
  readonly judge: Judge;
  readonly shadow: ShadowFib;
  readonly silence: Silence;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
  /** rt6_remove_prefsrc() heeds the table of a route (from 6.6), not its device. undefined: not known. */
  readonly prefsrcByTable?: boolean;
}

/** What changes routes where they are: nexthop objects, preferred sources, legs whose device is down. No message tells. */
export interface Alterations {
  onRecord(record: ProbeObservation, origin: Origin): void;
  onNexthop(message: NexthopMessage, seen: NetlinkObservation, joined: Joined | undefined): void;
}

const IN_PLACE = 'the kernel function that changes routes in place was seen, and its effect worked out on the copy of the tables';

const SWITCHES: Readonly<Record<string, Family>> = { inet_netconf_notify_devconf: 'ipv4', inet6_netconf_notify_devconf: 'ipv6' };

function settingOf({ fn, fields: { ifindex, linkdown } }: ProbeObservation): LinkdownSetting & { readonly family: Family } | undefined {
  const family = SWITCHES[fn];
  return family === undefined || ifindex === undefined || linkdown === undefined ? undefined : { family, ifindex, deleted: false, ignoreRoutesWithLinkdown: linkdown !== 0 };
}

export function createAlterations({ judge, shadow, silence, namesIn, prefsrcByTable }: AlterationsOptions): Alterations {
  /** `isOfFlags`: legs only say whether a route can be used, so its identity stays; else messages of its own act are part of it. */
  function wait({ actId, isOfFlags = false, frames, settle, ...one }: Pick<Unsettled, 'netns' | 'time' | 'tid' | 'settle'> & { readonly actId: string; readonly frames: Origin['frames'] | undefined; readonly isOfFlags?: boolean }): void {
    silence.add({
      ...one, settle, isOfFlags, needsMessages: true, goesWithNetns: frames?.includes('cleanup_net') === true, endsWith: fn => fn !== 'fib_table_flush',
      precedes({ sent, received, actId: other }, returned) {
        const over = isOfFlags ? returned : one.time;
        return other !== actId && over !== undefined && over < (sent ?? received);
      },
    });
  }

  const tell = (subject: 'change' | 'flags', facts: Joined['facts'], grounds: Grounds) => (change: RouteChange): readonly Attribution[] =>
    judge.caused(subject, CAUSES, { change, ...facts, names: namesIn(change.netns) }, grounds);

  const groundsOf = (origin: Origin, sure = true): Grounds => ({
    sure: sure && isCertain(origin), others: [],
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
    // As it is now: by the time this is settled further objects may have gone.
    const after = new Map([...before.keys()].map(touched => [touched, objects.legsOf(touched)] as const));
    const isAsBefore = [...before].every(([touched, legs]) => sameWay(legs, after.get(touched) ?? legs));
    // Nearly all objects are new, or go after their routes: those do not make anybody search the tables.
    return isAsBefore ? undefined : told => shadow.revise(netns, time, route => route.nhid !== undefined && before.has(route.nhid)
      ? followObject(route, before.get(route.nhid), after.get(route.nhid)) : undefined).flatMap(told);
  }

  function loseSource(netns: NetnsRef, { time, fields }: ProbeObservation, origin: Origin): readonly Attribution[] {
    const address = addressIn(fields);
    const { ifindex } = fields;
    if (address === undefined || ifindex === undefined) return [];
    const table = shadow.devices(netns).tableOf(ifindex) ?? RT_TABLE.MAIN;
    let isSure = true;
    return shadow.revise(netns, time, withoutPrefsrc(address, route => {
      const [byDevice, byTable] = [route.nexthops.some(leg => leg.ifindex === ifindex), route.table === table];
      if (byDevice !== byTable) isSure = false;
      return byDevice === byTable ? byDevice : prefsrcByTable === true ? byTable : byDevice;
    })).flatMap(change => tell('change', origin, groundsOf(origin, isSure))(change));
  }

  function changeFlags(netns: NetnsRef, { time, fields }: ProbeObservation, origin: Origin, settings: LinkdownSettings): readonly Attribution[] {
    const { ifindex, up, running, event } = fields;
    if (ifindex === undefined || up === undefined || running === undefined) return [];
    const state = { isUp: up === 1, isRunning: running === 1, ...(event === undefined ? {} : { event }) };
    return reflag(netns, time, origin, withFlags(own => own === ifindex, (flags, family) => afterEvent({ ...state, ignoresLinkdown: ignoresLinkdown(settings, family, ifindex) }, flags)));
  }

  function reflag(netns: NetnsRef, time: BootTime, origin: Origin, revise: (route: Route) => Revision | undefined): readonly Attribution[] {
    // A route that came since then came with the flags of its day.
    return shadow.revise(netns, time, (route, since) => since <= time ? revise(route) : undefined)
      .flatMap(change => tell('flags', origin, groundsOf(origin))(asOfFlags(change)));
  }

  return {
    onRecord(record, origin) {
      const netns = netnsOf(record);
      if (netns === undefined) return;
      const { time, fields } = record;
      const one = { netns, time, tid: threadOf(record), actId: origin.act.id, frames: origin.frames };
      if (record.fn === 'rt6_remove_prefsrc') wait({ ...one, settle: () => loseSource(netns, record, origin) });
      const settings = shadow.devices(netns).linkdown();
      if (record.fn === 'fib_netdev_event') wait({ ...one, isOfFlags: true, settle: () => changeFlags(netns, record, origin, settings) });
      const setting = settingOf(record);
      if (setting !== undefined) {
        shadow.devices(netns).set(setting);
        const revise = switched(shadow.devices(netns), setting.family, setting.ifindex);
        wait({ ...one, isOfFlags: true, settle: () => reflag(netns, time, origin, revise) });
      }
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
      wait({ netns, time, tid: joined?.tid, actId: joined?.facts.act.id ?? '', frames: joined?.facts.frames, settle: () => follows(told) });
    },
  };
}

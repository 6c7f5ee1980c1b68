import { createNames } from '../explanation/names.ts';
import type { Attribution } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { AnswerObservation, EndpointObservation, NetlinkObservation, Observation, ScopeObservation } from '../model/observation.ts';
import type { ChangeOutput, ImpactScopeOutput, OutputRecord } from '../model/output.ts';
import { formatRealTime, type BootTime } from '../model/time.ts';
import { RTM } from '../netlink/constants.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { mayMoveAll, resolutionOf } from '../netlink/resolution.ts';
import { typeOf } from '../netlink/route-key.ts';
import { effectOf, leavesVrf } from './effects.ts';
import { createGroups, type Group } from './groups.ts';
import type { Known, Place } from './place.ts';
import { openPlace, touchesOf } from './place.ts';
import { causeOf, touchOf, type Touch } from './touching.ts';

/** What changes break: compares how endpoints were reached with how they are, and says so of each origin. Pure; `told` and `observe` in the order of the session. */
export interface Impact {
  observe(observation: Observation): readonly OutputRecord[];
  told(attribution: Attribution, record: ChangeOutput): void;
  flush(): readonly OutputRecord[];
}

/** The changes that explain an answer have been told by then. */
const SETTLE_NS = 300_000_000n;
/** Answers that come within so long of each other belong together. */
const QUIET_NS = 150_000_000n;
/** Nobody waits longer for others... */
const LATEST_NS = 1_000_000_000n;
/** ...but where it is told when all that the same moment may have touched were asked about. */
const LATEST_ASKED_NS = 2_500_000_000n;
/** Neighbours and nexthops wait longer. */
const LATEST_BESIDE_NS = 10_000_000_000n;
/** No change that explains it is told any more. */
const GIVE_UP_NS = 2_500_000_000n;
const TOUCHES = 2000;

const isBystander = ({ told: { what } }: Known): boolean => what === 'neighbour' || what === 'nexthop';

export function createImpact(clockOffsetNs: bigint): Impact {
  const names = createNames();
  const places = new Map<string, Place>();
  const groups = createGroups(clockOffsetNs, names);

  function placeOf(netns: NetnsRef): Place {
    const key = netnsKey(netns);
    let place = places.get(key);
    if (place === undefined) places.set(key, place = openPlace(netns));
    return place;
  }

  function onNetlink({ netns, bytes, dump, time }: NetlinkObservation): void {
    if (bytes.length < 16) return;
    const type = typeOf(bytes);
    if (!dump && mayMoveAll(type)) places.get(netnsKey(netns))?.touched(time);
    if (type === RTM.NEWLINK || type === RTM.DELLINK) {
      const link = decodeMessage(bytes);
      if (link.kind === 'link') placeOf(netns).devices.learn(link);
    } else if (!dump && (type === RTM.NEWROUTE || type === RTM.DELROUTE)) {
      places.get(netnsKey(netns))?.seen(bytes, time);
    }
  }

  function onEndpoint(seen: EndpointObservation): readonly Group[] {
    const place = placeOf(seen.netns);
    const known = place.endpoints.get(seen.id);
    if (seen.event === 'found') { place.add(seen); return []; }
    if (known === undefined) return [];
    // Messages that say why may still come.
    if (seen.event === 'gone' && known.pending === undefined) place.remove(seen.id);
    const was = known.told;
    const { state: _, ...lasting } = was;
    known.told = { ...lasting, ...seen };
    const isSocket = was.what === 'tcp' || was.what === 'udp';
    if (seen.event === 'gone' && !isSocket) {
      place.pending.delete(known);
      place.remove(seen.id);
      return [];
    }
    if (seen.event !== 'gone' && isUp(seen.state)) delete known.ended;
    if (seen.event !== 'gone' && (!isUp(was.state) || isUp(seen.state))) return [];
    known.ended = seen.ended ?? seen.time;
    known.isGone = seen.event === 'gone';
    // Where it was hit just now, that is told first.
    return known.pending === undefined ? end(place, known) : [];
  }

  function end(place: Place, known: Known): readonly Group[] {
    const { hit, ended, told: { what } } = known;
    // What it was before it was hit is nobody's doing.
    delete known.ended;
    if (hit === undefined || ended === undefined || hit.isObserved === true) return [];
    // A peer stays where its daemon was told to look for it.
    if (what === 'tcp' || what === 'udp') delete known.hit;
    else known.hit = { ...hit, isObserved: true };
    return [{ ...hit, status: 'observed', place, known, time: ended }];
  }

  function onAnswer(seen: AnswerObservation): void {
    const place = placeOf(seen.netns);
    const known = place.endpoints.get(seen.id);
    const resolution = known === undefined ? undefined : resolutionOf(seen);
    if (known === undefined || resolution === undefined) return;
    if (known.now === undefined) [known.now, known.since] = [resolution, seen.time];
    else known.pending = { resolution, time: known.pending?.time ?? seen.time };
    if (known.pending !== undefined) place.pending.add(known);
  }

  /** What has waited long enough, and what was answered meanwhile: it is of one record. */
  function settle(now: BootTime): readonly Group[] {
    return [...places.values()].flatMap(place => {
      const waits = [...place.pending].flatMap(known => known.pending === undefined ? [] : [{ known, time: known.pending.time, waited: now - known.pending.time, hasCause: hasCause(place, known) }]);
      const explained = waits.filter(one => one.hasCause);
      const { unasked } = place;
      const isOver = (list: typeof waits, latest: bigint): boolean => {
        const longest = list.reduce((most, { waited }) => waited > most ? waited : most, 0n);
        const isAsked = unasked === undefined || unasked === null || unasked > now - longest + QUIET_NS;
        return longest >= (unasked === undefined ? LATEST_NS : latest) || (isAsked && longest >= SETTLE_NS && list.every(({ waited }) => waited >= QUIET_NS));
      };
      const isMainOver = isOver(explained.filter(({ known }) => !isBystander(known)), LATEST_ASKED_NS);
      // A session that goes there may not have been asked about yet, and says more.
      const isBesideOver = isOver(explained, LATEST_BESIDE_NS);
      return waits.filter(one => one.hasCause ? one.waited >= QUIET_NS && (isBystander(one.known) ? isBesideOver : isMainOver) : one.waited >= GIVE_UP_NS)
        .flatMap(({ known, time }) => [...expect(place, known, time), ...end(place, known)]);
    });
  }

  function expect(place: Place, known: Known, time: BootTime): readonly Group[] {
    const { pending, now: before, hit } = known;
    place.pending.delete(known);
    if (known.isGone === true) place.remove(known.told.id);
    if (pending === undefined || before === undefined) return [];
    const { told: { what } } = known;
    const { resolution: after } = pending;
    const reference = hit?.before ?? before;
    const effect = effectOf(what, reference, after) ?? (leavesVrf(known.told, reference, after, place.devices) ? 'other-vrf' : undefined);
    const causes = causesOf(place, known);
    const ended = askedTooLate(known);
    delete known.pending;
    // It may have ended for itself before all of that.
    if (ended !== undefined && causes.length === 0) return [];
    [known.now, known.since] = [after, pending.time];
    const changes = causes.map(({ id }) => id);
    if (effect === undefined) {
      if (hit === undefined) return [];
      delete known.hit;
      return [{ ...hit, status: 'cleared', place, known, time, changes, after }];
    }
    if (hit?.effect === effect && hit.after.ifindex === after.ifindex && hit.after.gateway === after.gateway) return [];
    if (causes.length === 0 && isBystander(known)) return [];
    const next = { origin: causes[0]?.origin, changes, changedAt: causes[0]?.time ?? pending.time, effect, before: reference, after, record: { id: '' } };
    known.hit = next;
    return [{ ...next, status: 'expected', place, known, time: ended ?? time }];
  }

  function onScope({ netns, time, unchecked }: ScopeObservation): readonly ImpactScopeOutput[] {
    const place = placeOf(netns);
    const watched: Partial<Record<EndpointObservation['what'], number>> = {};
    for (const { told: { what } } of place.endpoints.values()) watched[what] = (watched[what] ?? 0) + 1;
    if (place.endpoints.size === 0 && unchecked.length === 0) return [];
    return [{ kind: 'impact-scope', time: formatRealTime(time, clockOffsetNs), bootTimeNs: String(time), netns: groups.netnsOutput(netns), watched, unchecked }];
  }

  return {
    told(attribution, record) {
      const place = places.get(netnsKey(attribution.change.netns));
      if (place === undefined || !place.concerns(record)) return;
      const touch = touchOf(attribution, record);
      if (touch === undefined) return;
      place.touches.push(touch);
      if (place.touches.length > TOUCHES) place.touches.splice(0, TOUCHES / 2);
    },
    observe(observation) {
      switch (observation.kind) {
        case 'netlink': onNetlink(observation); return [];
        case 'endpoint': return groups.tell(onEndpoint(observation));
        case 'answer': onAnswer(observation); return [];
        case 'asked': placeOf(observation.netns).unasked = null; return [];
        case 'scope': return onScope(observation);
        case 'tick': case 'drained': return groups.tell(settle(observation.time));
        case 'name': names.observe(observation); return [];
        case 'netns':
          names.netnsEvent(observation);
          if (observation.event === 'gone') places.delete(netnsKey(observation.netns));
          return [];
        default: return [];
      }
    },
    flush: () => groups.tell([...places.values()].flatMap(place => [...place.pending].flatMap(known => touchesOf(place, known).length === 0 ? [] : [...expect(place, known, known.pending?.time ?? known.since), ...end(place, known)]))),
  };
}

const hasCause = (place: Place, known: Known): boolean => askedTooLate(known) === undefined ? touchesOf(place, known).length > 0 : causesOf(place, known).length > 0;

/** When it ended, if it was asked about only after that: a later change may have moved it as well. */
const askedTooLate = ({ ended, pending }: Known): BootTime | undefined => ended !== undefined && pending !== undefined && ended < pending.time ? ended : undefined;

function causesOf(place: Place, known: Known): readonly Touch[] {
  const { pending, now: before, told: { remote, local } } = known;
  return pending === undefined || before === undefined ? [] :
    causeOf(touchesOf(place, known), { remote, local, before, after: pending.resolution, from: known.since, until: pending.time, ended: askedTooLate(known) });
}

/** Of peers: daemons say "Established" or "up". Sockets are watched as long as they are established. */
const isUp = (state: string | undefined): boolean => state !== undefined && /^(established|up)$/i.test(state);

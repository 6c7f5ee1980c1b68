import { EXCEPTION_CAUSES } from '../causes/index.ts';
import type { Attribution, NameLookup, RouteException } from '../model/attribution.ts';
import type { IcmpMessage } from '../model/icmp.ts';
import type { DumpObservation } from '../model/observation.ts';
import type { Evidence } from '../model/output.ts';
import type { Route } from '../model/route.ts';
import type { BootTime } from '../model/time.ts';
import { decodeException } from '../netlink/decode-route.ts';
import type { Judge } from './judge.ts';

type Redirect = Extract<IcmpMessage, { kind: 'redirect' }>;
interface Heard { readonly packet: Redirect; readonly at: number; readonly time: BootTime }

/** An exception that was not there before, and the redirect that says the same. */
export interface FoundException { readonly change: RouteException; readonly heard: Heard }

/** What was heard of ICMP in one namespace, and what the kernel's cache shows for it. */
export interface Ear {
  turn(isOn: boolean, time: BootTime): void;
  /** Something was not heard. */
  miss(time: BootTime): void;
  /** All was heard that came since. */
  hears(time: BootTime): boolean;
  onPacket(packet: IcmpMessage, at: number, time: BootTime): void;
  /** One entry of the cache. */
  onCached(bytes: Uint8Array): void;
  /** The look is over: which of its entries came by redirects. */
  onCache(dump: DumpObservation): readonly FoundException[];
}

/** IPv4 shows an exception only when the next packet to that destination has gone. */
const AWAITED_NS = 30_000_000_000n;
const KEPT = 256;

export function createEar(): Ear {
  let since: BootTime | undefined;
  let redirects: Heard[] = [];
  let seen: Route[] = [];
  let known: ReadonlySet<string> | undefined;

  return {
    turn(isOn, time) {
      since = isOn ? time : undefined;
      [redirects, known] = [[], undefined];
    },
    miss(time) { if (since !== undefined) since = time; },
    hears: time => since !== undefined && since < time,
    onPacket(packet, at, time) {
      if (packet.kind !== 'redirect') return;
      redirects.push({ packet, at, time });
      if (redirects.length > KEPT) redirects = redirects.slice(KEPT / 2);
    },
    onCached(bytes) {
      const route = decodeException(bytes);
      if (route !== undefined) seen.push(route);
    },
    onCache({ netns, time, consistent }) {
      const routes = seen;
      seen = [];
      const before = known;
      // Of one that was interrupted, what it lacks may be there.
      known = new Set([...routes.map(keyOf), ...(consistent ? [] : before ?? [])]);
      redirects = redirects.filter(heard => time - heard.time < AWAITED_NS);
      if (before === undefined) return [];
      return routes.filter(route => !before.has(keyOf(route))).flatMap(route => {
        const heard = redirects.findLast(({ packet }) => keyOfRedirect(packet) === keyOf(route));
        return heard === undefined ? [] : [{ heard, change: changeOf(heard, route, { netns, time }) }];
      });
    },
  };
}

const keyOfRedirect = ({ dst, gateway, ifindex }: Redirect): string => `${dst}|${gateway ?? ''}|${ifindex}`;

function keyOf({ dst, nexthops: [leg] }: Route): string {
  const isDirect = leg?.gateway === undefined || dst.startsWith(`${leg.gateway}/`);
  return `${dst}|${isDirect ? '' : leg.gateway}|${leg?.ifindex ?? ''}`;
}

function changeOf({ packet, time }: Heard, route: Route, look: { readonly netns: RouteException['netns']; readonly time: BootTime }): RouteException {
  const { from, dst, family, gateway, ifindex } = packet;
  const waited = Number((look.time - time) / 1_000_000n) / 1000;
  return {
    netns: look.netns, time, event: 'redirect', family, dst, ifindex, packet: { source: from },
    ...(gateway === undefined ? {} : { gateway }), ...(route.expiresSec === undefined ? {} : { expiresSec: Math.round(route.expiresSec + waited) }),
  };
}

const IN_CACHE: Evidence = { kind: 'state', text: 'the exception was not in the cache before, and is there now (ip route show cache): the redirect was followed' };

/** Somebody else may have sent the same: likely at best. */
export function tellException(judge: Judge, { change, heard: { packet, at, time } }: FoundException, names: NameLookup): readonly Attribution[] {
  const dev = names.device(packet.ifindex) ?? `ifindex ${packet.ifindex}`;
  const evidence: readonly Evidence[] = [{ kind: 'message', text: `a redirect for ${packet.dst} from ${packet.from} was heard on ${dev}` }, IN_CACHE];
  const act = { id: `${change.netns.inode}.packet-${at}`, time, where: 'softirq', actor: { kind: 'router', address: packet.from } } as const;
  return judge.caused('exception', EXCEPTION_CAUSES, { change, where: 'softirq', act, names }, { sure: false, evidence, others: [] });
}

import { EXCEPTION_CAUSES } from '../causes/index.ts';
import type { Attribution, NameLookup, RouteException } from '../model/attribution.ts';
import { netnsKey, type NetnsRef } from '../model/netns.ts';
import type { ProbeObservation } from '../model/observation.ts';
import { bootTime, type BootTime } from '../model/time.ts';
import type { Origin } from './acts.ts';
import type { Judge } from './judge.ts';
import { exceptionOf } from './exception-record.ts';
import { senderOf } from './sender.ts';

export interface ExceptionsOptions {
  readonly judge: Pick<Judge, 'caused'>;
  readonly isOwnAddress: (netns: NetnsRef, address: string) => boolean;
  readonly namesIn: (netns: NetnsRef) => NameLookup;
}

/** Exceptions to the routes, each told when it comes or takes another value; a refresh is not. */
export interface Exceptions {
  onRecord(record: ProbeObservation, origin: Origin): readonly Attribution[];
  /** Routes or devices changed: exceptions go with the nexthop they belong to, and then come anew. */
  forget(netns: NetnsRef): void;
}

interface Known { readonly value: string; readonly until: BootTime }

const MAX_KNOWN = 20_000;
/** An exception without a lifetime of its own is made anew each time; one packet may make it twice. */
const SAME_PACKET_NS = 1_000_000_000n;

export function createExceptions({ judge, isOwnAddress, namesIn }: ExceptionsOptions): Exceptions {
  const known = new Map<string, Map<string, Known>>();

  function isRefresh(change: RouteException, { fields, fn }: ProbeObservation): boolean {
    const namespace = netnsKey(change.netns);
    const told = known.get(namespace) ?? new Map<string, Known>();
    known.set(namespace, told);
    const key = `${change.event}|${change.dst}|${change.ifindex ?? ''}|${fields.object ?? ''}|${fields.genid ?? ''}`;
    const value = `${change.gateway ?? ''}|${change.mtu ?? ''}`;
    const last = told.get(key);
    const lasts = fn !== 'update_or_create_fnhe' || change.expiresSec === undefined ? SAME_PACKET_NS : BigInt(change.expiresSec) * 1_000_000_000n;
    told.delete(key);
    told.set(key, { value, until: bootTime(change.time + lasts) });
    if (told.size > MAX_KNOWN) told.delete(told.keys().next().value ?? '');
    return last !== undefined && last.value === value && change.time < last.until;
  }

  return {
    onRecord(record, origin) {
      const read = exceptionOf(record);
      if (read === undefined || isRefresh(read, record)) return [];
      const { netns } = read;
      const { act, packet, sure, evidence } = senderOf(record, read, origin, address => isOwnAddress(netns, address));
      const change: RouteException = { ...read, ...(packet === undefined ? {} : { packet }) };
      const { frames, where } = origin;
      return judge.caused('exception', EXCEPTION_CAUSES, { change, where, act, ...(frames === undefined ? {} : { frames }), names: namesIn(netns) }, { sure, evidence, others: [] });
    },
    forget(netns) { known.delete(netnsKey(netns)); },
  };
}

import type { NetnsRef } from '../model/netns.ts';
import type { EndpointObservation } from '../model/observation.ts';
import type { ChangeOutput, ImpactEffect } from '../model/output.ts';
import type { BootTime } from '../model/time.ts';
import { indexAddresses, type AddressIndex } from '../netlink/address-index.ts';
import { decodeMessage } from '../netlink/decode.ts';
import { bytesOfAddress, parseAddress, parsePrefix } from '../netlink/parse-address.ts';
import type { Resolution } from '../netlink/resolution.ts';
import { routeKeyOf } from '../netlink/route-key.ts';
import { createDeviceNames, type DeviceNames } from './reach.ts';
import { coversText, type Touch } from './touching.ts';

/** An impact that was told, and is not over. */
export interface Hit {
  readonly origin: string | undefined; readonly changes: readonly string[]; readonly changedAt: BootTime;
  readonly effect: ImpactEffect; readonly before: Resolution; readonly after: Resolution;
  /** The record that told it, once it did. */
  readonly record: { id: string; origin?: string };
  /** Its end was told, too. */
  readonly isObserved?: boolean;
}

export interface Known {
  told: EndpointObservation;
  /** How it is reached, as far as that was told; and since when that is known. */
  now: Resolution | undefined; since: BootTime;
  /** A different answer, which waits for what explains it. */
  pending?: { readonly resolution: Resolution; readonly time: BootTime };
  hit?: Hit;
  /** It ended while an answer was pending. */
  ended?: BootTime;
  /** It is kept only until it is known what the answer is due to. */
  isGone?: boolean;
}

/** What is known of a namespace. */
export interface Place {
  readonly netns: NetnsRef;
  readonly endpoints: ReadonlyMap<string, Known>;
  readonly devices: DeviceNames;
  readonly pending: Set<Known>;
  /** Changes that may have touched an endpoint. */
  readonly touches: Touch[];
  /** When the first message came that may have touched an endpoint nobody asked about since; null: there is none; undefined: it is not told when they are asked about. */
  unasked: BootTime | null | undefined;
  add(seen: EndpointObservation): void;
  remove(id: string): void;
  /** A route message, at its receipt: asked of every one, so it reads no more than the destination. */
  seen(message: Uint8Array, time: BootTime): void;
  /** What came then may have touched endpoints. */
  touched(time: BootTime): void;
  /** The record may be about the way to an endpoint. */
  concerns(record: ChangeOutput): boolean;
}

/** Destinations that touch an endpoint and were not told yet, or will be told again. */
const DESTINATIONS = 4096;

export function openPlace(netns: NetnsRef): Place {
  const endpoints = new Map<string, Known>();
  const destinations = new Set<string>();
  let index: AddressIndex<true> | undefined;

  function indexed(): AddressIndex<true> {
    return index ??= indexAddresses([...endpoints.values()].flatMap(({ told: { remote, local } }) => [remote, local].flatMap(text => {
      const address = text === undefined ? undefined : parseAddress(text);
      return address === undefined ? [] : [[address, true] as const];
    })));
  }

  /** Told without a message, so that no destination was noted. */
  function touchesSilently(dst: string): boolean {
    const prefix = parsePrefix(dst);
    return prefix !== undefined && indexed()(prefix.family, bytesOfAddress(prefix), 0, prefix.length).length > 0;
  }

  const place: Place = {
    netns, endpoints, devices: createDeviceNames(), pending: new Set(), touches: [], unasked: undefined,
    add(seen) {
      endpoints.set(seen.id, { told: seen, now: undefined, since: seen.time });
      index = undefined;
    },
    remove(id) {
      endpoints.delete(id);
      index = undefined;
    },
    touched(time) {
      if (place.unasked === null && endpoints.size > 0) place.unasked = time;
    },
    seen(message, time) {
      const key = endpoints.size === 0 ? undefined : routeKeyOf(message);
      if (key === undefined || indexed()(key.family, message, key.at, key.length).length === 0) return;
      place.touched(time);
      const route = decodeMessage(message);
      if (route.kind === 'route') destinations.add(route.route.dst);
      const [oldest] = destinations;
      if (destinations.size > DESTINATIONS && oldest !== undefined) destinations.delete(oldest);
    },
    concerns(record) {
      if (endpoints.size === 0) return false;
      switch (record.kind) {
        case 'rule-change': case 'route-flags': case 'exception': return true;
        case 'route-change': return destinations.has(record.route.dst) || (record.silent && touchesSilently(record.route.dst));
        default: return false;
      }
    },
  };
  return place;
}

/** Those that may be why it is reached differently. */
export const touchesOf = ({ touches }: Place, { told: { remote, local } }: Known): readonly Touch[] =>
  touches.filter(touch => touch.route === undefined || coversText(touch, remote) || coversText(touch, local));

import type { Nexthop, Route } from '../model/route.ts';
import type { NexthopMessage } from '../model/rtnetlink.ts';
import { sameLeg } from './identity.ts';
import type { Revision } from './shadow.ts';

/** Nexthop objects of one namespace, by id. */
export type NexthopObjects = ReadonlyMap<number, NexthopMessage>;

/** The legs that a route on this object has. undefined: the object, or a member of the group, is not known. */
export function legsOf(objects: NexthopObjects, id: number): readonly Nexthop[] | undefined {
  const object = objects.get(id);
  if (object === undefined) return undefined;
  if (object.group === undefined) return object.blackhole === true ? [] : [legOf(object, 1)];
  const legs = object.group.map(({ id: member, weight }) => {
    const single = objects.get(member);
    return single === undefined ? undefined : legOf(single, weight);
  });
  const known = legs.filter(leg => leg !== undefined);
  // A route over a group of one has a single leg, and those have no weight.
  return known.length < legs.length ? undefined : known.length === 1 ? known.map(leg => ({ ...leg, weight: 1 })) : known;
}

function legOf({ gateway, ifindex }: NexthopMessage, weight: number): Nexthop {
  return { ...(gateway === undefined ? {} : { gateway }), ...(ifindex === undefined ? {} : { ifindex }), weight, flags: 0 };
}

/** The objects after one of them went: it leaves its groups, too, and a group without members goes with its last one. */
export function withoutObject(objects: NexthopObjects, id: number): Map<number, NexthopMessage> {
  const left = new Map(objects);
  left.delete(id);
  for (const [other, object] of left) {
    if (object.group?.some(member => member.id === id) === true) left.set(other, { ...object, group: object.group.filter(member => member.id !== id) });
  }
  return left;
}

/** The objects with this id, and the groups that it is a member of. */
export const touchedBy = (objects: NexthopObjects, id: number): ReadonlySet<number> =>
  new Set([id, ...[...objects.values()].filter(({ group }) => group?.some(member => member.id === id) === true).map(object => object.id)]);

/**
 * A route after its object changed; undefined: it did not change. With net.ipv4.nexthop_compat_mode 0 the kernel tells
 * routes without legs: then the route stays as told, and only `before` and now say that its way is another one.
 */
export function followObject(route: Route, before: readonly Nexthop[] | undefined, now: readonly Nexthop[] | undefined): Revision | undefined {
  if (now === undefined || now.length === 0) return undefined;
  const known = route.nexthops.length > 0 ? route.nexthops : before;
  if (known === undefined || sameWay(known, now)) return undefined;
  const kept = now.map(leg => ({ ...leg, flags: known.find(other => sameLeg(other, leg))?.flags ?? 0 }));
  return route.nexthops.length > 0 ? { route: { ...route, nexthops: kept } } : { route, legs: kept };
}

const sameWay = (a: readonly Nexthop[], b: readonly Nexthop[]): boolean =>
  // A lightweight tunnel is told with the route, not with the object here.
  a.length === b.length && a.every(leg => b.some(other => leg.ifindex === other.ifindex && leg.gateway === other.gateway && leg.weight === other.weight));

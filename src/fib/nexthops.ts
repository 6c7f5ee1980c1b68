import type { Nexthop, Route } from '../model/route.ts';
import type { NexthopMessage } from '../model/rtnetlink.ts';
import { sameLeg } from './identity.ts';
import type { Revision } from './shadow.ts';

/** The nexthop objects of one namespace, by id. */
export interface NexthopObjects {
  set(object: NexthopMessage): void;
  /** It leaves its groups, too. A group without members goes with its last one, of which the kernel tells by itself. */
  remove(id: number): void;
  /** The legs that a route on this object has. undefined: the object, or a member of the group, is not known. */
  legsOf(id: number): readonly Nexthop[] | undefined;
  /** The object with this id, and the groups that it is a member of. */
  touchedBy(id: number): readonly number[];
}

export function createNexthopObjects(): NexthopObjects {
  const objects = new Map<number, NexthopMessage>();
  /** Member to groups: floods of single objects must not search for groups that are not there. */
  const groupsOf = new Map<number, Set<number>>();

  function forget(id: number): void {
    for (const member of objects.get(id)?.group ?? []) groupsOf.get(member.id)?.delete(id);
    objects.delete(id);
  }
  function set(object: NexthopMessage): void {
    forget(object.id);
    objects.set(object.id, object);
    for (const member of object.group ?? []) groupsOf.set(member.id, (groupsOf.get(member.id) ?? new Set()).add(object.id));
  }
  return {
    set,
    remove(id) {
      for (const group of groupsOf.get(id) ?? []) {
        const object = objects.get(group);
        if (object?.group !== undefined) set({ ...object, group: object.group.filter(member => member.id !== id) });
      }
      groupsOf.delete(id);
      forget(id);
    },
    legsOf(id) {
      const object = objects.get(id);
      if (object === undefined) return undefined;
      if (object.group === undefined) return object.blackhole === true ? [] : [legOf(object, 1)];
      const legs = object.group.flatMap(({ id: member, weight }) => {
        const single = objects.get(member);
        return single === undefined ? [] : [legOf(single, weight)];
      });
      // A route over a group of one has a single leg, and those have no weight.
      return legs.length < object.group.length ? undefined : legs.length === 1 ? legs.map(leg => ({ ...leg, weight: 1 })) : legs;
    },
    touchedBy: id => [id, ...groupsOf.get(id) ?? []],
  };
}

function legOf({ gateway, ifindex }: NexthopMessage, weight: number): Nexthop {
  return { ...(gateway === undefined ? {} : { gateway }), ...(ifindex === undefined ? {} : { ifindex }), weight, flags: 0 };
}

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

/** The same gateways, devices and weights, in whatever order. */
export const sameWay = (a: readonly Nexthop[], b: readonly Nexthop[]): boolean =>
  // A lightweight tunnel is told with the route, not with the object here.
  a.length === b.length && a.every(leg => b.some(other => leg.ifindex === other.ifindex && leg.gateway === other.gateway && leg.weight === other.weight));

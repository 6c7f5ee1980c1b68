// SPDX-License-Identifier: MIT
import type { LegOutput, RouteChangeOutput, RouteFlagsOutput, RouteOutput } from '../../src/model/output.ts'

/** What `ip -N -j -d route show table all` prints for one route. */
export type DumpedRoute = {
  readonly dst: string
  readonly type?: string
  readonly src?: string
  readonly from?: string
  readonly table?: string
  readonly protocol?: string
  readonly scope?: string
  readonly metric?: number
  readonly tos?: string
  readonly prefsrc?: string
  readonly nhid?: number
  readonly nexthops?: readonly DumpedLeg[]
} & DumpedLeg

export type DumpedLeg = {
  readonly gateway?: string
  readonly via?: { readonly host: string }
  readonly dev?: string
  readonly weight?: number
  readonly flags?: readonly string[]
}

/** The part of a reported change that says what happened to the tables. */
export type TableChange = Pick<RouteChangeOutput, 'change' | 'route' | 'replaced'> | Pick<RouteFlagsOutput, 'change' | 'flags' | 'route'>

const typeNumbers = { unicast: 1, local: 2, broadcast: 3, anycast: 4, multicast: 5, blackhole: 6, unreachable: 7, prohibit: 8, throw: 9 }
const scopeNumbers = { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 }
const numberOf = (names: Readonly<Record<string, number>>, name: string): number => names[name] ?? Number(name)

type Leg = { readonly gateway?: string | undefined; readonly ifindex?: number | undefined; readonly weight?: number | undefined; readonly flags?: readonly string[] | undefined }

/** One line per route that holds all that may not change unreported; not expiry, metrics and preference, and of flags only what the device does to a leg. */
export function keyOfDumped(route: DumpedRoute, family: 'ipv4' | 'ipv6', ifindexOf: ReadonlyMap<string, number>): string {
  const legs = (route.nexthops ?? [route]).map(leg => ({
    gateway: leg.gateway ?? leg.via?.host,
    ifindex: leg.dev === undefined ? undefined : ifindexOf.get(leg.dev),
    weight: leg.weight, flags: leg.flags,
  }))
  const source = route.from ?? route.src
  return key({
    family, dst: prefix(route.dst, family), src: source === undefined ? undefined : prefix(source, family),
    table: Number(route.table ?? 254), type: Number(route.type ?? 1), protocol: Number(route.protocol ?? 3),
    scope: Number(route.scope ?? 0), metric: route.metric ?? 0, tos: Number(route.tos ?? 0), prefsrc: route.prefsrc, nhid: route.nhid,
  }, legs)
}

/** The same line for a route as routecause tells it. */
export function keyOfReported(route: RouteOutput, legs: readonly Leg[] = legsOf(route)): string {
  return key({
    family: route.family, dst: route.dst, src: route.src, table: route.table,
    type: numberOf(typeNumbers, route.type), protocol: route.protocol,
    scope: numberOf(scopeNumbers, route.scope), metric: route.metric, tos: route.tos ?? 0, prefsrc: route.prefsrc, nhid: route.nhid,
  }, legs)
}

/** How many legs a route has, one for a route without multipath. */
export const legCount = (route: RouteOutput): number => Math.max(1, legsOf(route).length)

/**
 * Plays the reported changes onto the tables as they were: what the tables should be now, sorted.
 * `problems` names removals of routes that were not there.
 */
export function playChanges(before: readonly string[], changes: readonly TableChange[]): { readonly after: readonly string[]; readonly problems: readonly string[] } {
  const counts = new Map<string, number>()
  const problems: string[] = []
  const insert = (route: string): void => void counts.set(route, (counts.get(route) ?? 0) + 1)
  const remove = (route: string, change: TableChange): void => {
    const count = counts.get(route) ?? 0
    if (count === 0) problems.push(`${change.change} takes away what is not there: ${route}`)
    else counts.set(route, count - 1)
  }
  for (const route of before) insert(route)
  for (const change of changes) {
    const { route } = change
    const { legs } = route
    if ('flags' in change) {
      const was = (leg: Leg): Leg => !legs?.some(touched => legKey({ ...touched, flags: [] }) === legKey({ ...leg, flags: [] })) ? leg
        : { ...leg, flags: change.change === 'set' ? leg.flags?.filter(flag => !change.flags.includes(flag)) : [...leg.flags ?? [], ...change.flags] }
      remove(keyOfReported(route, legsOf(route).map(was)), change)
      insert(keyOfReported(route))
      continue
    }
    const { replaced } = change
    if (change.change === 'delete') {
      if (legs === undefined) remove(keyOfReported(route), change)
      else {
        remove(keyOfReported(route, [...legsOf(route), ...legs]), change)
        insert(keyOfReported(route))
      }
      continue
    }
    if (change.change === 'replace' && replaced !== undefined) remove(keyOfReported(replaced), change)
    if (change.change === 'append' && legs !== undefined) remove(keyOfReported(route, legsOf(route).filter(leg => !legs.some(added => legKey(added) === legKey(leg)))), change)
    insert(keyOfReported(route))
  }
  return { after: [...counts].flatMap(([route, count]) => Array.from({ length: count }, () => route)).sort(), problems }
}

/** What is in one list of routes and not in the other, each route as often as it is. */
export function differences(expected: readonly string[], actual: readonly string[]): { readonly missing: readonly string[]; readonly unexplained: readonly string[] } {
  return { missing: without(expected, actual), unexplained: without(actual, expected) }
}

function without(routes: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return routes.filter((route) => {
    const at = left.indexOf(route)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function legsOf(route: RouteOutput): readonly (Leg | LegOutput)[] {
  return route.nexthops ?? [{ gateway: route.gateway, ifindex: route.ifindex, weight: 1, flags: route.flags }]
}

const legKey = (leg: Leg): string =>
  [`${leg.gateway ?? '-'}%${leg.ifindex ?? '-'}*${leg.weight ?? 1}`, ...['dead', 'linkdown'].filter(flag => leg.flags?.includes(flag) === true)].join('!')

function key(fields: Readonly<Record<string, string | number | undefined>>, legs: readonly Leg[]): string {
  // A nexthop object stands for its legs; the kernel shows them beside it.
  const shown = fields['nhid'] === undefined ? legs.map(legKey).sort().join(' ') : ''
  const words = Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [`${name}=${value}`])
  return `${words.join(' ')} legs=${shown}`
}

function prefix(text: string, family: 'ipv4' | 'ipv6'): string {
  if (text === 'default') return family === 'ipv4' ? '0.0.0.0/0' : '::/0'
  return text.includes('/') ? text : `${text}/${family === 'ipv4' ? 32 : 128}`
}

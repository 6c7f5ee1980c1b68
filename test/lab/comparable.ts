// SPDX-License-Identifier: MIT
import type { OutputRecord, RouteChangeOutput } from '../../src/model/output.ts'

/**
 * Route changes without what two tracers at the same time cannot agree on: numbers they give out, their own clock readings,
 * what /proc still knew of a very long command line when each of them asked, and the place of silent changes among the announced ones, which are told as soon as each has seen its own socket drained.
 */
export function comparable(records: readonly OutputRecord[]): string[] {
  const origins = new Map<string, number>()
  return records.flatMap((record) => {
    if (record.kind !== 'route-change') return []
    const { id: _, origin, time: _time, bootTimeNs: _bootTimeNs, ...rest } = record
    const place = origins.get(origin) ?? origins.size
    origins.set(origin, place)
    const { argvTruncated: _cut, argv, ...actor } = rest.actor
    const short = JSON.stringify(argv ?? []).length < 500 ? argv : undefined
    return [JSON.stringify({ ...rest, ...endless(rest), ...periodless(rest), actor: { ...actor, argv: short }, origin: place }).replaceAll(/an end in \d+ s/g, 'an end')]
  }).sort()
}

/**
 * How long a route has left is told of the moment when each of them worked it out. The hop limit of an advertised route is set after the route was
 * announced (net/ipv6/ndisc.c, ndisc_router_discovery()), and told with it by whoever has seen that by then.
 */
function endless({ change, cause, route, replaced }: Pick<RouteChangeOutput, 'change' | 'cause' | 'route' | 'replaced'>): object {
  const isAdvertised = change === 'add' && cause.id === 'router-advertisement'
  const without = ({ expires, metrics, ...rest }: RouteChangeOutput['route']): object => ({ ...rest, ...(isAdvertised ? {} : { metrics }), ...(expires === undefined ? {} : { expires: 'some seconds' }) })
  return { route: without(route), ...(replaced === undefined ? {} : { replaced: without(replaced) }) }
}

/** When a war began, and how fast it goes, is read from the clock of each. */
function periodless({ war, headline }: Pick<RouteChangeOutput, 'war' | 'headline'>): object {
  if (war === undefined) return {}
  const { since: _since, periodSeconds: _period, ...rest } = war
  return { war: rest, headline: headline?.replace(/, every [\d.]+ s$/, '') }
}

// SPDX-License-Identifier: MIT
import type { Actor, ChangeOutput, RouteChangeOutput } from '../../src/model/output.ts'
import { differences, playChanges } from './conservation.ts'
import { decoyTable } from './decoys.ts'
import { sentinelTable } from './stage.ts'
import type { Part } from './stage.ts'
import { countsBetween, countsOf } from './truth.ts'

/**
 * Everything that is wrong with what was told about a part, whatever the part was about.
 * `isTaken`: changes in which somebody takes a route away from a decoy by right.
 */
export function faultsOf({ before, after, arrivals, changes }: Omit<Part, 'printed' | 'told' | 'beside'>, isTaken: (change: RouteChangeOutput) => boolean = () => false): string[] {
  const losses = arrivals.filter(({ record }) => record.kind === 'loss').map(({ text }) => `loss: ${text}`)
  const moves = arrivals.flatMap(({ record }) => record.kind === 'route-change' || record.kind === 'route-flags' ? [record] : [])
  const { after: expected, problems } = playChanges(before.tables, moves)
  const { missing, unexplained } = differences(expected, after.tables)
  const { missed, ...counted } = countsBetween(before.counts, after.counts) ?? { missed: 0 }
  const told = countsOf(changes)
  return [
    ...losses, ...problems,
    ...missing.map(route => `conservation: said to be there, and is not: ${route}`),
    ...unexplained.map(route => `conservation: is there, and nothing said so: ${route}`),
    ...Object.entries(counted).flatMap(([name, count]) => isCount(told[name as keyof typeof told], count, missed) ? [] : [`the kernel counted ${name} ${count} and missed ${missed}, the told changes make ${told[name as keyof typeof told]}`]),
    ...changes.filter(change => !isTaken(change)).flatMap(decoyFaults), ...unexplainedFaults(changes.filter(isDecoys), missed),
  ]
}

/** As many as the kernel's own probes missed may be unknown: those that trace were skipped at the same calls. */
function unexplainedFaults(decoys: readonly RouteChangeOutput[], missed: number): string[] {
  const unexplained = decoys.filter(({ verdict }) => verdict !== 'caused')
  return unexplained.length <= missed ? [] : unexplained.map(change => `a decoy's change is not explained: ${JSON.stringify(change)}`)
}

/** What a watcher said of calls that its probes missed, and how many those are: the kernel runs no probe on top of another, and ftrace learns of that. */
export function missesTold(arrivals: Part['arrivals']): { readonly count: number; readonly rest: Part['arrivals'] } {
  const isMiss = ({ record }: Part['arrivals'][number]): boolean => record.kind === 'loss' && record.what.startsWith('probe missed its function: ')
  return { count: arrivals.filter(isMiss).reduce((sum, { record }) => sum + (record.kind === 'loss' ? record.count ?? 0 : 0), 0), rest: arrivals.filter(one => !isMiss(one)) }
}

/** Calls in a part that the kernel says its probes missed. */
export const missedIn = ({ before, after }: Pick<Part, 'before' | 'after'>): number => countsBetween(before.counts, after.counts)?.missed ?? 0

/** As many as were counted, or more by those that the kernel itself says it could not count. */
const isCount = (told: number, counted: number, missed: number): boolean => told >= counted && told <= counted + missed

/** What is a scenario's own: neither a decoy's nor the sentinel. */
export const ownChanges = <Change extends ChangeOutput>(changes: readonly Change[]): Change[] =>
  changes.filter(change => !('route' in change) || change.route === undefined || (change.route.table !== decoyTable && change.route.table !== sentinelTable))

/** A route of a decoy. */
export const isDecoys = (change: RouteChangeOutput): boolean => change.route.table === decoyTable
/** A decoy is named for it, as the one that did it or as one of its parents. */
export const isOfDecoy = (change: ChangeOutput): boolean =>
  [change.actor, ...change.actor.ancestry ?? [], ...change.rivals?.map(rival => rival.actor) ?? []].some(isDecoy)

function decoyFaults(change: RouteChangeOutput): string[] {
  if (isDecoys(change) && change.verdict !== 'caused') return []
  return isDecoys(change) === isOfDecoy(change) ? [] : [`${isDecoys(change) ? 'a decoy\'s change names another program' : 'names a decoy'}: ${JSON.stringify(change)}`]
}

const isDecoy = (who: Pick<Actor, 'argv'> | undefined): boolean => who?.argv?.some(word => word.includes('decoys') || word === String(decoyTable)) ?? false

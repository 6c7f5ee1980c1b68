// SPDX-License-Identifier: MIT
import type { OutputRecord, RouteChangeOutput, RouteFlagsOutput } from '../../src/model/output.ts'
import { judgeByArgv, nameless } from './argv-oracle.ts'
import type { Home } from './argv-oracle.ts'
import { keyOfReported, playChanges } from './conservation.ts'

/** What was told of routes, by namespace: inode numbers are used again, but each one's tables are empty in between. Names may come late. */
export function byNamespace(records: readonly OutputRecord[]): Map<number, readonly (RouteChangeOutput | RouteFlagsOutput)[]> {
  const all = new Map<number, (RouteChangeOutput | RouteFlagsOutput)[]>()
  for (const record of records) {
    if (record.kind !== 'route-change' && record.kind !== 'route-present' && record.kind !== 'route-flags') continue
    const { inode } = record.route.netns
    all.set(inode, [...all.get(inode) ?? [], record])
  }
  return all
}

/** What is wrong with what was told of a namespace that came and went while all was watched: it began and ended with nothing. */
export function leftovers(told: readonly (RouteChangeOutput | RouteFlagsOutput)[]): string[] {
  const { after, problems } = playChanges([], told)
  return [...after.map(route => `its end was not told: ${route}`), ...problems]
}

export const isRouteChange = (record: OutputRecord): record is RouteChangeOutput => record.kind === 'route-change'

/** Before `ip netns` has mounted it, a namespace is called by what is in it ("1234:ip", "ssh.service"), or not at all. */
const isGiven = (name: string | undefined): name is string => name !== undefined && !/[.:]/.test(name)

/**
 * As judgeByArgv(). A command names the namespace that it works in, or runs in it (`ip netns exec`); that, and the device, are looked at as far
 * as they have the name yet that commands call them by.
 */
export function wrongElsewhere(change: RouteChangeOutput): readonly string[] {
  const { netns: { name }, dev, nexthops } = change.route
  const homes: readonly Home[] = isGiven(name) ? [name, undefined] : [nameless]
  const judgements = homes.map(home => judgeByArgv(change, home))
  const isDeviceKnown = dev !== undefined || nexthops !== undefined
  const faults = judgements.map(judgement => judgement.kind === 'wrong' ? judgement.why.filter(why => isDeviceKnown || !why.startsWith('dev ')) : [])
  return faults.find(why => why.length === 0) ?? faults[0] ?? []
}

/** Two tracers see the same call; how long one lets the other wait is what an emulated CPU needs for a handler, and more if it has to wait itself. */
const SAME_CALL_NS = 200_000_000n

/** What two watchers told of the same changes; each may have found a namespace a little later than the other, and tells of it from then on. */
export type Agreement = { readonly alike: number; readonly unlike: readonly string[]; readonly onlyOne: readonly string[] }

export function agreementOf(some: readonly RouteChangeOutput[], others: readonly RouteChangeOutput[]): Agreement {
  const waiting = new Map<string, RouteChangeOutput[]>()
  for (const change of others) waiting.set(keyOf(change), [...waiting.get(keyOf(change)) ?? [], change])
  const unlike: string[] = []
  const onlyOne: string[] = []
  let alike = 0
  for (const change of some) {
    const candidates = waiting.get(keyOf(change)) ?? []
    const found = candidates.find(other => distance(change, other) < SAME_CALL_NS)
    if (found === undefined) { onlyOne.push(JSON.stringify(change)); continue }
    candidates.splice(candidates.indexOf(found), 1)
    const [here, there] = [essence(change), essence(found)]
    if (here === there) alike++
    else unlike.push(`${keyOf(change)}: ${here} / ${there}`)
  }
  return { alike, unlike, onlyOne: [...onlyOne, ...[...waiting.values()].flat().map(change => JSON.stringify(change))] }
}

const keyOf = ({ change, route }: RouteChangeOutput): string => `${route.netns.inode} ${change} ${keyOfReported(route)}`

const distance = (a: RouteChangeOutput, b: RouteChangeOutput): bigint => {
  const difference = BigInt(a.bootTimeNs) - BigInt(b.bootTimeNs)
  return difference < 0n ? -difference : difference
}

/** Who and why, without names of devices and namespaces, which one of them may have learned later. */
const essence = ({ verdict, confidence, cause, trigger, actor, silent }: RouteChangeOutput): string =>
  JSON.stringify({ verdict, confidence, cause: cause.id, trigger: trigger.kind, actor: { kind: actor.kind, pid: actor.pid, comm: actor.comm, argv: actor.argv }, silent })

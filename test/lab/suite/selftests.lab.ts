// SPDX-License-Identifier: MIT
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { RouteChangeOutput, Tier } from '../../../src/model/output.ts'
import { judgeByArgv } from '../argv-oracle.ts'
import { comparable } from '../comparable.ts'
import { agreementOf, byNamespace, isRouteChange, leftovers, wrongElsewhere } from '../elsewhere.ts'
import { faultsOf, ownChanges } from '../faults.ts'
import { guestOf } from '../guests.ts'
import { accuracyTable, nothing, publish, sum } from '../accuracy.ts'
import type { AccuracyRow } from '../accuracy.ts'
import { describeGuest, must, reachGuest } from '../guest.ts'
import { fetchSelftests, selftests, verdictsOf } from '../selftests.ts'
import type { Selftest } from '../selftests.ts'
import { awaitEnds } from '../last-namespace.ts'
import { openStage, routeChanges } from '../stage.ts'
import type { Part, Stage } from '../stage.ts'
import type { Arrival, Watcher } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const version = await fetchSelftests(join(guest.results, 'selftests'))
const scripts = '/project/test/lab/guest/selftests'
const kept = 'kept'
/** Namespaces that stay: not of the scripts; the last one is that of the decoys. */
const stays = ['host', kept, `${kept}-elsewhere`]
const trouble = `/run/selftests-${kept}.trouble`
const command = (script: string, ...more: readonly string[]): string => `bash ${scripts}/run.sh /results/selftests/${script} ${more.join(' ')} 2>&1`

/** Acts of programs: somebody in the tree of the test's script did it. */
const byPrograms: readonly string[] = ['netlink-request', 'ioctl', 'sysctl', 'address-change', 'link-state', 'device', 'nexthop-change']
const isUnder = ({ actor }: RouteChangeOutput, script: string): boolean =>
  actor.kind === 'process' && [actor, ...actor.ancestry ?? []].some(({ argv }) => argv?.some(word => word.endsWith(`/${script}`)))
const isReset = (change: RouteChangeOutput): boolean => isUnder(change, 'reset.sh')
/** With lo go the IPv6 routes that decoys have there. */
const isTaken = (change: RouteChangeOutput): boolean =>
  (isReset(change) || selftests.some(({ script }) => isUnder(change, script))) && change.change === 'delete' && change.route.dev === 'lo' && change.cause.id === 'link-down' && change.trigger.kind === 'link-state' && change.trigger.dev === 'lo'
/** Watched by one that follows all namespaces, as those are that the scripts make and throw away; else by one of the kept namespace alone. */
const followsAll = process.env['ROUTECAUSE_LAB_FOLLOW'] === 'all'
/** The first is judged, the others have to say the same of the kept namespace, and of the others what adds up. */
const tiers: readonly Tier[] = (process.env['ROUTECAUSE_LAB_TIERS'] ?? (followsAll ? 'bpftrace,ftrace' : 'bpftrace')).split(',').filter(tier => tier === 'bpftrace' || tier === 'ftrace')
const [first = 'bpftrace'] = tiers
/** Of decoys, per second: each of them is seen by every watcher. */
const decoyRates = tiers.length === 1 ? { commands: 5, starts: 5, routes: 50 } : { commands: 2, starts: 2, routes: 10 }
/** Of a namespace that one of the watchers was just reading, only the others saw who let go of it last. */
const comparableHere = (changes: readonly RouteChangeOutput[]): string[] => {
  const isByEnd = ({ cause }: RouteChangeOutput): boolean => followsAll && cause.id === 'netns-destroyed'
  return [...comparable(changes.filter(change => !isByEnd(change))), ...changes.filter(isByEnd).map(({ change, route, silent }) => JSON.stringify({ change, route, silent })).sort()]
}
const lines = (changes: readonly RouteChangeOutput[]): string[] => changes.map(change => JSON.stringify(change))

/** For whoever wants to look: ROUTECAUSE_LAB_LINES is a file that gets what was told. */
async function keep(arrivals: readonly Arrival[]): Promise<void> {
  const file = process.env['ROUTECAUSE_LAB_LINES']
  if (file !== undefined) await appendFile(file, arrivals.map(({ text }) => `${text}\n`).join(''))
}

/** They count all messages of the namespace, those about decoys too. */
const countsMessages = (verdict: string): boolean => /compat mode o(?:n|ff) - (?:route add notification|nexthop (?:change|delete)) /.test(verdict)
const ofItsOwn = (verdicts: readonly string[] | undefined): readonly string[] | undefined => verdicts?.filter(verdict => !countsMessages(verdict))

const alone = new Map<string, readonly string[]>()

describe(`the kernel's own route selftests, of ${version}, by themselves`, () => {
  test.for(selftests)('$script $group', { timeout: 200_000 }, async ({ script, group }) => {
    alone.set(`${script} ${group}`, verdictsOf(await must(guest, command(script, group), 180_000)))
  })
})

describe('the kernel\'s own route selftests, watched, with decoys', () => {
  let stage: Stage
  const counts = new Map<string, number>()
  /** Of each tier, by script. */
  const rows = new Map<string, Map<string, AccuracyRow>>(tiers.map(tier => [tier, new Map()]))
  const played = new Set<Selftest>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)

  beforeAll(async () => {
    stage = await openStage(guest, kept, decoyRates, tiers, followsAll ? 'all' : undefined)
    await stage.run(`: > ${trouble}; bash ${scripts}/reset.sh ${kept}`)
  }, 1_800_000)

  /** Adds to the row of a script, or of all namespaces that come and go. */
  function note(tier: Tier, name: string, changes: readonly RouteChangeOutput[], wrong: number, faults: number): void {
    const told = (confidence: string): number => changes.filter(change => change.verdict === 'caused' && change.confidence === confidence).length
    const what = 'the actor\'s command line asks for what is told of it, and every change has a cause'
    const before = rows.get(tier)?.get(name) ?? { name, what, accuracy: nothing, faults: 0 }
    const accuracy = sum(before.accuracy, { ...nothing, proved: told('proved') - wrong, likely: told('likely'), wrong, unknown: changes.filter(change => change.verdict !== 'caused').length })
    rows.get(tier)?.set(name, { ...before, accuracy, faults: before.faults + faults })
  }

  /** Plays a group, expects what holds even where events were lost, and returns what was told. */
  async function watch(selftest: Selftest): Promise<{ readonly part: Part; readonly unknown: readonly RouteChangeOutput[] }> {
    const { script, group, keptAs, floods } = selftest
    const part = await stage.run(command(script, group, kept, keptAs ?? ''), 300_000)
    const own = ownChanges(part.changes)
    const judged = own.map(change => ({ change, judgement: judgeByArgv(change, isReset(change) ? undefined : keptAs) }))
    await keep(part.arrivals)
    console.info(`${script} ${group}: ${own.length} changes, ${judged.filter(({ judgement }) => judgement.kind === 'fits').length} fit the command line`)
    for (const { judgement } of judged) count(judgement.kind === 'not judged' ? `not judged: ${judgement.why}` : judgement.kind)

    expect.soft(ofItsOwn(verdictsOf(part.printed))).toEqual(ofItsOwn(alone.get(`${script} ${group}`)))
    expect.soft(await must(guest, `cat ${trouble}; : > ${trouble}`)).toBe('')
    expect.soft(judged.flatMap(({ change, judgement }) => judgement.kind === 'wrong' ? [`${judgement.why.join('; ')}: ${JSON.stringify(change)}`] : [])).toEqual([])
    played.add(selftest)
    note(first, script, own, judged.filter(({ judgement }) => judgement.kind === 'wrong').length, floods === true ? 0 : faultsOf(part, isTaken).length)
    for (const [tier, arrivals] of part.beside) {
      // What was lost on one side is not comparable, and is told.
      if (floods === true) continue
      const changes = routeChanges(arrivals)
      const faults = faultsOf({ ...part, arrivals, changes }, isTaken)
      const its = ownChanges(changes)
      note(tier, script, its, its.filter(change => judgeByArgv(change, isReset(change) ? undefined : keptAs).kind === 'wrong').length, faults.length)
      expect.soft({ tier, faults }).toEqual({ tier, faults: [] })
      expect.soft({ tier, told: comparableHere(its) }).toEqual({ tier, told: comparableHere(own) })
    }
    return { part, unknown: own.filter(change => change.verdict !== 'caused') }
  }

  function expectWhole({ part, unknown }: Awaited<ReturnType<typeof watch>>, script: string): void {
    const own = ownChanges(part.changes)
    expect.soft(faultsOf(part, isTaken)).toEqual([])
    expect.soft(lines(unknown)).toEqual([])
    expect.soft(lines(own.filter(change => byPrograms.includes(change.trigger.kind) && !isUnder(change, script) && !isReset(change)))).toEqual([])
  }

  test.for(selftests.filter(({ floods }) => floods !== true))('$script $group', { timeout: 400_000 }, async (selftest) => {
    expectWhole(await watch(selftest), selftest.script)
  })

  test.runIf(followsAll)('namespaces that came and went were told whole and alike', { timeout: 400_000 }, async () => {
    const watchers = new Map<Tier, Watcher>([[first, stage.watcher], ...stage.beside])
    await awaitEnds(guest, [...watchers.values()])
    const told = new Map<Tier, RouteChangeOutput[]>()
    for (const [tier, watcher] of watchers) {
      const elsewhere = byNamespace(watcher.arrivals.map(({ record }) => record).filter(record => !('route' in record) || !stays.includes(record.route?.netns.name ?? '')))
      const changes = [...elsewhere.values()].flat().filter(isRouteChange)
      told.set(tier, changes)
      const faults = [...elsewhere].flatMap(([inode, records]) => leftovers(records).map(fault => `namespace ${inode}: ${fault}`))
      const wrong = changes.flatMap(change => wrongElsewhere(change).map(why => `${why}: ${JSON.stringify(change)}`))
      note(tier, '(namespaces that come and go)', changes, wrong.length, faults.length)
      expect(elsewhere.size).toBeGreaterThan(0)
      expect.soft({ tier, faults }).toEqual({ tier, faults: [] })
      expect.soft({ tier, wrong }).toEqual({ tier, wrong: [] })
      expect.soft({ tier, unknown: lines(changes.filter(({ verdict }) => verdict !== 'caused')) }).toEqual({ tier, unknown: [] })
    }
    // Whoever has a namespace open when it is deleted lets go of it last, and each of them reads it at another time.
    const seen = (tier: Tier): RouteChangeOutput[] => told.get(tier)?.filter(({ cause }) => cause.id !== 'netns-destroyed') ?? []
    for (const tier of stage.beside.keys()) {
      const { alike, unlike, onlyOne } = agreementOf(seen(first), seen(tier))
      console.info(`namespaces that come and go, ${first} and ${tier}: ${alike} changes told alike, ${unlike.length} not, ${onlyOne.length} by one of them`)
      expect.soft(unlike).toEqual([])
      expect(alike).toBeGreaterThan(0)
    }
  })

  test('in the end the whole session adds up, and nothing was lost', { timeout: 120_000 }, async () => {
    const rates = await stage.stopDecoys()
    const after = await stage.moment()
    const arrivals = stage.watcher.arrivals.slice(stage.start.line + 1, after.line + 1).filter(({ record }) => stage.isHere(record))
    console.info(`decoys (role, number, per second): ${rates.join(', ')}\n${[...counts].map(([what, times]) => `${what} ${times}`).join('\n')}`)
    expect(faultsOf({ before: stage.start, after, arrivals, changes: routeChanges(arrivals) }, isTaken)).toEqual([])
  })

  test.for(selftests.filter(({ floods }) => floods === true))('$script $group, a flood: all is told, or what could not be is told as lost', { timeout: 400_000 }, async (selftest) => {
    const watched = await watch(selftest)
    const isLossy = watched.part.arrivals.some(({ record }) => record.kind === 'loss')
    if (isLossy) expect(lines(watched.unknown.filter(({ reason }) => reason !== 'events-lost'))).toEqual([])
    else expectWhole(watched, selftest.script)
  })

  afterAll(async () => {
    const place = `${await describeGuest(guest)}; the scripts are those of ${version}`
    const tables = tiers.flatMap(tier => accuracyTable('script', followsAll ? `${place}; watched with --all-netns --tier ${tier}` : place, [...rows.get(tier)?.values() ?? []]))
    // A table of some groups is not what its page says that it is.
    if (played.size === selftests.length) await publish(followsAll ? 'selftests in all namespaces' : 'selftests', guestOf(process.env), tables)
    else console.info(tables.join('\n'))
    const { exitCode, stderr } = await stage.close()
    expect({ exitCode, stderr, last: stage.watcher.arrivals.at(-1)?.record.kind }).toEqual({ exitCode: 143, stderr: '', last: 'summary' })
  }, 120_000)
})

// SPDX-License-Identifier: MIT
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { RouteChangeOutput } from '../../../src/model/output.ts'
import { judgeByArgv } from '../argv-oracle.ts'
import { faultsOf, ownChanges } from '../faults.ts'
import { guestOf } from '../guests.ts'
import { accuracyTable, nothing, publish, sum } from '../accuracy.ts'
import type { AccuracyRow } from '../accuracy.ts'
import { describeGuest, must, reachGuest } from '../guest.ts'
import { fetchSelftests, selftests, verdictsOf } from '../selftests.ts'
import type { Selftest } from '../selftests.ts'
import { openStage, routeChanges } from '../stage.ts'
import type { Part, Stage } from '../stage.ts'
import type { Arrival } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const version = await fetchSelftests(join(guest.results, 'selftests'))
const scripts = '/project/test/lab/guest/selftests'
const kept = 'kept'
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
  const rows = new Map<string, AccuracyRow>()
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1)

  beforeAll(async () => {
    stage = await openStage(guest, kept, { commands: 5, starts: 5, routes: 50 })
    await stage.run(`: > ${trouble}; bash ${scripts}/reset.sh ${kept}`)
  }, 1_800_000)

  /** Plays a group, expects what holds even where events were lost, and returns what was told. */
  async function watch({ script, group, keptAs, floods }: Selftest): Promise<{ readonly part: Part; readonly unknown: readonly RouteChangeOutput[] }> {
    const part = await stage.run(command(script, group, kept, keptAs ?? ''), 300_000)
    const own = ownChanges(part.changes)
    const judged = own.map(change => ({ change, judgement: judgeByArgv(change, isReset(change) ? undefined : keptAs) }))
    await keep(part.arrivals)
    console.info(`${script} ${group}: ${own.length} changes, ${judged.filter(({ judgement }) => judgement.kind === 'fits').length} fit the command line`)
    for (const { judgement } of judged) count(judgement.kind === 'not judged' ? `not judged: ${judgement.why}` : judgement.kind)

    expect.soft(ofItsOwn(verdictsOf(part.printed))).toEqual(ofItsOwn(alone.get(`${script} ${group}`)))
    expect.soft(await must(guest, `cat ${trouble}; : > ${trouble}`)).toBe('')
    expect.soft(judged.flatMap(({ change, judgement }) => judgement.kind === 'wrong' ? [`${judgement.why.join('; ')}: ${JSON.stringify(change)}`] : [])).toEqual([])
    const told = (confidence: string): number => own.filter(change => change.verdict === 'caused' && change.confidence === confidence).length
    const wrong = judged.filter(({ judgement }) => judgement.kind === 'wrong').length
    const before = rows.get(script) ?? { name: script, what: 'the actor\'s command line asks for what is told of it, and every change has a cause', accuracy: nothing, faults: 0 }
    rows.set(script, {
      ...before, faults: before.faults + (floods === true ? 0 : faultsOf(part, isTaken).length),
      accuracy: sum(before.accuracy, { ...nothing, proved: told('proved') - wrong, likely: told('likely'), wrong, unknown: own.filter(change => change.verdict !== 'caused').length }),
    })
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

  test('in the end the whole session adds up, and nothing was lost', { timeout: 120_000 }, async () => {
    const rates = await stage.stopDecoys()
    const after = await stage.moment()
    const arrivals = stage.watcher.arrivals.slice(stage.start.line + 1, after.line + 1)
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
    await publish('selftests', guestOf(process.env), accuracyTable('script', `${await describeGuest(guest)}; the scripts are those of ${version}`, [...rows.values()]))
    const { exitCode, stderr } = await stage.close()
    expect({ exitCode, stderr, last: stage.watcher.arrivals.at(-1)?.record.kind }).toEqual({ exitCode: 143, stderr: '', last: 'summary' })
  }, 120_000)
})

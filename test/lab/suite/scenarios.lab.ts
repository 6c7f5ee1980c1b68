// SPDX-License-Identifier: MIT
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { accuracyTable, judge, judgeDecoys, publish } from '../accuracy.ts'
import type { AccuracyRow } from '../accuracy.ts'
import { hasNetworkBroadcasts, withNetworkBroadcasts } from '../network-broadcast.ts'
import { isChange } from '../../../src/report/happened.ts'
import { judgeByMessages } from '../netlink-judge.ts'
import { messagesTable, shareOfRight } from '../messages-table.ts'
import type { MessagesRow } from '../messages-table.ts'
import type { ChangeOutput, RouteChangeOutput, Tier } from '../../../src/model/output.ts'
import { comparable } from '../comparable.ts'
import { awaitEndpoints } from '../endpoints.ts'
import { disappointments, impactProblems, nearMisses, orWithoutWho, readExpected, seating } from '../expectation.ts'
import type { ExpectedScenario } from '../expectation.ts'
import { faultsOf, isDecoys, isOfDecoy, missedIn, missesTold, ownChanges } from '../faults.ts'
import { describeGuest, reachGuest } from '../guest.ts'
import { guestOf } from '../guests.ts'
import { latencyMs } from '../latency.ts'
import { openStage, routeChanges } from '../stage.ts'
import type { Part, Stage } from '../stage.ts'
import type { Watcher } from '../watcher.ts'

const folder = join(import.meta.dirname, '../../../fixtures/scenarios')
const scope = process.env['ROUTECAUSE_LAB']
/** A few that between them take every kind of path: request, sysctl, address, kworker, softirq, timer, silent. */
const smoke: readonly string[] = ['route-requests', 'forwarding-on-off', 'dad-anycast', 'link-up-down', 'router-advertisement', 'address-expired-ipv4', 'last-address', 'device-removed']
const isWanted = (name: string): boolean => scope !== 'smoke' || smoke.includes(name)
const names = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory() && isWanted(entry.name)).map(entry => entry.name)
const guest = reachGuest(inject('guest'))
/** Watchers side by side on the same acts: the first one is judged, the others have to say the same. ROUTECAUSE_LAB_TIERS=bpftrace: that one alone. */
const tiers = (process.env['ROUTECAUSE_LAB_TIERS'] ?? 'bpftrace,ftrace,netlink').split(',').filter(tier => tier === 'bpftrace' || tier === 'ftrace' || tier === 'netlink')
const ofThisKernel = await hasNetworkBroadcasts(guest) ? withNetworkBroadcasts : (expected: ExpectedScenario) => expected
const scenarios = await Promise.all(names.map(async name => ({ name, expected: ofThisKernel(await readExpected(join(folder, name, 'expected.json'))) })))

/** networkd takes the routes of others away where its configuration says so: decoys', too. */
const isTaken = (change: RouteChangeOutput): boolean =>
  change.change === 'delete' && change.actor.comm === 'systemd-network' && change.trigger.kind === 'netlink-request' && change.trigger.request === 'delete'

/** Of decoys, per second. Several watchers see each of them several times, and two emulated CPUs give no more. */
const decoyRates = tiers.length === 1 ? { commands: 20, starts: 200, routes: 500 } : { commands: 5, starts: 20, routes: 100 }

/** All is as expected; but what probes would have told that the kernel did not run is not known: it runs none on top of another, and counts that. */
function expectRight(tier: Tier, name: string, expected: ExpectedScenario, own: readonly ChangeOutput[], missed: number, blind: readonly string[]): void {
  const lacking = disappointments(expected, own)
  // What a session calls blind may be unknown, or told without who did it; but nothing is told that is not so.
  if (blind.length > 0) {
    const accuracy = judge(expected, own, blind)
    const left = accuracy.wrong + accuracy.untold === 0 ? [] : seating(expected, own, orWithoutWho).left
    expect.soft({ tier, name, ...accuracy, left }).toMatchObject({ wrong: 0, untold: 0, left: [] })
    return
  }
  if (lacking.length > 0 && missed > 0) expect.soft({ tier, name, ...judge(nearMisses(expected), own) }).toMatchObject({ wrong: 0, untold: 0, unknown: expect.toSatisfy((unknown: number) => unknown <= missed) })
  else expect.soft({ tier, lacking }).toEqual({ tier, lacking: [] })
}

const blindIn = (watcher: Watcher | undefined): readonly string[] => watcher?.arrivals.flatMap(({ record }) => record.kind === 'session' ? record.coverage.blind.map(({ cause }) => cause) : []) ?? []

describe('with decoys in the namespace and elsewhere', () => {
  let stage: Stage
  const rows = new Map<Tier, AccuracyRow[]>(tiers.map(tier => [tier, []]))
  const byMessages: MessagesRow[] = []
  const count = (row: AccuracyRow, tier: Tier | undefined = tiers[0]): void => { if (tier !== undefined) rows.get(tier)?.push(row) }
  beforeAll(async () => {
    stage = await openStage(guest, 'stage', decoyRates, tiers)
  }, 1_800_000)

  test.for(scenarios.toSorted((a, b) => Number(b.expected.first) - Number(a.expected.first)))('$name: $expected.title', { timeout: 240_000 }, async ({ name, expected }) => {
    // What it left behind would be in the way of all others.
    const orClean = async <T>(step: Promise<T>): Promise<T> => step.catch(async (error: unknown) => { await stage.play(name, 'clean').catch(() => undefined); throw error })
    const prepared = await orClean(stage.play(name, 'prepare'))
    if (expected.impacts !== undefined) await orClean(awaitEndpoints('stage', stage))
    const acted = await orClean(stage.play(name, 'act'))
    const cleaned = await stage.play(name, 'clean')
    if (name === 'forwarding-frr') {
      const [on, off] = [latencyMs(acted, 'forwarding-on', 'add'), latencyMs(acted, 'forwarding-off', 'delete')]
      console.info(`from the return of sysctl to the last line on it: on ${on.toFixed(0)} ms, off ${off.toFixed(0)} ms`)
    }
    const faults = [prepared, acted, cleaned].map(part => faultsOf(part, isTaken))
    const blind = blindIn(stage.watcher)
    count({ name, what: expected.title, accuracy: judge(missedIn(acted) > 0 ? nearMisses(expected) : expected, ownChanges(acted.told), blind), faults: faults.flat().length })
    for (const found of faults) expect.soft(found).toEqual([])
    expectRight(tiers[0] ?? 'bpftrace', name, expected, ownChanges(acted.told), missedIn(acted), blind)
    const impactsOf = (arrivals: Part['arrivals']) => arrivals.flatMap(({ record }) => record.kind === 'impact' ? [record] : [])
    expect.soft(impactProblems(expected, impactsOf(acted.arrivals))).toEqual([])
    for (const [tier, arrivals] of acted.beside) {
      const own = ownChanges(arrivals.flatMap(({ record }) => isChange(record) ? [record] : []))
      if (tier === 'netlink') {
        // Sessions that end before it can ask are not told there (docs/impact.md), and in a guest that is busy they do.
        const row = { name, ...judgeByMessages(expected, own) }
        byMessages.push({ name, told: row.told, besides: row.besides.length })
        expect.soft(row.told.filter(({ kind, actor }) => actor === 'wrong' || kind === 'wrong-cause').map(({ what }) => what)).toEqual([])
        expect.soft(own.filter(({ confidence }) => confidence === 'proved')).toEqual([])
        continue
      }
      const parts = [prepared, acted, cleaned].map(part => ({ ...part, ...missesTold(part.beside.get(tier) ?? []) }))
      const blindBeside = blindIn(stage.beside.get(tier))
      const missed = parts.reduce((sum, part) => sum + part.count, 0)
      expect.soft({ tier, problems: impactProblems(expected, impactsOf(arrivals)) }).toEqual({ tier, problems: [] })
      const found = parts.flatMap(part => faultsOf({ ...part, arrivals: part.rest, changes: routeChanges(part.rest) }, isTaken))
      count({ name, what: expected.title, accuracy: judge(missed > 0 ? nearMisses(expected) : expected, own, blindBeside), faults: found.length }, tier)
      expect.soft({ tier, found }).toEqual({ tier, found: [] })
      expectRight(tier, name, expected, own, missed, blindBeside)
      if (missed === 0 && blind.length + blindBeside.length === 0) expect.soft({ tier, told: comparable(own) }).toEqual({ tier, told: comparable(ownChanges(acted.told)) })
    }
  })

  test('in the end the whole session adds up, and nothing was lost', { timeout: 120_000 }, async () => {
    const rates = await stage.stopDecoys()
    console.info(`decoys (role, number, per second): ${rates.join(', ')}`)
    const after = await stage.moment()
    const arrivals = stage.watcher.arrivals.slice(stage.start.line + 1, after.line + 1)
    const faults = faultsOf({ before: stage.start, after, arrivals, changes: routeChanges(arrivals) }, isTaken)
    count({ name: '(decoys)', what: 'routes of other programs in the same namespace are their own doing, and nobody else\'s', accuracy: judgeDecoys(routeChanges(arrivals).filter(change => isDecoys(change) && !isTaken(change)), isOfDecoy), faults: faults.length })
    const place = await describeGuest(guest)
    const tables = [...rows].filter(([tier]) => tier !== 'netlink').flatMap(([tier, own]) => accuracyTable('scenario', `${place}, \`--tier ${tier}\``, own.toSorted((one, other) => one.name < other.name ? -1 : 1)))
    if (scope !== 'smoke') await publish('scenarios', guestOf(process.env), [...tables, ...messagesTable(`${place}, \`--tier netlink\``, byMessages)])
    if (byMessages.length > 0) expect(shareOfRight(byMessages)).toBeGreaterThanOrEqual(0.7)
    expect(faults).toEqual([])
  })

  afterAll(async () => {
    const { exitCode, stderr } = await stage.close()
    const told = stage.watcher.arrivals.flatMap(({ record }) => record.kind === 'route-change' ? [record] : [])
    const number = (wanted: (change: (typeof told)[number]) => boolean): number => told.filter(wanted).length
    expect({ exitCode, stderr, summary: stage.watcher.arrivals.at(-1)?.record }).toEqual({
      exitCode: 143, stderr: '',
      summary: {
        kind: 'summary', changes: told.length, caused: number(change => change.verdict === 'caused'),
        unknown: number(change => change.verdict === 'unknown'), silent: number(change => change.silent), lost: 0,
      },
    })
  }, 60_000)
})

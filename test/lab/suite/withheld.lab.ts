// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { disappointments, readExpected } from '../expectation.ts'
import type { ExpectedScenario } from '../expectation.ts'
import { faultsOf, ownChanges } from '../faults.ts'
import { reachGuest } from '../guest.ts'
import { judgeByMessages } from '../netlink-judge.ts'
import type { Told } from '../netlink-judge.ts'
import { openStage } from '../stage.ts'
import type { Part, Stage } from '../stage.ts'

const guest = reachGuest(inject('guest'))
const folder = join(import.meta.dirname, '../../../fixtures/scenarios')
const incident = 'forwarding-on-off'
const others = ['link-up-down', 'route-requests', 'dad-anycast', 'device-removed'] as const

/**
 * By fentry all is known. By the function tracer the incident is caused, likely, and by whom (acts that follow on each other at once may be rivals); of the rest nothing is
 * wrong, but that arguments are absent: which ioctl it was, and which end of a veth pair `ip link del` named, both of which go.
 */
const isAbsent = /"request":"unknown"|told device-removed \{"kind":"device","event":"removed","dev":"d0".* is .*"ip link del d1"/

const ways = [
  { way: 'fentry', faults: (_name: string, expected: ExpectedScenario, acted: Part): readonly unknown[] => [...faultsOf(acted), ...disappointments(expected, ownChanges(acted.told))] },
  {
    way: 'functions', faults: (name: string, expected: ExpectedScenario, acted: Part): readonly unknown[] => {
      const own = ownChanges(acted.told)
      const isBad = ({ kind, actor, what }: Told): boolean => name === incident
        ? actor !== 'right' || !['right', 'cause-only', 'rivals'].includes(kind)
        : actor === 'wrong' || kind === 'wrong-cause' || (kind === 'wrong-trigger' && !isAbsent.test(what))
      return [...judgeByMessages(expected, own).told.filter(isBad), ...own.filter(({ confidence }) => confidence === 'proved')]
    },
  },
] as const

describe.each(ways)('where kprobes are withheld, by $way', ({ way, faults }) => {
  let stage: Stage
  beforeAll(async () => { stage = await openStage(guest, way, undefined, [way]) }, 1_000_000)

  test.each([incident, ...others])('%s', { timeout: 240_000 }, async (name) => {
    const expected = await readExpected(join(folder, name, 'expected.json'))
    await stage.play(name, 'prepare')
    const acted = await stage.play(name, 'act')
    await stage.play(name, 'clean')
    expect(ownChanges(acted.told).length).toBeGreaterThan(0)
    expect(faults(name, expected, acted)).toEqual([])
  })

  afterAll(async () => { expect(await stage.close()).toMatchObject({ exitCode: 143, stderr: '' }) }, 60_000)
})

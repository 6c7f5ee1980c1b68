// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replayFile } from '../golden/replay.ts'
import { faultsOf } from './judge.ts'

const recorded = (scenario: string): Promise<{ records: Parameters<typeof faultsOf>[0] }> =>
  replayFile(join(import.meta.dirname, '../../fixtures/scenarios', scenario, '6.1-ftrace/recording.rcr'))
const unobserved = ['fdc0:3489:e0fd::', 'fdc0:3489:e0fe::'].map(neighbour => `it is not observed that bgpd lost its session with ${neighbour}`)

test('of the incident as the lab recorded it nothing is missing', async () => {
  expect(faultsOf((await recorded('subnet-router-anycast')).records)).toEqual([])
})

test('everything is missing in another one', async () => {
  expect(faultsOf((await recorded('dad-anycast')).records)).toEqual([
    'no anycast route in vrf1', 'no anycast route in vrf2', 'vrf1: it is not told that the route of BGP went', 'vrf2: it is not told that the route of BGP went',
    'what is expected to break is not one record of both sessions: none', ...unobserved,
  ])
})

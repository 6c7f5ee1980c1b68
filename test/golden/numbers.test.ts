// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { findRecordings } from './replay.ts'

/**
 * What a function returned, and the index that stands for all devices (NETCONFA_IFINDEX_ALL) or for new ones, and nothing else that
 * probes tell, may be below zero: a sysctl of these is never set so in scenarios.
 */
const mayBeNegative = (fn: string, name: string, value: number): boolean =>
  name === 'ret' || (name === 'ifindex' && value >= -2 && /^inet6?_netconf_notify_devconf$/.test(fn))

test.for(findRecordings())('no number of $scenario on $place lost its sign, or got one', async ({ folder }) => {
  await using recording = await readRecording(join(folder, 'recording.rcr'))
  const negative = new Set<string>()
  let numbers = 0
  for await (const observation of recording.observations) {
    if (observation.kind !== 'probe') continue
    for (const [name, value] of Object.entries(observation.fields)) {
      if (typeof value !== 'number') continue
      numbers++
      if (value < 0 && !mayBeNegative(observation.fn, name, value)) negative.add(`${observation.fn} ${name}=${value}`)
    }
  }
  expect([...negative]).toEqual([])
  expect(numbers).toBeGreaterThan(20)
})

// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readRecording } from '../../src/recording/read.ts'
import { findRecordings } from './replay.ts'

/** What a function returned, and nothing else that probes tell, may be below zero: a sysctl of these is never set so in scenarios. */
const MAY_BE_NEGATIVE = ['ret']

test.for(findRecordings())('no number of $scenario on $place lost its sign, or got one', async ({ folder }) => {
  await using recording = await readRecording(join(folder, 'recording.rcr'))
  const negative = new Set<string>()
  let numbers = 0
  for await (const observation of recording.observations) {
    if (observation.kind !== 'probe') continue
    for (const [name, value] of Object.entries(observation.fields)) {
      if (typeof value !== 'number') continue
      numbers++
      if (value < 0 && !MAY_BE_NEGATIVE.includes(name)) negative.add(`${observation.fn} ${name}=${value}`)
    }
  }
  expect([...negative]).toEqual([])
  expect(numbers).toBeGreaterThan(20)
})

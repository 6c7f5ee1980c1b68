// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { OutputRecord, RouteChangeOutput } from '../../src/model/output.ts'
import { isChange } from '../../src/report/happened.ts'
import { disappointments, readExpected } from '../lab/expectation.ts'
import { normaliseRecords } from './normalise.ts'
import { expectationFile, findRecordings, replayFile } from './replay.ts'

// UPDATE_GOLDENS=1 npm test writes the goldens anew: read the diff.
const isUpdate = process.env['UPDATE_GOLDENS'] === '1'
const recordings = findRecordings()
const changes = (records: readonly OutputRecord[]): RouteChangeOutput[] => records.flatMap(record => record.kind === 'route-change' ? [record] : [])

describe.for(recordings)('$scenario on $place', (recording) => {
  const file = join(recording.folder, 'recording.rcr')
  const golden = join(recording.folder, 'explanation.jsonl')

  test('replays to the stored explanations', async () => {
    const lines = normaliseRecords((await replayFile(file)).records)
    if (isUpdate) writeFileSync(golden, `${lines.join('\n')}\n`)
    expect(lines).toEqual(existsSync(golden) ? readFileSync(golden, 'utf8').trimEnd().split('\n') : [])
  })

  test('says all that is expected, and nothing else', async () => {
    const { records, end } = await replayFile(file)
    expect(disappointments(await readExpected(expectationFile(recording)), records.filter(isChange))).toEqual([])
    expect(records.at(-1)).toMatchObject({ kind: 'summary', changes: changes(records).length, caused: changes(records).length, unknown: 0, lost: 0 })
    expect(end).toBe('complete')
  })

  test('replays to the same bytes each time', async () => {
    const [one, other] = [await replayFile(file), await replayFile(file)]
    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
  })

  test('is small enough for a repository', () => {
    expect(statSync(file).size).toBeLessThan(300_000)
  })
})

test('every recording is of a scenario, and the first dozen have one', () => {
  const scenarios = readdirSync(join(import.meta.dirname, '../../fixtures/scenarios'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name)
  const recorded = [...new Set(recordings.map(({ scenario }) => scenario))]
  expect(recorded.length).toBeGreaterThanOrEqual(12)
  expect(scenarios).toEqual(expect.arrayContaining(recorded))
})

test('the incident of the first run is the recorded BGP scenario', async () => {
  const incident = join(import.meta.dirname, '../../fixtures/incident/forwarding.rcr')
  const { records } = await replayFile(incident)
  expect(changes(records).map(change => [change.change, change.route.type, change.route.dst, change.cause.id])).toEqual(
    expect.arrayContaining([['add', 'anycast', 'fdc0:3489:e0fd::/128', 'subnet-router-anycast'], ['add', 'anycast', 'fdc0:3489:e0fe::/128', 'subnet-router-anycast']]))
})

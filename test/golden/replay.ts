// SPDX-License-Identifier: MIT
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputRecord } from '../../src/model/output.ts'
import { readRecording } from '../../src/recording/read.ts'
import { createSession } from '../../src/session.ts'

const scenarios = join(import.meta.dirname, '../../fixtures/scenarios')

export type Recording = { readonly scenario: string; readonly place: string; readonly folder: string }

/** Every recorded scenario, per kernel and tracer. */
export function findRecordings(): readonly Recording[] {
  return readdirSync(scenarios, { recursive: true, encoding: 'utf8' }).filter(path => path.endsWith('/recording.rcr')).sort().map((path) => {
    const [scenario = '', place = ''] = path.split('/')
    return { scenario, place, folder: join(scenarios, scenario, place) }
  })
}

/** The expectation that belongs to a recording. */
export const expectationFile = ({ scenario }: Recording): string => join(scenarios, scenario, 'expected.json')

/** All that a replay shows, and how the recording ends. */
export async function replayFile(file: string): Promise<{ readonly records: readonly OutputRecord[]; readonly end: string }> {
  await using recording = await readRecording(file)
  // As it was recorded.
  const session = createSession(recording.header.session, { attempts: recording.header.session.coverage.armed.includes('netlink_ack') })
  const records: OutputRecord[] = [{ ...recording.header.session, replayed: true }]
  for await (const observation of recording.observations) records.push(...session.push(observation))
  return { records: [...records, ...session.flush()], end: recording.ended().kind }
}

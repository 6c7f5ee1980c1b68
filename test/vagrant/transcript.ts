// SPDX-License-Identifier: MIT
import type { OutputRecord } from '../../src/model/output.ts'
import { createPlainText } from '../../src/report/plain-text.ts'

/** The lines that a part of session.sh printed: what was typed first. */
export function partOf(transcript: string, part: string): readonly string[] {
  const lines = transcript.split('\n')
  const from = lines.indexOf(`== ${part}`)
  const to = lines.findIndex((line, at) => at > from && line.startsWith('== took '))
  return from < 0 || to < 0 ? [] : lines.slice(from + 1, to)
}

/** For docs/incidents/README.md: what was typed and printed, and what the recording says outside of the machine. */
export function incidentSection(transcript: string, records: readonly OutputRecord[]): readonly string[] {
  const up = partOf(transcript, 'up')
  const text = createPlainText({ env: { LANG: 'C.UTF-8' } })
  const told = records.flatMap(record => text.push(record))
  const block = (lines: readonly string[]): string[] => ['```console', ...lines.map(line => line.trimEnd()), '```']
  return [
    '', ...block([up[0] ?? '', '[...]', ...up.filter(line => / is ready$| is installed$/.test(line)), ...['before', 'evpn', 'run', 'after', 'recording'].flatMap(part => partOf(transcript, part))]), '',
    'Outside of the machine, `routecause replay incident.rcr`:', '', ...block(told), '',
  ]
}

// SPDX-License-Identifier: MIT
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChangeOutput } from '../../src/model/output.ts'
import { withSection } from '../../src/dev/sections.ts'
import { usual } from './guests.ts'
import type { GuestName } from './guests.ts'
import { mismatches, orWithoutWho, seating } from './expectation.ts'
import type { ExpectedScenario } from './expectation.ts'

/** How what was told of an act stands against what really happened, in numbers of changes. */
export type Accuracy = {
  readonly proved: number
  readonly likely: number
  /** Said not to be known. */
  readonly unknown: number
  /** A cause, an actor or an effect that is not so, or a change that did not happen. */
  readonly wrong: number
  /** Happened, and was not told. */
  readonly untold: number
}

export const nothing: Accuracy = { proved: 0, likely: 0, unknown: 0, wrong: 0, untold: 0 }

export const sum = (a: Accuracy, b: Accuracy): Accuracy =>
  ({ proved: a.proved + b.proved, likely: a.likely + b.likely, unknown: a.unknown + b.unknown, wrong: a.wrong + b.wrong, untold: a.untold + b.untold })

/** Judges by expected.json: what it does not have, and is said with a cause, is wrong. `blind`: causes that the session says it cannot prove here. Then it may leave open who acted, and exceptions to routes are not told. */
export function judge(expected: ExpectedScenario, told: readonly ChangeOutput[], blind: readonly string[] = []): Accuracy {
  const { met, left, missing } = blind.length > 0 ? seating(expected, told, orWithoutWho) : seating(expected, told)
  const unknown = left.filter(({ verdict }) => verdict === 'unknown').length
  const lacking = missing.filter(({ kind, cause }) => kind !== 'exception' || !blind.some(id => mismatches({ id }, cause).length === 0))
  return {
    proved: met.filter(({ confidence }) => confidence === 'proved').length,
    likely: met.filter(({ confidence }) => confidence !== 'proved').length,
    unknown, wrong: expected.nothingElse ? left.length - unknown : 0, untold: Math.max(0, lacking.length - left.length),
  }
}

/** Judges where only who and why is known of all: a decoy's changes are caused by it, and nothing else is. */
export function judgeDecoys(changes: readonly ChangeOutput[], isRight: (change: ChangeOutput) => boolean): Accuracy {
  const unknown = changes.filter(({ verdict }) => verdict === 'unknown').length
  const right = changes.filter(isRight)
  const proved = right.filter(({ confidence }) => confidence === 'proved').length
  return { ...nothing, unknown, proved, likely: right.length - proved, wrong: changes.length - unknown - right.length }
}

export type AccuracyRow = { readonly name: string; readonly what: string; readonly accuracy: Accuracy; readonly faults: number }

const total = (rows: readonly AccuracyRow[]): AccuracyRow => ({
  name: '**all**', what: '', accuracy: rows.reduce((all, row) => sum(all, row.accuracy), nothing), faults: rows.reduce((all, row) => all + row.faults, 0),
})

/** A table of docs/accuracy.md; `first` heads the column of names. */
export function accuracyTable(first: string, place: string, rows: readonly AccuracyRow[]): string[] {
  return [
    '', `Played on ${place}.`, '',
    `| ${first} | what holds | right, proved | right, likely | honestly unknown | wrong | untold | conservation and counts |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...[...rows, total(rows)].map(({ name, what, accuracy: { proved, likely, unknown, wrong, untold }, faults }) =>
      `| ${/^[(*]/.test(name) ? name : `\`${name}\``} | ${what} | ${proved} | ${likely} | ${unknown} | ${wrong} | ${untold} | ${faults === 0 ? 'holds' : `${faults} faults`} |`),
    '',
  ]
}

const page = join(import.meta.dirname, '../../docs/accuracy.md')

/** Each guest has tables of its own, the usual one under the plain name. */
export type Section = 'scenarios' | 'selftests' | 'selftests in all namespaces'
export const sectionOf = (what: Section, guest: GuestName): string => guest === usual ? what : `${what} ${guest}`

/** With ACCURACY=write in the environment docs/accuracy.md gets the table, else it is printed. */
export async function publish(what: Section, guest: GuestName, table: readonly string[]): Promise<void> {
  if (process.env['ACCURACY'] !== 'write') { console.info(table.join('\n')); return }
  await writeFile(page, withSection(await readFile(page, 'utf8'), sectionOf(what, guest), table, 'the lab suite'))
}

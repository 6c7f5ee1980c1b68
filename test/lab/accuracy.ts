// SPDX-License-Identifier: MIT
import type { ChangeOutput } from '../../src/model/output.ts'
import { seating } from './expectation.ts'
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

/** Judges by expected.json: what it does not have, and is said with a cause, is wrong. */
export function judge(expected: ExpectedScenario, told: readonly ChangeOutput[]): Accuracy {
  const { met, left, missing } = seating(expected, told)
  const unknown = left.filter(({ verdict }) => verdict === 'unknown').length
  return {
    proved: met.filter(({ confidence }) => confidence === 'proved').length,
    likely: met.filter(({ confidence }) => confidence !== 'proved').length,
    unknown, wrong: expected.nothingElse ? left.length - unknown : 0, untold: Math.max(0, missing - left.length),
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

/** The page docs/accuracy.md. */
export function accuracyPage(place: string, rows: readonly AccuracyRow[]): string {
  const total = rows.reduce((all, row) => sum(all, row.accuracy), nothing)
  const line = (name: string, what: string, { proved, likely, unknown, wrong, untold }: Accuracy, faults: number): string =>
    `| ${name} | ${what} | ${proved} | ${likely} | ${unknown} | ${wrong} | ${untold} | ${faults === 0 ? 'holds' : `${faults} faults`} |`
  return [
    '# Accuracy', '',
    '<!-- made by the lab suite: ACCURACY=write npm run test:lab -->', '',
    `Each scenario of [fixtures/scenarios](../fixtures/scenarios/README.md), played on ${place}, while other programs change routes, start`,
    'processes and ask for things in the same and in another network namespace (the decoys). What was told is held against what is expected,',
    'against dumps of all tables before and after (conservation), and against how often the kernel itself ran the functions that change routes.', '',
    '| scenario | what holds | right, proved | right, likely | honestly unknown | wrong | untold | conservation and counts |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(row => line(row.name.startsWith('(') ? row.name : `\`${row.name}\``, row.what, row.accuracy, row.faults)),
    line('**all**', '', total, rows.reduce((all, row) => all + row.faults, 0)), '',
  ].join('\n')
}

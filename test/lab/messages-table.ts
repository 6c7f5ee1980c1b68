// SPDX-License-Identifier: MIT
import type { Told } from './netlink-judge.ts'

/** What a watcher that sees messages only told of one scenario; `besides`: changes that nobody expects. */
export type MessagesRow = { readonly name: string; readonly told: readonly Told[]; readonly besides: number }

const columns: readonly Told['kind'][] = ['right', 'cause-only', 'rivals', 'unknown', 'wrong-cause', 'wrong-trigger', 'untold']

/** A table of docs/accuracy.md; nothing where nothing was played. */
export function messagesTable(place: string, rows: readonly MessagesRow[]): string[] {
  if (rows.length === 0) return []
  const line = ({ name, told, besides }: MessagesRow): string =>
    `| ${name} | ${told.length} | ${columns.map(kind => told.filter(one => one.kind === kind).length).join(' | ')} | ${besides} | ${(['right', 'absent', 'wrong'] as const).map(actor => told.filter(one => one.actor === actor).length).join(' | ')} |`
  return [
    '', `Played on ${place}.`, '',
    `| scenario | changes | ${columns.join(' | ')} | besides | actor right | actor absent | actor wrong |`,
    `|${' --- |'.repeat(columns.length + 6)}`,
    ...rows.toSorted((one, other) => one.name < other.name ? -1 : 1).map(line), line(total(rows)), '',
  ]
}

/** Of all changes, those with the right cause and trigger, 0 to 1. */
export function shareOfRight(rows: readonly MessagesRow[]): number {
  const { told } = total(rows)
  return told.filter(({ kind }) => kind === 'right').length / Math.max(1, told.length)
}

const total = (rows: readonly MessagesRow[]): MessagesRow =>
  ({ name: '**all**', told: rows.flatMap(({ told }) => told), besides: rows.reduce((sum, { besides }) => sum + besides, 0) })

// SPDX-License-Identifier: MIT
import type { OutputRecord } from '../../src/model/output.ts'

/** Numbers of one run, by what they name: each gets the place of its first appearance. */
const numbered: Readonly<Record<string, string>> = { pid: 'pid', origin: 'act', id: 'change', inode: 'netns' }
const times = new Set(['time', 'bootTimeNs', 'since', 'clockOffsetNs'])

/**
 * Lines with all that differs from one recording of a scenario to the next replaced: pids, ids, inode numbers, times
 * and kernel addresses. Equal numbers stay equal, and so do different ones.
 */
export function normaliseRecords(records: readonly OutputRecord[]): string[] {
  const seen = new Map<string, string>()
  const place = (kind: string, value: unknown): string => {
    const key = `${kind} ${String(value)}`
    const known = seen.get(key) ?? `${kind}-${[...seen.keys()].filter(other => other.startsWith(`${kind} `)).length + 1}`
    seen.set(key, known)
    return known
  }
  const text = (value: string): string => value
    .replaceAll(/\[(\d+)\]/g, (_, pid) => `[${place('pid', pid)}]`)
    .replaceAll(/0x[\da-f]{16}/g, address => place('address', address))
    .replaceAll(/\/run\/lab-[\da-f-]{36}/g, '/run/lab')
    .replaceAll(/\b(port id|pid|process|sequence) (\d+)/g, (_, word, id) => `${word} ${place(word === 'sequence' ? 'sequence' : 'pid', id)}`)
  return records.map(record => JSON.stringify(record, (name, value: unknown) => {
    if (times.has(name)) return '-'
    const kind = numbered[name]
    if (kind !== undefined && (typeof value === 'number' || (name === 'id' && typeof value === 'string' && /^\d+$/.test(value)) || name === 'origin')) return place(kind, value)
    return typeof value === 'string' ? text(value) : value
  }))
}

// SPDX-License-Identifier: MIT
import type { Part } from './stage.ts'

/** Milliseconds from a mark that a scenario printed to the last line about what the marked command did. */
export function latencyMs({ printed, arrivals }: Pick<Part, 'printed' | 'arrivals'>, mark: string, change: 'add' | 'delete'): number {
  const markedAt = BigInt(new RegExp(`^mark ${mark} (\\d+)$`, 'm').exec(printed)?.[1] ?? '0')
  const told = arrivals.filter(({ record }) => record.kind === 'route-change' && record.trigger.kind === 'sysctl' && record.change === change)
  return Number((told.at(-1)?.at ?? 0n) - markedAt) / 1e6
}

// SPDX-License-Identifier: MIT
import type { OutputRecord } from '../../src/model/output.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'
import type { Watcher } from './watcher.ts'

/**
 * Waits until watchers of all namespaces have told the end of each that was let go so far. The kernel takes namespaces apart in batches, one after
 * the other, and in a batch the youngest may come first: so of two more, made and deleted in turn, the second is in a later one.
 */
export async function awaitEnds(guest: Guest, watchers: readonly Watcher[]): Promise<void> {
  for (const dst of ['203.0.113.1/32', '203.0.113.2/32']) {
    const isTold = (change: 'add' | 'delete') => (record: OutputRecord): boolean =>
      (record.kind === 'route-change' || record.kind === 'route-present') && record.change === change && record.route.dst === dst && record.route.type === 'blackhole'
    const from = watchers.map(({ arrivals }) => arrivals.length)
    await must(guest, `ip netns add last; ip -n last route add blackhole ${dst}`)
    for (const [at, watcher] of watchers.entries()) await watcher.waitFor(`the route of a last namespace (${dst})`, isTold('add'), from[at])
    await must(guest, 'ip netns del last')
    for (const [at, watcher] of watchers.entries()) await watcher.waitFor(`the end of a last namespace (${dst})`, isTold('delete'), from[at])
  }
}

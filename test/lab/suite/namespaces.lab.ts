// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { LossOutput, RouteChangeOutput } from '../../../src/model/output.ts'
import { playChanges } from '../conservation.ts'
import { disappointments, readExpected } from '../expectation.ts'
import { byNamespace, isRouteChange, leftovers, wrongElsewhere } from '../elsewhere.ts'
import { faultsOf, ownChanges } from '../faults.ts'
import { must, reachGuest } from '../guest.ts'
import { awaitEnds } from '../last-namespace.ts'
import { openStage, routeChanges, startCounting } from '../stage.ts'
import type { Stage } from '../stage.ts'
import { countingEnd } from '../truth.ts'
import { startWatcher } from '../watcher.ts'
import type { Watcher } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const folder = join(import.meta.dirname, '../../../fixtures/scenarios')
/** Of every kind: request, link, address and worker, sysctl, the end of another namespace. */
const scenarios = ['route-requests', 'link-up-down', 'dad-anycast', 'forwarding-on-off', 'netns-destroyed', 'device-moved']
const many = 100

describe('all namespaces', () => {
  let watcher: Watcher
  const stages: Stage[] = []
  /** Changes of namespaces of that name. */
  const toldOf = (name: RegExp): RouteChangeOutput[] =>
    watcher.arrivals.flatMap(({ record }) => (record.kind === 'route-change' || record.kind === 'route-present') && name.test(record.route.netns.name ?? '') ? [record] : [])

  /** What all that was told of the namespaces of that name leaves of their tables, legs that died on the way included. */
  const leftOf = (name: RegExp): ReturnType<typeof playChanges> =>
    playChanges([], watcher.arrivals.flatMap(({ record }) => (record.kind === 'route-change' || record.kind === 'route-present' || record.kind === 'route-flags') && name.test(record.route.netns.name ?? '') ? [record] : []))

  const losses = (): LossOutput[] => watcher.arrivals.flatMap(({ record }) => record.kind === 'loss' ? [record] : [])

  beforeAll(async () => {
    await startCounting(guest)
    watcher = await startWatcher(guest, undefined)
    // Made while all is watched, as those of containers are.
    for (const name of ['blue', 'green']) stages.push(await openStage(guest, name, undefined, [], watcher))
  }, 1_200_000)

  test.for(scenarios.map((name, index) => ({ name, index })))('$name in one of them', { timeout: 240_000 }, async ({ name, index }) => {
    const stage = stages[index % 2]
    if (stage === undefined) throw new Error('there is no stage')
    const expected = await readExpected(join(folder, name, 'expected.json'))
    const prepared = await stage.play(name, 'prepare')
    const acted = await stage.play(name, 'act')
    const cleaned = await stage.play(name, 'clean')
    for (const part of [prepared, acted, cleaned]) expect.soft(faultsOf(part)).toEqual([])
    expect(disappointments(expected, ownChanges(acted.told))).toEqual([])
  })

  test(`${many} that come and go fast leave nothing, and no wrong word`, { timeout: 600_000 }, async () => {
    const descriptors = async (): Promise<number> => Number(await must(guest, 'ls /proc/$(cat /run/watch-all-auto.pid)/fd | wc -l'))
    const before = await descriptors()
    const from = watcher.arrivals.length
    await must(guest, `for i in $(seq ${many}); do ip netns add fast$i; ip -n fast$i link set lo up; ip -n fast$i route add blackhole 10.$i.0.0/16; ip netns del fast$i; done`, 400_000)
    await awaitEnds(guest, [watcher])
    // A namespace is called by what is in it until it has been mounted, so names do not tell which ones these are.
    const others = new Set(['host', 'blue', 'green'])
    const told = byNamespace(watcher.arrivals.slice(from).map(({ record }) => record).filter(record => !('route' in record) || !others.has(record.route?.netns.name ?? '')))
    const changes = [...told.values()].flat().filter(isRouteChange)
    const names = new Set(changes.flatMap(({ route }) => /^fast\d+$/.test(route.netns.name ?? '') ? [route.netns.name] : []))
    console.info(`of ${many} namespaces ${names.size} were heard`)
    expect(names.size).toBeGreaterThan(0)
    // ip runs in the service that the guest is reached by, which is in none of these.
    expect(changes.filter(({ route }) => route.netns.name?.endsWith('.service'))).toEqual([])
    expect([...told].flatMap(([inode, records]) => leftovers(records).map(fault => `namespace ${inode}: ${fault}`))).toEqual([])
    // What ip added, ip added; what went, went with the namespace.
    for (const change of changes) {
      const { route, verdict, cause, actor } = change
      expect.soft(wrongElsewhere(change)).toEqual([])
      if (verdict !== 'caused') continue
      if (change.change === 'add') expect.soft([route.type === 'blackhole' ? cause.id : 'any', actor.comm]).toEqual([route.type === 'blackhole' ? 'route-request' : 'any', 'ip'])
      if (change.change === 'delete') expect.soft(['netns-destroyed', 'link-down', 'device-removed']).toContain(cause.id)
      if (actor.kind === 'process') expect.soft(actor.comm).toBe('ip')
    }
    // Questions to the kernel have sockets of their own, for a moment; what leaked would stay.
    await must(guest, `until [ "$(ls /proc/$(cat /run/watch-all-auto.pid)/fd | wc -l)" -le ${before} ]; do sleep 0.1; done`, 60_000)
  })

  // Last: so many changes at once may be more than the buffers hold, which has to be told, and must not lead to a wrong word.
  test('a namespace that is deleted takes its devices along within two seconds', { timeout: 120_000 }, async () => {
    expect(losses()).toEqual([])
    await must(guest, `ip netns add near; ip netns add far; ip -n near link add va type veth peer name vb netns far; ip -n far link set vb up
      seq 20000 | awk '{printf "route add 10.%d.%d.%d/32 dev vb\\n", $1 / 65536, ($1 / 256) % 256, $1 % 256}' | ip -n far -batch -`)
    await watcher.waitFor('the last of many routes', record => record.kind === 'route-change' && record.route.dst === '10.0.78.32/32')
    const ms = Number(await must(guest, `t=$(date +%s%N); ip netns del far; while ip -n near link show va > /dev/null 2>&1; do sleep 0.02; done; echo $((($(date +%s%N) - t) / 1000000))`))
    console.info(`from the start of ip netns del to the end of the veth: ${ms} ms`)
    expect(ms).toBeLessThan(2000)
    await watcher.waitFor('the end of a route', record => record.kind === 'route-change' && record.route.dst === '10.0.78.32/32' && record.change === 'delete')
    const known = toldOf(/^far$/).filter(({ change, verdict }) => change === 'delete' && (verdict === 'caused' || losses().length === 0))
    expect(known.filter(({ cause }) => cause.id !== 'netns-destroyed')).toEqual([])
    expect(leftOf(/^far$/)).toEqual({ after: [], problems: [] })
    await must(guest, 'ip netns del near')
  })

  afterAll(async () => {
    for (const stage of stages) await stage.close()
    const { exitCode, stderr } = await watcher.stop('TERM')
    await must(guest, countingEnd)
    const summary = watcher.arrivals.at(-1)?.record
    expect({ exitCode, stderr, lost: summary?.kind === 'summary' ? summary.lost : undefined }).toEqual({ exitCode: 143, stderr: '', lost: losses().reduce((all, { count }) => all + (count ?? 0), 0) })
    expect(routeChanges(watcher.arrivals).length).toBe(summary?.kind === 'summary' ? summary.changes : undefined)
    expect(await must(guest, 'ip netns list; ip netns list-id')).toBe('')
  }, 120_000)
})

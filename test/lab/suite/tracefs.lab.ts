// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { must, reachGuest } from '../guest.ts'
import { startWatcher } from '../watcher.ts'
import type { Watcher } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const at = '/sys/kernel/tracing'
const spaces = ['clean-a', 'clean-b', 'clean-c'] as const

/** Instances and groups of kprobes, ours and others'. */
async function inTracefs(): Promise<{ readonly ours: readonly string[]; readonly others: readonly string[] }> {
  const listed = await must(guest, `ls ${at}/instances; sed 's,^[^:]*:\\([^/]*\\)/.*,\\1,' ${at}/kprobe_events | sort -u`)
  const names = listed.split('\n').filter(name => name !== '')
  const isOurs = (name: string): boolean => /^routecause[-_]\d/.test(name)
  return { ours: names.filter(isOurs).map(name => name.replaceAll('_', '-')), others: names.filter(name => !isOurs(name)).sort() }
}
const hits = async (): Promise<number> => Number(await must(guest, `sed -n 's,^ *theirs *\\([0-9]*\\) .*,\\1,p' ${at}/kprobe_profile`))
const end = async (netns: string, signal: string): Promise<void> => { await must(guest, `kill -${signal} $(cat /run/watch-${netns}-ftrace.pid)`) }

beforeAll(async () => {
  await must(guest, [
    `mountpoint -q ${at} || mount -t tracefs nodev ${at}`,
    // Another tracer, at work.
    `mkdir ${at}/instances/theirs; echo 'p:theirs/theirs vfs_write' >> ${at}/kprobe_events; echo 1 > ${at}/instances/theirs/events/theirs/theirs/enable`,
    ...spaces.map(name => `ip netns add ${name}; ip -n ${name} link set lo up`),
  ].join('\n'))
})

afterAll(async () => {
  await must(guest, [`rmdir ${at}/instances/theirs; echo '-:theirs/theirs' >> ${at}/kprobe_events`, ...spaces.map(name => `ip netns del ${name}`)].join('\n'))
})

/** Tells of a route in its namespace, and goes on. */
async function sees(watcher: Watcher, netns: string, dst: string): Promise<void> {
  const from = watcher.arrivals.length
  await must(guest, `ip -n ${netns} route add blackhole ${dst}`)
  await watcher.waitFor(`${dst} in ${netns}`, record => record.kind === 'route-change' && record.route.dst === dst && record.confidence === 'proved', from)
}

test('what is put into the kernel goes with whoever put it there, and nobody else\'s does', { timeout: 1_200_000 }, async () => {
  const [a, b] = await Promise.all([startWatcher(guest, 'clean-a', 'ftrace'), startWatcher(guest, 'clean-b', 'ftrace')])
  const two = await inTracefs()
  expect(new Set(two.ours).size).toBe(2)
  expect(two.others).toEqual(['theirs', 'theirs'])

  await a.stop('INT')
  const one = await inTracefs()
  expect(new Set(one.ours).size).toBe(1)
  await sees(b, 'clean-b', '192.0.2.0/25')

  await end('clean-b', 'KILL')
  await b.stop('INT').catch(() => undefined)
  // Nobody was left to take them off.
  expect((await inTracefs()).ours).toEqual(one.ours)

  const c = await startWatcher(guest, 'clean-c', 'ftrace')
  const next = await inTracefs()
  expect(new Set(next.ours).size).toBe(1)
  expect(next.ours[0]).not.toBe(one.ours[0])
  await sees(c, 'clean-c', '192.0.2.128/25')
  await c.stop('TERM')

  const before = await hits()
  await must(guest, 'echo > /dev/null')
  expect(await inTracefs()).toEqual({ ours: [], others: ['theirs', 'theirs'] })
  expect(await hits()).toBeGreaterThan(before)
})

// SPDX-License-Identifier: MIT
import { execaSync } from 'execa'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { withSection } from '../../../src/dev/sections.ts'
import { differences, playChanges } from '../conservation.ts'
import { readExpected } from '../expectation.ts'
import { judgeByMessages } from '../netlink-judge.ts'
import { messagesTable, shareOfRight } from '../messages-table.ts'
import type { MessagesRow } from '../messages-table.ts'
import { openNetnsStage } from './stage.ts'
import type { Part } from './stage.ts'

const folder = join(import.meta.dirname, '../../../fixtures/scenarios')
const page = join(import.meta.dirname, '../../../docs/accuracy.md')
const hasRoot = process.getuid?.() === 0
const skip = !hasRoot ? 'needs root to make network namespaces' : execaSync('ip', ['-V'], { reject: false }).failed ? 'needs iproute2' : execaSync('nsenter', ['-V'], { reject: false }).failed ? 'needs nsenter' : undefined
const standIns = skip === undefined && !makes('dummy')

/** What takes a few seconds each. ROUTECAUSE_LAB=all plays all that this host can play. */
const some = ['address-ipv4', 'address-ipv6', 'address-metric', 'anycast-sockets', 'dad-anycast', 'dead-legs', 'device-moved', 'disable-ipv6', 'flush', 'forwarding-on-off', 'last-address', 'link-up-down', 'linkdown-ignored', 'nexthop-removed', 'nexthop-replaced', 'rules', 'secondaries-removed', 'secondary-promoted']
/** Of those, what these need besides iproute2, sysctl and python3; whole daemons are left to the lab. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'pid-namespace': ['busybox'], 'router-advertisement': ['radvd'], 'router-turned-host': ['ping'], 'path-mtu': ['ping'], 'path-mtu-tunnel': ['ping'], 'icmp-redirect': ['ping'],
}
const daemons = /^(networkd|network-manager|bird|keepalived|dhclient|wg-quick|zebra|forwarding-frr|war$|two-owners)/
/** With stand-ins `ip` is a function, which has no path. */
const notWithStandIns = ['hostile-names']
const kinds: Readonly<Record<string, string>> = { 'first-vrf': 'vrf', 'vrf-membership': 'vrf', 'vrf-removed': 'vrf', 'bond-port': 'bond', 'stacked-devices': 'macvlan', 'tunnel-addresses': 'sit', 'default-replaced': 'veth', 'icmp-redirect': 'bridge', 'subnet-router-anycast': 'vrf' }
/** They leave no messages, or next to none. */
const untold = ['refused-requests', 'path-mtu', 'path-mtu-tunnel', 'no-change', 'advertised-in-place', 'changed-in-place']

function makes(kind: string): boolean {
  const added = execaSync('unshare', ['-n', 'ip', 'link', 'add', 'probe0', 'type', kind], { reject: false })
  return !added.failed
}
const isAll = process.env['ROUTECAUSE_LAB'] === 'all'
const canPlay = (name: string): boolean => existsSync(join(folder, name, 'expected.json')) && !daemons.test(name) && !untold.includes(name) && !(standIns && notWithStandIns.includes(name))
  && (needs[name] ?? []).every(program => !execaSync('which', [program], { reject: false }).failed) && (kinds[name] === undefined || makes(kinds[name]))
const names = skip !== undefined ? [] : readdirSync(folder).filter(name => (isAll || some.includes(name)) && canPlay(name))

const faultsOf = ({ before, after, told }: Part): string[] => {
  const { after: expected, problems } = playChanges(before.tables, told.flatMap(change => change.kind === 'route-change' || change.kind === 'route-flags' ? [change] : []))
  const { missing, unexplained } = differences(expected, after.tables)
  return [...problems, ...missing.map(route => `said to be there, and is not: ${route}`), ...unexplained.map(route => `is there, and nothing said so: ${route}`)]
}

describe.skipIf(skip !== undefined)(`watch --tier netlink in network namespaces${skip === undefined ? '' : ` (${skip})`}`, () => {
  const rows: MessagesRow[] = []

  test.for(names)('%s', { timeout: 120_000 }, async (name) => {
    const expected = await readExpected(join(folder, name, 'expected.json'))
    const stage = await openNetnsStage(`rcn-${process.pid}`, name, { standIns })
    try {
      const parts = [await stage.play('prepare'), await stage.play('act'), await stage.play('clean')]
      const { told, besides, origins } = judgeByMessages(expected, parts[1]?.told ?? [])
      rows.push({ name, told, besides: besides.length })
      expect.soft(origins).toEqual([])
      expect.soft(parts.map(faultsOf)).toEqual([[], [], []])
      expect.soft(told.filter(one => one.actor === 'wrong' || one.kind.startsWith('wrong')).map(one => one.what)).toEqual([])
      expect.soft(parts.flatMap(part => part.told).filter(change => change.confidence === 'proved')).toEqual([])
    } finally {
      expect.soft(await stage.close()).toBe(143)
    }
  })

  afterAll(async () => {
    const all = rows.flatMap(({ told }) => told)
    if (all.length === 0) return
    const table = messagesTable(`Linux ${release().split('-')[0] ?? ''}`, rows)
    if (isAll && process.env['ACCURACY'] === 'write') await writeFile(page, withSection(await readFile(page, 'utf8'), 'netlink', table, 'test/lab/netns'))
    else console.info(table.join('\n'))
    // What to work on next.
    if (isAll) console.info(rows.flatMap(({ name, told }) => told.filter(({ kind }) => kind !== 'right').map(({ kind, what }) => `${name}: ${kind}: ${what}`)).join('\n'))
    expect(all.filter(one => one.actor === 'wrong' || one.kind === 'wrong-cause' || one.kind === 'wrong-trigger')).toEqual([])
    expect(shareOfRight(rows)).toBeGreaterThanOrEqual(0.7)
  })
})

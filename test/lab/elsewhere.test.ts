// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import { anycast } from '../report/records.ts'
import type { RouteChangeOutput } from '../../src/model/output.ts'
import { agreementOf, byNamespace, leftovers, wrongElsewhere } from './elsewhere.ts'

const change = (ms: number, more: Partial<RouteChangeOutput> = {}, inode = 77, dst = 'fd00::1/128'): RouteChangeOutput =>
  ({ ...anycast, bootTimeNs: String(ms * 1_000_000), route: { ...anycast.route, dst, netns: { inode } }, ...more })

describe('a namespace that comes and goes', () => {
  test.for<[string, readonly RouteChangeOutput[], number]>([
    ['adds up', [change(1), change(2, { change: 'delete' })], 0],
    ['adds up where its route was found there', [change(1, { kind: 'route-present' }), change(2, { change: 'delete' })], 0],
    ['does not where the end of a route is not told', [change(1)], 1],
    ['does not where the route that ends was not told', [change(1, { change: 'delete' })], 1],
  ])('%s', ([, told, faults]) => { expect(leftovers(told)).toHaveLength(faults) })

  test('is one of many', () => {
    const all = byNamespace([change(1), { kind: 'ready', time: '', bootTimeNs: '1' }, change(2, {}, 78), change(3, { change: 'delete' })])
    expect([...all].map(([inode, told]) => [inode, told.length])).toEqual([[77, 2], [78, 1]])
  })
})

describe('what two watchers tell of it', () => {
  test.for<[string, readonly RouteChangeOutput[], readonly number[]]>([
    ['is alike', [change(1005)], [1, 0, 0]],
    ['is not, where another one is named', [change(1005, { actor: { ...anycast.actor, pid: 7 } })], [0, 1, 0]],
    ['is not, where one of them is not sure', [change(1005, { confidence: 'likely' })], [0, 1, 0]],
    ['is not compared where it is about another time', [change(5000)], [0, 0, 2]],
    ['is not compared where it is about another namespace', [change(1005, {}, 78)], [0, 0, 2]],
    ['is told by one of them', [], [0, 0, 1]],
    ['is compared once', [change(1005), change(1010)], [1, 0, 1]],
  ])('%s', ([, others, [alike, unlike, onlyOne]]) => {
    const found = agreementOf([change(1000)], others)
    expect([found.alike, found.unlike.length, found.onlyOne.length]).toEqual([alike, unlike, onlyOne])
  })
})

test.for<[string, string | undefined, number]>([['one', 'one', 0], ['', 'one', 0], ['one', 'two', 1], ['one', undefined, 0], ['one', '1234:ip', 0], ['one', 'ssh.service', 0]])(
  'a command for "%s" has done this in %s, as far as that is a name to call it by: %i faults', ([asked, name, faults]) => {
    const argv = ['ip', ...asked === '' ? [] : ['-n', asked], 'route', 'add', 'fd00::1/128', 'dev', 'lo', 'table', '1001']
    const told = change(1, { actor: { ...anycast.actor, argv }, cause: { id: 'route-request', title: '' }, trigger: { kind: 'netlink-request', request: 'add', flags: [] } })
    const route = { ...told.route, type: 'unicast', dev: 'lo', protocol: 3, netns: name === undefined ? { inode: 77 } : { inode: 77, name } }
    expect(wrongElsewhere({ ...told, route })).toHaveLength(faults)
  })

// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import { judgeByMessages } from './netlink-judge.ts'

const ip = { kind: 'process', comm: 'ip', uid: 0, argv: { $words: 'ip route add 10.0.0.0/8 dev d0' } }
const act = { actor: ip, cause: { id: 'route-request' }, trigger: { kind: 'netlink-request', request: 'add', flags: ['excl', 'create'] }, changes: [{ change: 'add', route: { dst: '10.0.0.0/8' } }] }
const expected = (...acts: readonly object[]) => ({ title: '', nothingElse: true, first: false, acts: acts as never })
const told = (more: object = {}) => ({
  kind: 'route-change', change: 'add', silent: false, route: { dst: '10.0.0.0/8' }, verdict: 'caused', confidence: 'likely', cause: { id: 'route-request' },
  trigger: { kind: 'netlink-request', request: 'add', flags: ['create'] }, actor: { kind: 'process', pid: 5, comm: 'ip', argv: ['ip', 'route', 'add', '10.0.0.0/8', 'dev', 'd0'], uid: 0 }, ...more,
}) as never
const deleted = { change: 'delete', trigger: { kind: 'netlink-request', request: 'delete' } }
const judged = (more: object = {}) => judgeByMessages(expected(act), [told(more)]).told.map(({ kind, actor }) => [kind, actor])

describe('judgeByMessages', () => {
  test.for([
    { name: 'a cause with its trigger and its actor', more: {}, is: ['right', 'right'] },
    { name: 'a cause without an actor', more: { actor: { kind: 'unknown' } }, is: ['right', 'absent'] },
    { name: 'a process of which only the number is known', more: { actor: { kind: 'process', pid: 5 } }, is: ['right', 'absent'] },
    { name: 'arguments that could not be read', more: { actor: { kind: 'process', pid: 5, comm: 'ip', argv: [], argvTruncated: true } }, is: ['right', 'right'] },
    { name: 'an argument cut at its slash', more: { actor: { kind: 'process', comm: 'ip', argv: ['ip', 'route', 'add', '10.0.0.0', '8', 'dev', 'd0'] } }, is: ['right', 'right'] },
    { name: 'another program', more: { actor: { kind: 'process', pid: 6, comm: 'zebra' } }, is: ['right', 'wrong'] },
    { name: 'another command line', more: { actor: { kind: 'process', pid: 6, comm: 'ip', argv: ['ip', 'route', 'add', '11.0.0.0/8'] } }, is: ['right', 'wrong'] },
    { name: 'a router in place of a process', more: { actor: { kind: 'router', address: 'fe80::1' } }, is: ['right', 'wrong'] },
    { name: 'another cause', more: { cause: { id: 'route-ioctl' } }, is: ['wrong-cause', 'right'] },
    { name: 'another request', more: { trigger: { kind: 'netlink-request', request: 'replace', flags: [] } }, is: ['wrong-trigger', 'right'] },
    { name: 'a flag that the request did not have', more: { trigger: { kind: 'netlink-request', request: 'add', flags: ['append'] } }, is: ['wrong-trigger', 'right'] },
    { name: 'a trigger of which nothing is said', more: { trigger: { kind: 'unknown' } }, is: ['cause-only', 'right'] },
    { name: 'rivals, the right one among them', more: { cause: { id: 'route-ioctl' }, rivals: [{ cause: { id: 'route-request' }, tellApart: '' }] }, is: ['rivals', 'right'] },
    { name: 'rivals without the right one', more: { cause: { id: 'route-ioctl' }, rivals: [{ cause: { id: 'link-up' }, tellApart: '' }] }, is: ['wrong-cause', 'right'] },
    { name: 'what is said not to be known', more: { verdict: 'unknown', actor: { kind: 'unknown' } }, is: ['unknown', 'absent'] },
    { name: 'another effect', more: { change: 'replace' }, is: ['untold', 'absent'] },
    { name: 'silence that was none', more: { silent: true }, is: ['untold', 'absent'] },
  ])('$name', ({ more, is }) => { expect(judged(more)).toEqual([is]) })

  test('gives each expectation the change that is right for it, in whatever order they come', () => {
    const other = { ...act, cause: { id: 'route-ioctl' }, trigger: { kind: 'ioctl', request: 'SIOCADDRT' } }
    const changes = [told(), told({ cause: { id: 'route-ioctl' }, trigger: { kind: 'ioctl', request: 'SIOCADDRT' } })]
    for (const acts of [[act, other], [other, act]]) expect(judgeByMessages(expected(...acts), changes).told.map(({ kind }) => kind)).toEqual(['right', 'right'])
  })

  test.for([
    { name: 'as the first version says', changes: [told()], besides: 0, is: ['right'] },
    { name: 'as another one says', changes: [told(), told(deleted)], besides: 0, is: ['right', 'right'] },
    { name: 'in part as another one says', changes: [told(deleted)], besides: 0, is: ['untold', 'right'] },
    { name: 'as none says', changes: [told({ change: 'replace' })], besides: 1, is: ['untold'] },
  ])('programs that differ: $name', ({ changes, besides, is }) => {
    const alsoDeletes = { ...act, trigger: { kind: 'netlink-request', request: 'delete' }, changes: [{ change: 'delete', route: { dst: '10.0.0.0/8' } }] }
    const judgement = judgeByMessages({ ...expected(act), otherwise: [{ note: '', besides: [alsoDeletes] }] }, changes)
    expect([judgement.besides.length, judgement.told.map(({ kind }) => kind)]).toEqual([besides, is])
  })

  test('names what was told besides', () => {
    const { besides } = judgeByMessages(expected(act), [told(), told()])
    expect(besides).toHaveLength(1)
  })
})

test.for([
  { name: 'cut at its sign', argv: ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding', '0'], actor: 'right' },
  { name: 'with another value', argv: ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding', '1'], actor: 'wrong' },
  { name: 'of another setting', argv: ['sysctl', '-qw', 'net.ipv6.conf.d0.forwarding', '0'], actor: 'wrong' },
  { name: 'with one argument more', argv: ['sysctl', '-qw', 'net.ipv6.conf.all.forwarding', '0', '0'], actor: 'wrong' },
])('an assignment $name is $actor', ({ argv, actor }) => {
  const words = 'sysctl -qw net.ipv6.conf.all.forwarding=0'
  const one = { ...act, actor: { kind: 'process', comm: 'sysctl', argv: { $words: words } } }
  expect(judgeByMessages(expected(one), [told({ actor: { kind: 'process', pid: 5, comm: 'sysctl', argv } })]).told.map(own => own.actor)).toEqual([actor])
})

test('of what is told twice, the first one is that of the first act', () => {
  const silent = (origin: string): object => ({ origin, silent: true, change: 'delete', cause: { id: 'link-down' }, trigger: { kind: 'link-state', dev: 'd0' }, actor: { kind: 'unknown' } })
  const down = { cause: { id: 'link-down' }, trigger: { kind: 'link-state', dev: 'd0' }, changes: [{ change: 'delete', route: { dst: '10.0.0.0/8' }, silent: true }] }
  expect(judgeByMessages(expected({ ...down, changes: [...down.changes, { change: 'delete', route: { dst: '11.0.0.0/8' }, silent: true }] }, down), [told(silent('a')), told({ ...silent('a'), route: { dst: '11.0.0.0/8' } }), told(silent('b'))]).origins).toEqual([])
})

// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import type { RouteOutput } from '../../src/model/output.ts'
import { differences, keyOfDumped, keyOfReported, playChanges } from './conservation.ts'
import type { TableChange } from './conservation.ts'
import { countsOf } from './truth.ts'

const netns = { inode: 1 }
const common = { type: 'unicast', table: 254, protocol: 3, netns } as const
const v4 = (dst: string, more: Partial<RouteOutput> = {}): RouteOutput => ({ ...common, family: 'ipv4', dst, scope: 'global', metric: 0, ifindex: 2, ...more })
const v6 = (...gateways: string[]): RouteOutput =>
  ({ ...common, family: 'ipv6', dst: '2001:db8::/48', scope: 'global', metric: 1024, nexthops: gateways.map(gateway => ({ gateway, ifindex: 2, weight: 1 })) })
const leg = (gateway: string) => ({ gateway, ifindex: 2, weight: 1 })
const devices = new Map([['d0', 2], ['lo', 1]])

describe('a dumped route and a told one have one key', () => {
  test.for<{ name: string; family: 'ipv4' | 'ipv6'; dumped: Parameters<typeof keyOfDumped>[0]; told: RouteOutput }>([
    { name: 'a connected IPv4 route', family: 'ipv4', dumped: { type: '1', dst: '192.0.2.0/24', dev: 'd0', protocol: '2', scope: '253', prefsrc: '192.0.2.1' }, told: v4('192.0.2.0/24', { protocol: 2, scope: 'link', prefsrc: '192.0.2.1' }) },
    { name: 'a host route without length', family: 'ipv4', dumped: { type: '2', dst: '192.0.2.1', dev: 'd0', table: '255', scope: '254' }, told: v4('192.0.2.1/32', { type: 'local', table: 255, scope: 'host' }) },
    { name: 'the default route', family: 'ipv4', dumped: { type: '1', dst: 'default', gateway: '192.0.2.2', dev: 'd0' }, told: v4('0.0.0.0/0', { gateway: '192.0.2.2' }) },
    { name: 'a gateway of the other family', family: 'ipv4', dumped: { type: '1', dst: '192.0.2.0/24', via: { host: 'fe80::1' }, dev: 'd0' }, told: v4('192.0.2.0/24', { gateway: 'fe80::1' }) },
    { name: 'a blackhole with TOS', family: 'ipv4', dumped: { type: '6', dst: '10.0.0.0/8', tos: '0x04', metric: 5 }, told: { ...common, family: 'ipv4', dst: '10.0.0.0/8', scope: 'global', type: 'blackhole', tos: 4, metric: 5 } },
    { name: 'IPv6 multipath in another order', family: 'ipv6', dumped: { type: '1', dst: '2001:db8::/48', metric: 1024, nexthops: [{ gateway: 'fe80::2', dev: 'd0', weight: 1 }, { gateway: 'fe80::1', dev: 'd0', weight: 1 }] }, told: v6('fe80::1', 'fe80::2') },
    { name: 'a nexthop object, whose legs are not the route\'s', family: 'ipv4', dumped: { type: '1', dst: '10.0.0.0/8', nhid: 7, gateway: '192.0.2.2', dev: 'd0' }, told: v4('10.0.0.0/8', { nhid: 7 }) },
  ])('$name', ({ family, dumped, told }) => {
    expect(keyOfDumped(dumped, family, devices)).toBe(keyOfReported(told))
  })

  test('but not when metric, device or table differ', () => {
    const keys = [v4('10.0.0.0/8'), v4('10.0.0.0/8', { metric: 1 }), v4('10.0.0.0/8', { ifindex: 3 }), v4('10.0.0.0/8', { table: 100 })].map(route => keyOfReported(route))
    expect(new Set(keys).size).toBe(4)
  })
})

describe('playChanges', () => {
  test.for<{ name: string; before: RouteOutput[]; change: TableChange; after: RouteOutput[] }>([
    { name: 'adds', before: [], change: { change: 'add', route: v4('10.0.0.0/8') }, after: [v4('10.0.0.0/8')] },
    { name: 'keeps two equal routes apart', before: [v4('10.0.0.0/8')], change: { change: 'append', position: 'last', route: v4('10.0.0.0/8') } as TableChange, after: [v4('10.0.0.0/8'), v4('10.0.0.0/8')] },
    { name: 'deletes one of two equal routes', before: [v4('10.0.0.0/8'), v4('10.0.0.0/8')], change: { change: 'delete', route: v4('10.0.0.0/8') }, after: [v4('10.0.0.0/8')] },
    { name: 'replaces', before: [v4('10.0.0.0/8')], change: { change: 'replace', route: v4('10.0.0.0/8', { gateway: '192.0.2.1' }), replaced: v4('10.0.0.0/8') }, after: [v4('10.0.0.0/8', { gateway: '192.0.2.1' })] },
    { name: 'adds a leg', before: [v6('fe80::1', 'fe80::2')], change: { change: 'append', route: { ...v6('fe80::1', 'fe80::2', 'fe80::3'), legs: [leg('fe80::3')] } }, after: [v6('fe80::1', 'fe80::2', 'fe80::3')] },
    { name: 'takes a leg', before: [v6('fe80::1', 'fe80::2', 'fe80::3')], change: { change: 'delete', route: { ...v6('fe80::1', 'fe80::3'), legs: [leg('fe80::2')] } }, after: [v6('fe80::1', 'fe80::3')] },
  ])('$name', ({ before, change, after }) => {
    expect(playChanges(before.map(route => keyOfReported(route)), [change])).toEqual({ after: after.map(route => keyOfReported(route)).sort(), problems: [] })
  })

  test('names a removal of what was not there', () => {
    expect(playChanges([], [{ change: 'delete', route: v4('10.0.0.0/8') }]).problems).toEqual([expect.stringMatching(/^delete takes away what is not there: .*10\.0\.0\.0\/8/)])
  })
})

test('differences counts equal routes one by one', () => {
  expect(differences(['a', 'a', 'b'], ['a', 'c'])).toEqual({ missing: ['a', 'b'], unexplained: ['c'] })
})

test('countsOf tells silent deletes from announced ones, and legs from routes', () => {
  const silent = false
  expect(countsOf([
    { change: 'add', route: v4('10.0.0.0/8'), silent },
    { change: 'replace', route: v4('10.0.0.0/8'), replaced: v4('10.0.0.0/8'), silent },
    { change: 'delete', route: v4('10.0.0.0/8'), silent: true },
    { change: 'delete', route: { ...v6('fe80::1'), legs: [leg('fe80::2')] }, silent },
    { change: 'replace', route: v6('fe80::3'), replaced: v6('fe80::1', 'fe80::2'), silent },
    { change: 'delete', route: v6('fe80::1', 'fe80::2'), silent },
  ])).toEqual({ notify4: 2, notify6: 3, rtmsgFib: 2, aliasDelete: 1, purge6: 5 })
})

test('countsOf takes a route on a nexthop object for one entry', () => {
  const route = { ...v6('fe80::1', 'fe80::2'), nhid: 7 }
  expect(countsOf([{ change: 'delete', route, silent: false }, { change: 'replace', route: v6('fe80::3'), replaced: route, silent: false }])).toMatchObject({ purge6: 2 })
  expect(countsOf([{ change: 'replace', route, replaced: v6('fe80::1', 'fe80::2'), silent: false }])).toMatchObject({ purge6: 2 })
})

test('countsOf expects no removed leg where a route changed where it is', () => {
  const change = { change: 'replace' as const, route: v6('fe80::1'), replaced: v6('fe80::1'), silent: false }
  expect(countsOf([{ ...change, cause: { id: 'router-advertisement' } }])).toMatchObject({ notify6: 1, purge6: 0 })
  expect(countsOf([{ ...change, silent: true }])).toMatchObject({ notify6: 0, purge6: 0 })
  expect(countsOf([{ ...change, cause: { id: 'route-request' } }])).toMatchObject({ notify6: 1, purge6: 1 })
})

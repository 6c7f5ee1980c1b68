// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest'
import type { RouteChangeOutput, Trigger } from '../../src/model/output.ts'
import { judgeByArgv } from './argv-oracle.ts'
import { parseIp } from './ip-command.ts'

type Told = { readonly change?: string; readonly cause: string; readonly trigger: Trigger; readonly route?: object }

const asked = (request: string): Trigger => ({ kind: 'netlink-request', request, flags: [] })
const told = (argv: string, { change = 'add', cause, trigger, route }: Told): RouteChangeOutput => ({
  change, cause: { id: cause }, trigger, actor: { kind: 'process', pid: 7, argv: argv.split(' ') },
  route: { family: 'ipv4', dst: '198.51.100.0/24', type: 'unicast', table: 254, metric: 0, dev: 'd0', ...route },
}) as unknown as RouteChangeOutput
const requested = (request: string, route: object = {}, change = 'add'): Told => ({ cause: 'route-request', trigger: asked(request), route, change })
const address: Trigger = { kind: 'address-change', event: 'added', address: '192.0.2.1/24', dev: 'd0' }
const linkSet: Trigger = { kind: 'link-state', dev: 'd0', state: 'down' }
const six = { family: 'ipv6', dst: '2001:db8:1::/48', metric: 1024 }

describe('what the command line says', () => {
  test.for([
    ['ip -netns ns1 ro add 198.51.100.0/24 dev d0', requested('add')],
    ['/usr/sbin/ip -n ns1 -6 ro del 2001:db8:1::/48', requested('delete', six, 'delete')],
    ['ip -netns ns1 -6 route add 2001:DB8:1:0::/48 metric 1024', requested('add', six)],
    ['ip -netns ns1 route replace 198.51.100.0/24 via 192.0.2.2 table 100', requested('replace', { table: 100, nexthops: [{ gateway: '192.0.2.2' }] }, 'replace')],
    ['ip -netns ns1 ro add unreachable default metric 5 table 1', requested('add', { dst: '0.0.0.0/0', type: 'unreachable', metric: 5, table: 1, dev: undefined })],
    ['ip -netns ns1 -6 ro add vrf red unreachable default', requested('add', { ...six, dst: '::/0', type: 'unreachable', table: 1 })],
    ['ip -netns ns1 ro add vrf red 2001:db8:1::/48 via 2001:db8::1', requested('add', { ...six, table: 1, gateway: '2001:db8::1' })],
    ['ip -netns ns1 ro replace 198.51.100.0/24 nhid 23', requested('replace', { nhid: 23, type: 'blackhole' })],
    ['ip -netns ns1 ro flush 198.51.100.0/24', requested('delete', { metric: 9, nhid: 3 }, 'delete')],
    ['ip -netns ns1 ro append vrf red 198.51.100.0/24 via inet6 fe80::1 dev d0', requested('append', { table: 1, gateway: 'fe80::1' }, 'append')],
    ['ip -netns ns1 addr add 192.0.2.1/24 dev d0', { cause: 'ipv4-address-added', trigger: address }],
    ['ip -netns ns1 addr flush dev d0', { change: 'delete', cause: 'ipv4-address-removed', trigger: { ...address, event: 'removed' } }],
    ['ip -netns ns2 li set d0 down', { change: 'delete', cause: 'link-down', trigger: linkSet }],
    ['ip -netns ns1 link set dev d0 vrf red up', { change: 'delete', cause: 'vrf-membership', trigger: linkSet }],
    ['ip -netns ns1 nexthop replace id 5 via 192.0.2.3 dev d0', { change: 'replace', cause: 'nexthop-replaced', trigger: { kind: 'nexthop-change', id: 5, event: 'replaced' }, route: { nhid: 5 } }],
    ['sysctl -qw net.ipv6.conf.all.forwarding=1', { cause: 'subnet-router-anycast', trigger: { kind: 'sysctl', name: 'net.ipv6.conf.all.forwarding', value: 1 } }],
  ] as const)('%s fits', ([argv, change]) => {
    expect(judgeByArgv(told(argv, change), 'ns1')).toEqual({ kind: 'fits' })
  })

  test.for([
    ['another verb', 'ip -netns ns1 ro add 198.51.100.0/24', requested('replace')],
    ['another effect', 'ip -netns ns1 ro add 198.51.100.0/24', requested('add', {}, 'delete')],
    ['another destination', 'ip -netns ns1 ro add 198.51.101.0/24', requested('add')],
    ['another table', 'ip -netns ns1 ro add 198.51.100.0/24 table 9', requested('add')],
    ['the usual table', 'ip -netns ns1 ro add 198.51.100.0/24', requested('add', { table: 9 })],
    ['another gateway', 'ip -netns ns1 ro add 198.51.100.0/24 via 192.0.2.9', requested('add', { gateway: '192.0.2.2' })],
    ['another device', 'ip -netns ns1 ro add 198.51.100.0/24 dev d1', requested('add')],
    ['another metric', 'ip -netns ns1 ro add 198.51.100.0/24 metric 7', requested('add')],
    ['another family', 'ip -netns ns1 -6 ro flush table 9', requested('delete', { table: 9 }, 'delete')],
    ['another namespace', 'ip -netns ns2 ro add 198.51.100.0/24', requested('add')],
    ['an address for a route', 'ip -netns ns1 addr add 192.0.2.1/24 dev d0', requested('add')],
    ['a route for an address', 'ip -netns ns1 ro add 198.51.100.0/24', { cause: 'ipv4-address-added', trigger: address }],
    ['another address', 'ip -netns ns1 addr add 192.0.2.2/24 dev d0', { cause: 'ipv4-address-added', trigger: address }],
    ['the end of an address', 'ip -netns ns1 addr del 192.0.2.1/24 dev d0', { cause: 'ipv4-address-added', trigger: address }],
    ['up for down', 'ip -netns ns1 link set d0 up', { change: 'delete', cause: 'link-down', trigger: linkSet }],
    ['another link', 'ip -netns ns1 link set d1 down', { change: 'delete', cause: 'link-down', trigger: linkSet }],
    ['another nexthop', 'ip -netns ns1 nexthop del id 6', { change: 'delete', cause: 'nexthop-removed', trigger: { kind: 'nexthop-change', id: 5, event: 'removed' }, route: { nhid: 5 } }],
    ['another sysctl', 'sysctl -qw net.ipv6.conf.d0.forwarding=1', { cause: 'subnet-router-anycast', trigger: { kind: 'sysctl', name: 'net.ipv6.conf.all.forwarding', value: 1 } }],
    ['a command that reads', 'ip -netns ns1 route get 198.51.100.1', requested('add')],
    ['a rule', 'ip -netns ns1 rule add table 9', requested('add')],
    ['a bystander', 'ping -c1 198.51.100.1', requested('add')],
  ] as const)('%s is wrong', ([, argv, change]) => {
    expect(judgeByArgv(told(argv, change), 'ns1').kind).toBe('wrong')
  })

  test.for(['ip -batch -', 'ip -netns ns1 -force -b file', 'bash script.sh', 'ip netns del ns1'])('%s is not judged', (argv) => {
    expect(judgeByArgv(told(argv, requested('add')), 'ns1').kind).toBe('not judged')
  })

  test('words are short, as ip(8) takes them', () => {
    expect(parseIp('ip n'.split(' '))?.object).toBe('neighbor')
    expect(parseIp('ip nex del id 3'.split(' '))).toEqual({ object: 'nexthop', verb: 'delete', rest: ['id', '3'] })
    expect(parseIp('ip -6 -netns a r l'.split(' '))).toEqual({ object: 'route', verb: 'list', rest: [], family: 'ipv6', netns: 'a' })
  })
})

// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest'
import { withNetworkBroadcasts } from './network-broadcast.ts'

const scenario = (...dsts: string[]) => ({ title: '', nothingElse: true, first: false, acts: [{ trigger: { address: '192.0.2.1/24' }, changes: dsts.map(dst => ({ change: 'add', route: { dst, dev: 'd0' } })) }] })
const dstsOf = ({ acts }: ReturnType<typeof scenario>): readonly string[] => acts.flatMap(({ changes }) => changes.map(({ route }) => route.dst))

test.for([
  { name: 'a broadcast route', dsts: ['192.0.2.1/32', '192.0.2.255/32', '192.0.2.0/24'], becomes: ['192.0.2.1/32', '192.0.2.255/32', '192.0.2.0/32', '192.0.2.0/24'] },
  { name: 'one of a prefix named elsewhere in the scenario', dsts: ['10.7.255.255/32', '10.4.0.0/14'], becomes: ['10.7.255.255/32', '10.4.0.0/32', '10.4.0.0/14'] },
  { name: 'one of no prefix that is named', dsts: ['198.51.100.255/32'], becomes: ['198.51.100.255/32'] },
  { name: 'a route that is no broadcast', dsts: ['192.0.2.7/32', '0.0.0.0/0', '2001:db8::/64', '192.0.2.255/31'], becomes: ['192.0.2.7/32', '0.0.0.0/0', '2001:db8::/64', '192.0.2.255/31'] },
])('$name', ({ dsts, becomes }) => {
  expect(dstsOf(withNetworkBroadcasts(scenario(...dsts) as never) as never)).toEqual(becomes)
})

test('what was replaced is renamed with it, and other versions of programs get theirs', () => {
  const change = { route: { dst: '192.0.2.255/32' }, replaced: { dst: '192.0.2.255/32' } }
  const named = withNetworkBroadcasts({ ...scenario('192.0.2.0/24'), otherwise: [{ note: '', besides: [{ changes: [change] }] }] })
  expect(JSON.stringify(named.otherwise)).toContain('{"route":{"dst":"192.0.2.0/32"},"replaced":{"dst":"192.0.2.0/32"}}')
})

// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { ImpactOutput } from '../../../src/model/output.ts'
import { must, reachGuest } from '../guest.ts'
import { startWatcher } from '../watcher.ts'
import type { Watcher } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const marker = '10.9.9.9'
const stage = 'bash /project/test/lab/guest/impact/stage.sh'

type Case = { readonly name: string; readonly act: string; readonly undo: string; readonly hits: readonly string[]; /** The way back does not bring all of it back. */ readonly cleared?: readonly string[] }

/** `ip` is that of the watched namespace. A line of `hits`: what, effect, remotes. */
const cases: readonly Case[] = [
  { name: 'the IPv6 address of the peer in a VRF, given to this host', act: 'ip -6 addr add fd00:3::2/128 dev vrf3 nodad', undo: 'ip -6 addr del fd00:3::2/128 dev vrf3', hits: ['tcp local-delivery fd00:3::2'] },
  { name: 'a blackhole in one VRF', act: 'ip route add blackhole 10.3.0.2/32 vrf vrf3', undo: 'ip route del blackhole 10.3.0.2/32 vrf vrf3', hits: ['tcp unreachable 10.3.0.2'] },
  { name: 'a device that leaves its VRF', act: 'ip link set near3 nomaster', undo: 'ip link set near3 master vrf3; ip -6 addr add fd00:3::1/64 dev near3 nodad', hits: ['tcp other-vrf 10.3.0.2', 'tcp source-gone fd00:3::2'] },
  { name: 'the address of the peer in a VRF, given to this host', act: 'ip addr add 10.3.0.2/32 dev vrf3', undo: 'ip addr del 10.3.0.2/32 dev vrf3', hits: ['tcp local-delivery 10.3.0.2'] },
  { name: 'an unreachable route of IPv6 in one VRF', act: 'ip -6 route add unreachable fd00:4::2/128 vrf vrf4', undo: 'ip -6 route del unreachable fd00:4::2/128 vrf vrf4', hits: ['tcp unreachable fd00:4::2'] },
  { name: 'the address that sessions in a VRF come from, taken away', act: 'ip -6 addr del fd00:3::1/64 dev near3', undo: 'ip -6 addr add fd00:3::1/64 dev near3 nodad', hits: ['tcp source-gone fd00:3::2'] },
  { name: 'another way for IPv6 in a VRF', act: 'ip -6 route add fd00:4::2/128 via fd00:3::2 dev near3 vrf vrf4', undo: 'ip -6 route del fd00:4::2/128 vrf vrf4', hits: ['tcp other-device fd00:4::2'] },
  { name: 'another way in a VRF', act: 'ip route add 10.4.0.2/32 via 10.3.0.2 dev near3 vrf vrf4', undo: 'ip route del 10.4.0.2/32 vrf vrf4', hits: ['tcp other-device 10.4.0.2'] },
  ...['1', '2', '3', '4', '5', '6'].map((host): Case => ({ name: `a tunnel endpoint, 10.30.0.${host}`, act: `ip route add 10.30.0.${host}/32 via 10.1.0.2`, undo: `ip route del 10.30.0.${host}/32`, hits: [`tunnel other-device 10.30.0.${host}`] })),
  { name: 'a tunnel endpoint of IPv6', act: 'ip -6 route add fd00:30::1/128 via fd00:1::2', undo: 'ip -6 route del fd00:30::1/128', hits: ['tunnel other-device fd00:30::1'] },
  { name: 'a blackhole outside', act: 'ip route add blackhole 10.0.0.2/32', undo: 'ip route del blackhole 10.0.0.2/32', hits: ['tcp unreachable 10.0.0.2', 'udp unreachable 10.0.0.2'] },
  { name: 'nothing: the same destination in a VRF that has no session to it', act: 'ip route add blackhole 10.0.0.2/32 vrf vrf3; ip -6 route add blackhole fd00:0::2/128 vrf vrf4', undo: 'ip route del blackhole 10.0.0.2/32 vrf vrf3; ip -6 route del blackhole fd00:0::2/128 vrf vrf4', hits: [] },
  { name: 'nothing: the destinations of VRFs in the main table', act: 'ip route add blackhole 10.3.0.2/32; ip -6 route add blackhole fd00:4::2/128', undo: 'ip route del blackhole 10.3.0.2/32; ip -6 route del blackhole fd00:4::2/128', hits: [] },
  { name: 'nothing: another VRF with the same addresses', act: 'ip link add vrf9 type vrf table 109; ip link set vrf9 up; ip link add d9 type dummy; ip link set d9 master vrf9 up; ip addr add 10.3.0.2/24 dev d9; ip -6 addr add fd00:3::2/64 dev d9 nodad', undo: 'ip link del d9; ip link del vrf9', hits: [] },
  { name: 'nothing: another namespace with the same addresses', act: 'command ip netns add im-else; i() { command ip -n im-else "$@"; }; i link add d9 type dummy; i link set d9 up; i addr add 10.0.0.1/24 dev d9; i addr add 10.0.0.2/32 dev d9; i -6 addr add fd00:0::2/128 dev d9 nodad; i route add blackhole 10.30.0.1/32', undo: 'command ip netns del im-else', hits: [] },
]

const told = ({ status, what, effect, endpoints }: ImpactOutput): string => `${status} ${what} ${effect} ${endpoints.map(({ remote }) => remote).sort().join(' ')}`

describe('impact, with VRFs and tunnels', () => {
  let watcher: Watcher
  let seen = 0
  const impacts = (): ImpactOutput[] => watcher.arrivals.flatMap(({ record }) => record.kind === 'impact' ? [record] : [])
  const run = (commands: string): Promise<string> => must(guest, `ip() { command ip -n im "$@"; }; ${commands}`)

  /** What was told until the session of the marker, moved after all that, was told to move. */
  async function since(): Promise<string[]> {
    const from = watcher.arrivals.length
    const isMarker = (status: string) => (record: { readonly kind: string }): boolean => record.kind === 'impact' && (record as ImpactOutput).status === status && (record as ImpactOutput).endpoints[0]?.remote === marker
    await run(`ip route add ${marker}/32 via 10.1.0.2`)
    await watcher.waitFor('the marker', isMarker('expected'), from)
    await run(`ip route del ${marker}/32`)
    await watcher.waitFor('the end of the marker', isMarker('cleared'), from)
    const all = impacts()
    const fresh = all.slice(seen).filter(one => one.endpoints[0]?.remote !== marker)
    seen = all.length
    // Whether the cache has an entry for a peer just then is for the kernel to say.
    return fresh.filter(({ what }) => what !== 'neighbour').map(told).sort()
  }

  beforeAll(async () => {
    await must(guest, `${stage} up`, 120_000)
    // It dates ends as the other tracer does, and attaches at once.
    watcher = await startWatcher(guest, 'im', 'ftrace')
  }, 600_000)

  test('all endpoints are watched', { timeout: 60_000 }, async () => {
    // A session does not wait for it.
    await watcher.waitFor('what is watched', record => record.kind === 'impact-scope')
    const scopes = watcher.arrivals.flatMap(({ record }) => record.kind === 'impact-scope' ? [record] : [])
    expect(scopes).toMatchObject([{ watched: { tcp: 7, udp: 1, tunnel: 7 }, unchecked: [] }])
  })

  test.each(cases)('$name', { timeout: 120_000 }, async ({ act, undo, hits, cleared = hits }) => {
    await run(act)
    expect.soft(await since()).toEqual(hits.map(hit => `expected ${hit}`).sort())
    await run(undo)
    expect.soft(await since()).toEqual(cleared.map(hit => `cleared ${hit}`).sort())
  })

  // Too soon for any question to the kernel: ss -K ends it as a reset would.
  test.each([
    { name: 'a session that is moved and ends at once is told, with its end', act: 'ip route add blackhole 10.3.0.2/32 vrf vrf3; end 10.3.0.2', hits: ['expected tcp unreachable 10.3.0.2', 'observed tcp unreachable 10.3.0.2'] },
    { name: 'nothing: a session that ended before it would have been moved', act: 'end [fd00:3::2]; ip -6 addr add fd00:3::2/128 dev vrf3 nodad', hits: [] },
    { name: 'nothing: a session that ends as another VRF loses its address', act: 'ip -6 route add blackhole fd00:4::2/128 vrf vrf3; end [fd00:4::2]', hits: [] },
    { name: 'a session of IPv6 that is moved and ends at once', act: 'ip -6 addr add fd00:0::2/128 dev lo nodad; end [fd00:0::2]', hits: ['expected tcp local-delivery fd00::2', 'observed tcp local-delivery fd00::2'] },
  ])('$name', { timeout: 120_000 }, async ({ act, hits }) => {
    await run(`end() { nsenter --net=/run/netns/im ss -K dst "$1" > /dev/null; }; ${act}`)
    expect(await since()).toEqual(hits)
  })

  test('a VRF that goes takes its sessions along, and no others', { timeout: 120_000 }, async () => {
    await run('ip link del vrf4')
    expect((await since()).filter(text => text.startsWith('expected'))).toEqual(['expected tcp unreachable 10.4.0.2'])
  })

  afterAll(async () => {
    await watcher.stop('TERM')
    await must(guest, `${stage} down`)
  }, 120_000)
})

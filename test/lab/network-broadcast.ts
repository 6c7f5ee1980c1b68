// SPDX-License-Identifier: MIT
import type { ExpectedScenario } from './expectation.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

type Pattern = Readonly<Record<string, unknown>>

/**
 * Until 5.13 an IPv4 address brings a second broadcast route, to the address of its network (net/ipv4/fib_frontend.c, fib_add_ifaddr()).
 * Expectations are written without: each broadcast route of one is joined by that of the network, if the scenario names a prefix that has both.
 */
export function withNetworkBroadcasts(expected: ExpectedScenario): ExpectedScenario {
  const networkOf = new Map([...JSON.stringify(expected).matchAll(/"(\d+\.\d+\.\d+\.\d+)\/(\d+)"/g)].flatMap(([, address = '', length = '']) => {
    const bits = Number(length)
    if (bits >= 31 || bits === 0) return []
    const host = 2 ** (32 - bits)
    const network = Math.floor(numberOf(address) / host) * host
    return [[textOf(network + host - 1), textOf(network)] as const]
  }))
  const twice = (change: Pattern): readonly Pattern[] => {
    const dst = (change['route'] as Pattern | undefined)?.['dst']
    const network = typeof dst === 'string' && dst.endsWith('/32') ? networkOf.get(dst.slice(0, -3)) : undefined
    return network === undefined ? [change] : [change, renamed(change, String(dst), `${network}/32`)]
  }
  const acts = (list: ExpectedScenario['acts']): ExpectedScenario['acts'] => list.map(act => ({ ...act, changes: act.changes.flatMap(twice) }))
  const { otherwise } = expected
  return {
    ...expected, acts: acts(expected.acts),
    ...otherwise && { otherwise: otherwise.map(other => 'acts' in other ? { ...other, acts: acts(other.acts) } : { ...other, besides: acts(other.besides) }) },
  }
}

/** The same with another destination, also in what was replaced. */
function renamed(value: Pattern, from: string, to: string): Pattern {
  return JSON.parse(JSON.stringify(value).replaceAll(`"${from}"`, `"${to}"`)) as Pattern
}

const numberOf = (address: string): number => address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0)
const textOf = (address: number): string => [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.')

/** Whether the kernel of the guest does so: it is tried. */
export const hasNetworkBroadcasts = async (guest: Guest): Promise<boolean> => (await must(guest,
  'ip netns add probe; ip -n probe link add d0 type dummy; ip -n probe link set d0 up; ip -n probe addr add 192.0.2.1/24 dev d0; ip -n probe route show table local; ip netns del probe')).includes('broadcast 192.0.2.0 ')

// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { WhyAnswer } from '../../../src/model/why.ts'
import { whySchema } from '../../../src/report/schema-why.ts'
import { shortAnswer, unsaid } from '../../why/said.ts'
import { must, reachGuest } from '../guest.ts'

const guest = reachGuest(inject('guest'))
const inside = (script: string): Promise<string> => must(guest, `nsenter --net=/run/netns/why bash -euc '${script}'`)
const why = async (words: string): Promise<WhyAnswer> => {
  const { stdout, stderr } = await guest.run(`cd /project && node dist/routecause.cjs why --json --netns why ${words}`, { timeoutMs: 120_000 })
  if (stdout === '') throw new Error(stderr)
  return whySchema.parse(JSON.parse(stdout))
}

// What a kernel without VRFs and kprobes cannot show; the rest is test/why.
beforeAll(async () => {
  await must(guest, 'ip netns add why')
  await inside(`ip link set lo up
    ip link add red type vrf table 10; ip link set red up
    for dev in d0 d1; do ip link add $dev type dummy; ip link set $dev addrgenmode none; done
    ip link set d0 master red; ip link set d0 up; ip link set d1 up
    ip addr add 192.0.2.1/24 dev d0; ip addr add 2001:db8:1::1/64 dev d0 nodad; ip addr add 198.51.100.1/24 dev d1
    ip route add default via 192.0.2.9 table 10; ip route add unreachable 10.0.0.0/8 table 10; ip route add blackhole 10.0.0.0/8
    until ip -6 route show table 10 type local | grep -q 2001:db8:1::1; do sleep 0.05; done`)
})
afterAll(() => must(guest, 'ip netns del why'))

describe('why in a VRF', () => {
  test('a neighbour of a port', async () => {
    const answer = await why('192.0.2.9 --vrf red')
    expect(shortAnswer(answer)).toEqual([
      'read: 192.0.2.9 goes out by d0: route 192.0.2.0/24, table red.', 'inferred: The kernel made it for address 192.0.2.1/24 on d0.',
      'read: Rule 1000 asked table red; 1 other route leads there, not taken.',
    ])
    expect(unsaid(answer, ['read: Table 10 is that of VRF red, of which d0 is a port; rule 1000 (l3mdev) leads packets of the VRF there.', 'rule 1000: from all l3mdev: table red answers', 'loser 0.0.0.0/0 table red: a shorter prefix'])).toEqual([])
    expect(answer.kernel.agrees).toBe(true)
  })

  test('the same address outside of it', async () => {
    const answer = await why('192.0.2.9')
    expect(shortAnswer(answer)[0]).toBe('read: No route leads to 192.0.2.9 (ENETUNREACH, "Network is unreachable").')
    expect(unsaid(answer, ['rule 1000: from all l3mdev: it is for packets of a VRF', 'loser 192.0.2.0/24 table red: rule 1000 leads to its table, but it is for packets of a VRF'])).toEqual([])
  })

  test.for([
    ['10.1.1.1 --vrf red', 'read: 10.1.1.1 is refused with EHOSTUNREACH, "No route to host": unreachable 10.0.0.0/8, table red.'],
    ['10.1.1.1', 'read: 10.1.1.1 is refused with EINVAL, "Invalid argument": blackhole 10.0.0.0/8, table main.'],
    ['203.0.113.7 --vrf red', 'read: 203.0.113.7 goes via 192.0.2.9 by d0: route 0.0.0.0/0, table red.'],
    ['192.0.2.1 --vrf red', 'read: 192.0.2.1 is delivered to this host: local 192.0.2.1/32, table red.'],
    ['198.51.100.1', 'read: 198.51.100.1 is delivered to this host: local 198.51.100.1/32, table local.'],
    ['2001:db8:1::7 --vrf red', 'read: 2001:db8:1::7 goes out by d0: route 2001:db8:1::/64, table red.'],
    ['192.0.2.9%d0', 'read: 192.0.2.9 goes out by d0: route 192.0.2.0/24, table red.'],
  ] as const)('why %s', async ([words, first]) => {
    const answer = await why(words)
    expect({ first: shortAnswer(answer)[0], agrees: answer.kernel.agrees }).toEqual({ first, agrees: true })
  })

  test('subnet-router anycast', async () => {
    await inside('sysctl -qw net.ipv6.conf.all.forwarding=1; until ip -6 route show table 10 type anycast | grep -q 2001:db8:1::; do sleep 0.05; done')
    const answer = await why('2001:db8:1:: --vrf red')
    expect(shortAnswer(answer).slice(0, 2)).toEqual([
      'read: 2001:db8:1:: is delivered to this host: anycast 2001:db8:1::/128, table red.', 'inferred: Subnet-router anycast of 2001:db8:1::1/64 on d0, which forwards IPv6.',
    ])
    await inside('sysctl -qw net.ipv6.conf.all.forwarding=0')
  })
})

test('one IPv4 address brings three routes in two tables, and a fourth one before Linux 5.14', async () => {
  const [major = 0, minor = 0] = (await must(guest, 'uname -r')).split('.').map(Number)
  const hasNetworkBroadcast = major < 5 || (major === 5 && minor < 14)
  const answer = await why('198.51.100.0')
  const [number, list] = hasNetworkBroadcast
    ? ['4', '198.51.100.0/24 dev d1 table main; broadcast 198.51.100.0/32 dev d1 table local; local 198.51.100.1/32 dev d1 table local; broadcast 198.51.100.255/32 dev d1 table local']
    : ['3', '198.51.100.0/24 dev d1 table main; local 198.51.100.1/32 dev d1 table local; broadcast 198.51.100.255/32 dev d1 table local']
  expect(shortAnswer(answer)[0]).toBe(`read: 198.51.100.0 ${hasNetworkBroadcast ? 'is sent as a broadcast out by d1: broadcast 198.51.100.0/32, table local.' : 'goes out by d1: route 198.51.100.0/24, table main.'}`)
  expect(unsaid(answer, [`read: Address 198.51.100.1/24 on d1 has ${number} routes in 2 tables: ${list}.`])).toEqual([])
  expect(answer.kernel.agrees).toBe(true)
})

test('an anycast address that a socket joined: by which program, found in its open files', { timeout: 180_000 }, async () => {
  const join = 'import socket,struct,time; s=socket.socket(socket.AF_INET6,socket.SOCK_DGRAM); s.setsockopt(41,27,socket.inet_pton(socket.AF_INET6,"2001:db8:7::abcd")+struct.pack("=I",socket.if_nametoindex("d1"))); time.sleep(600)'
  await must(guest, `ip -n why addr add 2001:db8:7::1/64 dev d1 nodad; cat > /run/join.py <<'PY'\n${join}\nPY\nnsenter --net=/run/netns/why python3 /run/join.py > /dev/null 2>&1 & echo $! > /run/join.pid; until ip -n why -6 route show table local type anycast | grep -q abcd; do sleep 0.05; done`)
  const pid = (await must(guest, 'cat /run/join.pid')).trim()
  const answer = await why('2001:db8:7::abcd')
  expect(shortAnswer(answer).slice(0, 2)).toEqual([
    'read: 2001:db8:7::abcd is delivered to this host: anycast 2001:db8:7::abcd/128, table local.', expect.stringMatching(new RegExp(`^inferred: python3\\[${pid}\\].* joined the anycast address with a socket \\(IPV6_JOIN_ANYCAST\\)\\.$`)),
  ])
  await must(guest, `kill ${pid}`)
})

test('with a recording that was traced, the origin is proved', { timeout: 1_200_000 }, async () => {
  const recorder = guest.spawn('cd /project; echo $$ > /run/why-recorder.pid; exec node dist/routecause.cjs record --netns why --force -o /run/why.rcr --attach-timeout 900')
  const isTold = (sign: string): Promise<void> => new Promise((resolve, reject) => {
    let printed = ''
    recorder.child.stdout.on('data', (chunk: Buffer) => { if ((printed += chunk.toString()).includes(sign)) resolve() })
    void recorder.child.then(({ stdout, stderr }) => { reject(new Error(`the recorder ended: ${stdout}${stderr}`)) })
  })
  await isTold(' ready: ')
  const came = isTold('anycast 2001:db8:1::/128')
  await inside('sysctl -qw net.ipv6.conf.all.forwarding=1')
  await came
  await must(guest, 'kill -INT $(cat /run/why-recorder.pid)')
  await recorder.child
  const answer = await why('2001:db8:1:: --vrf red --recording /run/why.rcr')
  expect(shortAnswer(answer)[1]).toMatch(/^observed: .* UTC \(proved\): sysctl\[\d+\] wrote net\.ipv6\.conf\.all\.forwarding 0 -> 1: subnet-router anycast 2001:db8:1:: became an address of this host on d0\.$/)
  expect(answer.origins.map(({ id, standing }) => `${id} ${standing}`).slice(0, 2)).toEqual(['recording observed', 'subnet-router-anycast likely'])
})

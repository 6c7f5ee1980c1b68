// SPDX-License-Identifier: MIT
import type { OutputRecord } from '../../src/model/output.ts'

/** What the recording of the incident has to say, and does not. */
export function faultsOf(records: readonly OutputRecord[]): readonly string[] {
  const changes = records.flatMap(record => record.kind === 'route-change' ? [record] : [])
  const anycast = ['fdc0:3489:e0fd::/128', 'fdc0:3489:e0fe::/128'].map(dst => changes.find(({ change, route }) => change === 'add' && route.type === 'anycast' && route.dst === dst))
  const faults = anycast.flatMap((change, at) => {
    if (change === undefined) return [`no anycast route in vrf${at + 1}`]
    const { cause, confidence, trigger, actor } = change
    return [
      ...cause?.id === 'subnet-router-anycast' && confidence === 'proved' ? [] : [`vrf${at + 1}: the cause is ${cause?.id ?? 'none'}, ${confidence ?? 'unknown'}`],
      ...trigger?.kind === 'sysctl' && trigger.name === 'net.ipv6.conf.all.forwarding' && trigger.value === 1 ? [] : [`vrf${at + 1}: the trigger is ${JSON.stringify(trigger)}`],
      ...actor.comm === 'sysctl' && actor.uid === 0 ? [] : [`vrf${at + 1}: the actor is ${actor.comm ?? actor.kind}, uid ${actor.uid ?? 'unknown'}`],
      ...(actor.ancestry ?? []).some(({ comm }) => comm === 'bash') ? [] : [`vrf${at + 1}: no shell among the parents`],
    ]
  })
  const origins = new Set(anycast.map(change => change?.origin))
  if (origins.size > 1) faults.push('the anycast routes have several origins')
  const learnt = changes.filter(({ change, route }) => change === 'delete' && route.dst === '2001:db8:ffff::/48').map(({ route }) => route.tableName)
  for (const vrf of ['vrf1', 'vrf2']) if (!learnt.includes(vrf)) faults.push(`${vrf}: it is not told that the route of BGP went`)
  const expected = records.flatMap(record => record.kind === 'impact' && record.status === 'expected' && record.what === 'tcp' ? [record.headline] : [])
  if (expected.join() !== '2 BGP sessions of bgpd now point at this host') faults.push(`what is expected to break is not one record of both sessions: ${expected.join('; ') || 'none'}`)
  // Both at once, or each when it fell.
  const observed = records.flatMap(record => record.kind === 'impact' && record.status === 'observed' && record.owner?.comm === 'bgpd' ? record.endpoints.map(({ remote }) => remote) : [])
  for (const neighbour of ['fdc0:3489:e0fd::', 'fdc0:3489:e0fe::']) if (!observed.includes(neighbour)) faults.push(`it is not observed that bgpd lost its session with ${neighbour}`)
  return [...faults, ...changes.filter(({ verdict }) => verdict === 'unknown').map(({ route }) => `${route.dst} is unknown`)]
}

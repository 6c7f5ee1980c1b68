// SPDX-License-Identifier: MIT
import type { RouteChangeOutput } from '../../src/model/output.ts'
import { parseIp, wordAfter } from './ip-command.ts'
import type { IpCommand } from './ip-command.ts'
import { isPrefix, prefix } from './prefix.ts'
import { routeFaults } from './route-oracle.ts'

/** What the command line of the named actor says about a change that was told as its doing. */
export type Judgement =
  | { readonly kind: 'fits' }
  | { readonly kind: 'wrong'; readonly why: readonly string[] }
  | { readonly kind: 'not judged'; readonly why: string }

/** Programs that run beside the tests and change no route. */
const bystanders = ['ping', 'ping6', 'sleep', 'tc', 'grep', 'awk', 'mawk', 'sed', 'jq', 'bridge', 'modprobe']

/** The namespace has no name yet that commands could call it by. */
export const nameless = Symbol('nameless')
export type Home = string | undefined | typeof nameless

/** Compares who was named with what it was asked to do. `home`: name by which commands call the namespace of the change, undefined: they run in it. */
export function judgeByArgv(change: RouteChangeOutput, home: Home): Judgement {
  const { actor } = change
  if (actor.kind !== 'process') return { kind: 'not judged', why: `the actor is ${actor.kind}` }
  if (actor.argv === undefined || actor.argvTruncated === true) return { kind: 'not judged', why: 'the command line is not known whole' }
  const name = actor.argv[0]?.split('/').at(-1) ?? ''
  if (bystanders.includes(name)) return { kind: 'wrong', why: [`${name} changes no route`] }
  const command = parseIp(actor.argv)
  const why = name === 'sysctl' ? sysctlFaults(change, actor.argv) : command === undefined ? undefined : ipFaults(change, command, home)
  if (why === undefined) return { kind: 'not judged', why: name === 'ip' ? `ip ${command?.object ?? '-batch'}` : name }
  return why.length === 0 ? { kind: 'fits' } : { kind: 'wrong', why }
}

function ipFaults(change: RouteChangeOutput, command: IpCommand, home: Home): string[] | undefined {
  if (['list', 'get'].includes(command.verb)) return ['a command that only reads']
  // A device may have its peer in another namespace; all else is done where it is asked for.
  const isElsewhere = command.object !== 'link' && home !== nameless && command.netns !== home ? [`done in namespace ${command.netns}, not ${home}`] : []
  switch (command.object) {
    case 'route': return [...isElsewhere, ...routeFaults(change, command)]
    case 'address': return [...isElsewhere, ...addressFaults(change, command)]
    case 'nexthop': return [...isElsewhere, ...nexthopFaults(change, command)]
    case 'link': return linkFaults(change, command)
    case 'rule': case 'neighbor': return [`ip ${command.object} changes no route`]
    default: return undefined
  }
}

function addressFaults({ change, route, cause, trigger }: RouteChangeOutput, { verb, rest }: IpCommand): string[] {
  const isRemoval = verb === 'delete' || verb === 'flush'
  const version = route.family
  const causes = isRemoval
    ? [`${version}-address-removed`, 'ipv4-secondary-promoted', 'subnet-router-anycast']
    : [`${version}-address-added`, 'subnet-router-anycast']
  const named = rest.find(isPrefix)
  const told = trigger.kind === 'address-change' ? trigger : undefined
  const isNamed = named === undefined || told?.address === undefined || rest.includes('peer') || told.address === prefix(named, version, true)
  const dev = wordAfter(rest, 'dev')
  return [
    ...causes.includes(cause.id) ? [] : [`addr ${verb} is not ${cause.id}`],
    ...told !== undefined && (told.event === 'removed') === isRemoval ? [] : [`addr ${verb} is not ${JSON.stringify(trigger)}`],
    ...isNamed ? [] : [`address ${told?.address}, the command says ${named}`],
    ...dev === undefined || told?.dev === undefined || told.dev === dev ? [] : [`device ${told.dev}, the command says ${dev}`],
    ...isRemoval && change !== 'delete' && cause.id !== 'ipv4-secondary-promoted' ? [`addr ${verb} does not make a ${change}`] : [],
  ]
}

function nexthopFaults({ cause, trigger, route }: RouteChangeOutput, { verb, rest }: IpCommand): string[] {
  const causes = { replace: ['nexthop-replaced', 'nexthop-removed'], delete: ['nexthop-removed', 'nexthop-replaced'], flush: ['nexthop-removed', 'nexthop-replaced'] }[verb] ?? []
  const id = Number(wordAfter(rest, 'id') ?? NaN)
  const told = trigger.kind === 'nexthop-change' ? trigger.id : undefined
  return [
    ...causes.includes(cause.id) ? [] : [`nexthop ${verb} is not ${cause.id}`],
    ...Number.isNaN(id) || told === undefined || told === id ? [] : [`nexthop ${told}, the command says ${id}`],
    ...route.nhid === undefined ? ['the route uses no nexthop object'] : [],
  ]
}

/** The device is cycled, so its addresses come anew. */
const membership = ['vrf-membership', 'nexthop-removed', 'subnet-router-anycast']
/** What may come of each word of `ip link set`. */
const linkCauses: Readonly<Record<string, readonly string[]>> = {
  up: ['link-up', 'link-carrier', 'subnet-router-anycast'],
  down: ['link-down', 'link-carrier', 'nexthop-removed'],
  master: membership, vrf: membership, nomaster: membership,
  netns: ['device-moved', 'nexthop-removed', 'link-carrier'],
  carrier: ['link-carrier', 'nexthop-removed', 'subnet-router-anycast'],
  mtu: ['link-mtu', 'nexthop-removed'],
  addrgenmode: ['address-generation'],
}

function linkFaults({ cause, trigger }: RouteChangeOutput, { verb, rest }: IpCommand): string[] {
  const causes = verb === 'delete' ? ['device-removed', 'nexthop-removed', 'vrf-membership'] : rest.flatMap(word => linkCauses[word] ?? [])
  const name = rest[0] === 'dev' ? rest[1] : rest[0]
  const told = trigger.kind === 'link-state' || trigger.kind === 'device' || trigger.kind === 'namespace' ? trigger : undefined
  const dev = told !== undefined && 'dev' in told ? told.dev : undefined
  return [
    ...causes.includes(cause.id) ? [] : [`link ${verb} ${rest.join(' ')} is not ${cause.id}`],
    ...told === undefined ? [`a link command is not ${JSON.stringify(trigger)}`] : [],
    ...dev === undefined || dev === name ? [] : [`device ${dev}, the command says ${name}`],
  ]
}

const sysctlCauses = ['subnet-router-anycast', 'advertised-routers-purged', 'disable-ipv6', 'address-generation', 'route-expired']

function sysctlFaults({ cause, trigger }: RouteChangeOutput, argv: readonly string[]): string[] {
  const asked = argv.filter(word => word.includes('=')).map(word => word.split('='))
  const told = trigger.kind === 'sysctl' ? [trigger.name, String(trigger.value)] : []
  return [
    ...sysctlCauses.includes(cause.id) ? [] : [`a sysctl is not ${cause.id}`],
    ...asked.some(([name, value]) => name === told[0] && value === told[1]) ? [] : [`the command does not set ${told.join(' to ') || trigger.kind}`],
  ]
}

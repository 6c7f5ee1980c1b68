// SPDX-License-Identifier: MIT
import type { RouteChangeOutput } from '../../src/model/output.ts'
import { wordAfter } from './ip-command.ts'
import type { IpCommand } from './ip-command.ts'
import { canonical, isPrefix, prefix } from './prefix.ts'

const effects: Readonly<Record<string, { readonly request: string; readonly changes: readonly string[] }>> = {
  add: { request: 'add', changes: ['add'] },
  append: { request: 'append', changes: ['add', 'append'] },
  prepend: { request: 'prepend', changes: ['add', 'append'] },
  replace: { request: 'replace', changes: ['add', 'replace'] },
  change: { request: 'change', changes: ['replace'] },
  delete: { request: 'delete', changes: ['delete'] },
  flush: { request: 'delete', changes: ['delete'] },
}
const routeTypes = ['unicast', 'local', 'broadcast', 'anycast', 'multicast', 'throw', 'unreachable', 'prohibit', 'blackhole']
const tables: Readonly<Record<string, number>> = { 0: 254, default: 253, main: 254, local: 255 }

/** How a change differs from what a command of `ip route` asked for. */
export function routeFaults({ change, route, cause, trigger }: RouteChangeOutput, { verb, rest, family }: IpCommand): string[] {
  const effect = effects[verb]
  // Table and VRF may stand before type and destination.
  const start = rest[0] === 'vrf' || rest[0] === 'table' ? 2 : 0
  const type = routeTypes.find(name => name === rest[start])
  const words = type === undefined ? rest : rest.toSpliced(start, 1)
  const first = ['to', 'exact'].includes(words[start] ?? '') ? words[start + 1] : words[start]
  const named = first !== undefined && isPrefix(first) ? prefix(first, family ?? route.family) : undefined
  const table = wordAfter(words, 'table')
  const isAnyTable = table === 'all' || wordAfter(words, 'vrf') !== undefined
  const usual = ['local', 'broadcast', 'anycast'].includes(type ?? '') ? 255 : 254
  // A nexthop object may be a blackhole, and so is the route on it then.
  const wanted: readonly (readonly [string, unknown, unknown])[] = [
    ['cause', cause.id, 'route-request'],
    ['request', trigger.kind === 'netlink-request' ? trigger.request : trigger.kind, effect?.request],
    ['family', route.family, family ?? (named?.includes(':') === true ? 'ipv6' : 'ipv4')],
    ['dst', route.dst, named ?? route.dst],
    ['type', route.type, type ?? (verb === 'flush' || verb === 'delete' || words.includes('nhid') ? route.type : 'unicast')],
    ['table', route.table, isAnyTable ? route.table : tables[table ?? ''] ?? Number(table ?? usual)],
    ['metric', route.metric, Number(wordAfter(words, 'metric', 'priority', 'preference') ?? route.metric)],
    ['nhid', route.nhid, verb === 'flush' ? route.nhid : Number(wordAfter(words, 'nhid') ?? route.nhid)],
    ['src', route.prefsrc, verb === 'flush' ? route.prefsrc : canonical(wordAfter(words, 'src')) ?? route.prefsrc],
    ['gateway', true, verb === 'flush' || hasLeg(route, 'gateway', canonical(gatewayOf(words)))],
    ['dev', true, verb === 'flush' || hasLeg(route, 'dev', wordAfter(words, 'dev', 'oif'))],
  ]
  const isEffect = effect?.changes.includes(change) === true
  return [
    ...isEffect ? [] : [`route ${verb} does not make a ${change}`],
    ...wanted.flatMap(([what, told, asked]) => Object.is(told, asked) || Number.isNaN(asked) ? [] : [`${what} ${String(told)}, the command says ${String(asked)}`]),
  ]
}

const gatewayOf = (words: readonly string[]): string | undefined =>
  words.includes('via') && /^inet6?$/.test(wordAfter(words, 'via') ?? '') ? words[words.indexOf('via') + 2] : wordAfter(words, 'via')

function hasLeg({ legs = [], nexthops = [], ...route }: RouteChangeOutput['route'], field: 'gateway' | 'dev', wanted: string | undefined): boolean {
  return wanted === undefined || [route, ...legs, ...nexthops].some(leg => leg[field] === wanted)
}

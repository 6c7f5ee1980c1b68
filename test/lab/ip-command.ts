// SPDX-License-Identifier: MIT

/** An invocation of ip(8), as far as its words say what it does. */
export type IpCommand = {
  readonly object: string
  readonly verb: string
  readonly rest: readonly string[]
  readonly family?: 'ipv4' | 'ipv6'
  readonly netns?: string
}

/** In the order in which ip(8) compares, by prefix: "n" is neighbor, "nex" is nexthop. */
const objects = `address addrlabel maddress route rule neighbor neighbour ntable ntbl link l2tp fou ila macsec tunnel tunl tuntap tap token
  tcpmetrics monitor xfrm mroute mrule netns netconf vrf sr nexthop mptcp ioam help stats`.split(/\s+/)

const synonyms = { show: 'list', lst: 'list', chg: 'change', neighbour: 'neighbor' }
const verbs: Readonly<Record<string, readonly string[]>> = {
  route: ['list', 'show', 'lst', 'get', 'add', 'change', 'chg', 'replace', 'prepend', 'append', 'test', 'delete', 'flush', 'save', 'restore'],
  address: ['add', 'change', 'chg', 'replace', 'delete', 'list', 'show', 'lst', 'flush', 'save', 'restore'],
  link: ['add', 'set', 'change', 'replace', 'delete', 'list', 'show', 'lst', 'property', 'afstats', 'xstats'],
  nexthop: ['add', 'replace', 'delete', 'list', 'show', 'lst', 'get', 'flush', 'bucket'],
}
const withValue = ['-n', '-netns', '-f', '-family', '-l', '-loops', '-rc', '-rcvbuf']

/** Undefined: not ip(8), or a batch, which does whatever its file says. */
export function parseIp([program = '', ...words]: readonly string[]): IpCommand | undefined {
  if (program.split('/').at(-1) !== 'ip') return undefined
  let family: IpCommand['family']
  let netns: string | undefined
  let at = 0
  for (; words[at]?.startsWith('-') === true; at++) {
    const option = words[at]?.replace(/^--/, '-') ?? ''
    if (/^-b(a|at|atc|atch)?$/.test(option)) return undefined
    if (option === '-4' || option === '-6') family = option === '-4' ? 'ipv4' : 'ipv6'
    if (!withValue.includes(option)) continue
    at++
    if (/^-n(etns)?$/.test(option)) netns = words[at]
  }
  const object = canonical(objects, words[at] ?? 'help')
  const verb = canonical(verbs[object] ?? [words[at + 1] ?? 'list'], words[at + 1] ?? 'list')
  return { object, verb, rest: words.slice(at + 2), ...family !== undefined && { family }, ...netns !== undefined && { netns } }
}

function canonical(names: readonly string[], word: string): string {
  const name = names.find(known => known.startsWith(word)) ?? word
  return (synonyms as Readonly<Record<string, string>>)[name] ?? name
}

/** The word that follows one of these keywords. */
export function wordAfter(words: readonly string[], ...keywords: readonly string[]): string | undefined {
  const at = words.findIndex(word => keywords.includes(word))
  return at < 0 ? undefined : words[at + 1]
}

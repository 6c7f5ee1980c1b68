// SPDX-License-Identifier: MIT
import { memberOffsets } from './btf.ts'
import { legCount } from './conservation.ts'
import type { RouteChangeOutput } from '../../src/model/output.ts'

/** How often the kernel ran each truth function for one namespace. */
export type TruthCounts = {
  /** rtnl_notify to RTNLGRP_IPV4_ROUTE. */
  readonly notify4: number
  /** rtnl_notify to RTNLGRP_IPV6_ROUTE. */
  readonly notify6: number
  readonly rtmsgFib: number
  readonly aliasDelete: number
  readonly purge6: number
  /** Calls of any of them, in whatever namespace, that the kernel could not count: the probe came while another one was at work. */
  readonly missed: number
}

export type CountedChange = Pick<RouteChangeOutput, 'change' | 'route' | 'replaced' | 'silent'> & { readonly cause?: { readonly id: string } }

const instance = '/sys/kernel/tracing/instances/routecause-lab'

/** Shell commands that make a tracefs instance, apart from everybody else's, count by histogram. Where the kernel has none (5.10 of Debian), nothing is counted. */
export function countingCommands(btf: Buffer): string {
  const offsets = memberOffsets(btf, ['net.ns', 'ns_common.inum', 'nl_info.nl_net'])
  const inode = (offsets['net.ns'] ?? 0) + (offsets['ns_common.inum'] ?? 0)
  const events = {
    notify: ['rtnl_notify', `netns=+${inode}($arg2):u32 group=$arg4:u32`, 'netns,group'],
    rtmsg_fib: ['rtmsg_fib', `netns=+${inode}(+${offsets['nl_info.nl_net']}($arg6)):u32`, 'netns'],
    alias_delete: ['fib_notify_alias_delete', `netns=+${inode}($arg1):u32`, 'netns'],
    purge6: ['fib6_purge_rt', `netns=+${inode}($arg3):u32`, 'netns'],
  }
  return [
    'set -e; mount -t tracefs none /sys/kernel/tracing 2> /dev/null || test -e /sys/kernel/tracing/kprobe_events',
    'grep -q hist:keys /sys/kernel/tracing/README || exit 0', `mkdir ${instance}`,
    ...Object.entries(events).flatMap(([event, [probed, fields, keys]]) => [
      `echo 'p:rclab/${event} ${probed} ${fields}' >> /sys/kernel/tracing/kprobe_events`,
      `echo 'hist:keys=${keys}:size=4096' > ${instance}/events/rclab/${event}/trigger`,
    ]),
  ].join('\n')
}

/** Shell commands that take it all away again. */
export const countingEnd = `[ -d ${instance} ] || exit 0
for t in ${instance}/events/rclab/*/trigger; do echo "!$(grep ^hist $t | sed 's/ .*//')" > $t; done
rmdir ${instance}; for e in notify rtmsg_fib alias_delete purge6; do echo "-:rclab/$e" >> /sys/kernel/tracing/kprobe_events; done`

/** Reads the histograms as settle.sh prints them; undefined: there are none. */
export function parseCounts(text: string, netnsInode: number): TruthCounts | undefined {
  if (!text.includes('/rclab/')) return undefined
  const read = (event: string, group?: number): number => {
    const section = text.split(/^@@ /m).find(part => new RegExp(`^\\S*/rclab/${event}/hist`).test(part)) ?? ''
    for (const [, keys = '', hits] of section.matchAll(/^\{(.*)\} hitcount: +(\d+)/gm)) {
      const values = Object.fromEntries([...keys.matchAll(/(\w+): +(\d+)/g)].map(([, name, value]) => [name, Number(value)]))
      if (values['netns'] === netnsInode && (group === undefined || values['group'] === group)) return Number(hits)
    }
    return 0
  }
  return { notify4: read('notify', 7), notify6: read('notify', 11), rtmsgFib: read('rtmsg_fib'), aliasDelete: read('alias_delete'), purge6: read('purge6'), missed: missesIn(text) }
}

/** kprobe_profile: event, hits, misses. */
const missesIn = (text: string): number =>
  [...text.matchAll(/^ +(?:notify|rtmsg_fib|alias_delete|purge6) +\d+ +(\d+)/gm)].reduce((sum, [, misses]) => sum + Number(misses), 0)

/**
 * What the kernel must have counted if exactly these changes happened:
 * - every announced change is one notification of its family, and an IPv4 one is one rtmsg_fib();
 * - every IPv4 delete, announced or silent, is one fib_notify_alias_delete(); a replace is none;
 * - every leg that leaves an IPv6 table, deleted or replaced, is one fib6_purge_rt(); a route that only follows its
 *   nexthop object (the same nhid before and after), whose router changed its preference, or that changed in silence (where it is),
 *   leaves none.
 */
export function countsOf(changes: readonly CountedChange[]): Omit<TruthCounts, 'missed'> {
  const notified = (family: string): number => changes.filter(change => change.route.family === family && !change.silent).length
  const removedLegs = ({ change, route, replaced, silent, cause }: CountedChange): number => {
    if (change === 'delete') return route.legs?.length ?? entriesOf(route)
    const followsObject = replaced?.nhid !== undefined && replaced.nhid === route.nhid
    const changedInPlace = followsObject || silent || cause?.id === 'router-advertisement'
    return change === 'replace' && replaced !== undefined && !changedInPlace ? entriesOf(replaced) : 0
  }
  return {
    notify4: notified('ipv4'), notify6: notified('ipv6'), rtmsgFib: notified('ipv4'),
    aliasDelete: changes.filter(change => change.route.family === 'ipv4' && change.change === 'delete').length,
    purge6: changes.filter(change => change.route.family === 'ipv6').reduce((sum, change) => sum + removedLegs(change), 0),
  }
}

/** IPv6 keeps each leg as an entry of its own; a route on a nexthop object is one entry, whatever legs the object has. */
const entriesOf = (route: RouteChangeOutput['route']): number => route.nhid === undefined ? legCount(route) : 1

/** How far the counts moved; undefined: nobody counted. */
export function countsBetween(before: TruthCounts | undefined, after: TruthCounts | undefined): TruthCounts | undefined {
  return before === undefined || after === undefined ? undefined : {
    notify4: after.notify4 - before.notify4, notify6: after.notify6 - before.notify6, rtmsgFib: after.rtmsgFib - before.rtmsgFib,
    aliasDelete: after.aliasDelete - before.aliasDelete, purge6: after.purge6 - before.purge6, missed: after.missed - before.missed,
  }
}

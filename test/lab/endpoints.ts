// SPDX-License-Identifier: MIT
import type { OutputRecord } from '../../src/model/output.ts'
import type { Stage } from './stage.ts'

const remote = '198.18.0.2'
const isMarker = (status: string) => (record: OutputRecord): boolean => record.kind === 'impact' && record.status === status && record.endpoints[0]?.remote === remote

/**
 * Until every watcher watches the endpoints of the namespace. They are looked for now and then, and nothing tells when: a socket that came
 * after them is found with them, or later, so it is moved until that is told.
 */
export async function awaitEndpoints(netns: string, stage: Stage): Promise<void> {
  const watchers = [stage.watcher, ...stage.beside.values()]
  const from = watchers.map(({ arrivals }) => arrivals.length)
  const ip = `ip -n ${netns}`
  await stage.run(`${ip} link add look0 type dummy; ${ip} link set look0 addrgenmode none up; ${ip} addr add 198.18.0.1/24 dev look0
    nsenter --net=/run/netns/${netns} bash -c 'exec 3<> /dev/udp/${remote}/9; exec sleep infinity' > /dev/null 2>&1 < /dev/null & echo $! > /run/look.pid`)
  for (let isKnown = false; !isKnown;) {
    await stage.run(`${ip} route add blackhole ${remote}/32`)
    isKnown = watchers.every(({ arrivals }, index) => arrivals.slice(from[index]).some(({ record }) => isMarker('expected')(record)))
    await stage.run(`${ip} route del blackhole ${remote}/32`)
  }
  for (const [index, one] of watchers.entries()) await one.waitFor('the end of the marker', isMarker('cleared'), from[index])
  await stage.run(`kill $(cat /run/look.pid); ${ip} link del look0`)
}

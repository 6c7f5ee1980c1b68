// SPDX-License-Identifier: MIT
import type { ChangeOutput, OutputRecord, RouteChangeOutput, Tier } from '../../src/model/output.ts'
import { isChange } from '../../src/report/happened.ts'
import { keyOfDumped } from './conservation.ts'
import type { DumpedRoute } from './conservation.ts'
import { startDecoys } from './decoys.ts'
import type { DecoyRates } from './decoys.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'
import { countingCommands, countingEnd, parseCounts } from './truth.ts'
import type { TruthCounts } from './truth.ts'
import { startWatcher } from './watcher.ts'
import type { Arrival, Watcher, Way } from './watcher.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The state of the namespace between two acts, while nothing moves. */
export type Moment = { readonly tables: readonly string[]; readonly counts: TruthCounts | undefined; readonly line: number; readonly linesBeside: ReadonlyMap<Tier, number> }

/** What happened and was told between two moments. */
export type Part = {
  readonly before: Moment
  readonly after: Moment
  readonly arrivals: readonly Arrival[]
  /** Of routes. */
  readonly changes: readonly RouteChangeOutput[]
  /** Of any kind. */
  readonly told: readonly ChangeOutput[]
  /** What watchers of other tiers told of the same. */
  readonly beside: ReadonlyMap<Tier, readonly Arrival[]>
  /** What the scenario printed. */
  readonly printed: string
}

/** A watched namespace with decoys, in which scenarios play one after the other. */
export type Stage = {
  readonly watcher: Watcher
  /** Watchers of other tiers, of the same namespace at the same time. */
  readonly beside: ReadonlyMap<Tier, Watcher>
  /** Where the stage stood before the first scenario. */
  readonly start: Moment
  /** It is no change, or one on the stage: a watcher may follow other namespaces, too. */
  isHere(record: OutputRecord): boolean
  play(scenario: string, part: 'prepare' | 'act' | 'clean'): Promise<Part>
  /** Runs a command in the guest, in the namespace that it starts in, and tells what came of it on the stage. */
  run(command: string, timeoutMs?: number): Promise<Part>
  moment(): Promise<Moment>
  stopDecoys(): Promise<readonly string[]>
  close(): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>
}

export const sentinelTable = 4243

/**
 * Prepares the namespace, starts counting and watching, then the decoys. The first tier is the one that is judged; the others watch beside it.
 * `shared`: a watcher of all namespaces, whose owner starts the counting, too; or 'all': the stage's own watchers are such ones.
 */
export async function openStage(guest: Guest, netns: string, rates?: DecoyRates, [tier, ...others]: readonly [Way?, ...Tier[]] = [], given?: Watcher | 'all'): Promise<Stage> {
  const shared = given === 'all' ? undefined : given
  const watched = given === 'all' ? undefined : netns
  await must(guest, `ip netns add ${netns}; ip -n ${netns} link set lo up`)
  if (shared === undefined) await startCounting(guest)
  const inode = Number(await must(guest, `stat -Lc %i /run/netns/${netns}`))
  const watcher = shared ?? await startWatcher(guest, watched, tier)
  const isHere = (record: OutputRecord): boolean => !isChange(record) || netnsOf(record).inode === inode
  const beside = new Map<Tier, Watcher>()
  for (const other of others) beside.set(other, await startWatcher(guest, watched, other))
  const decoys = rates && await startDecoys(guest, netns, rates)
  let insiders = decoys?.insiders
  let number = 0

  async function moment(): Promise<Moment> {
    number++
    const from = watcher.arrivals.length
    const fromBeside = new Map([...beside].map(([name, { arrivals }]) => [name, arrivals.length]))
    const state = JSON.parse(escapeControls(await must(guest, `bash /project/test/lab/guest/settle.sh ${netns} ${number} ${insiders ?? ''}`))) as State
    const dst = `10.255.${number >> 8}.${number & 255}/32`
    const isEnd = (record: OutputRecord): boolean => record.kind === 'route-change' && record.route.table === sentinelTable && record.route.dst === dst && record.change === 'delete' && isHere(record)
    const line = await watcher.waitFor(`the end of sentinel ${dst}`, isEnd, from)
    const linesBeside = new Map<Tier, number>()
    for (const [name, other] of beside) linesBeside.set(name, await other.waitFor(`the end of sentinel ${dst} (${name})`, isEnd, fromBeside.get(name)))
    const ifindexOf = new Map(state.links.map(link => [link.ifname, link.ifindex]))
    return {
      tables: [...state.routes4.map(route => keyOfDumped(route, 'ipv4', ifindexOf)), ...state.routes6.map(route => keyOfDumped(route, 'ipv6', ifindexOf))].sort(),
      counts: parseCounts(state.counts, inode), line, linesBeside,
    }
  }

  const play = (scenario: string, part: string): Promise<Part> =>
    run(`NS=${netns} nsenter --net=/run/netns/${netns} bash /project/fixtures/scenarios/${scenario}/scenario.sh ${part} 2>&1`)

  async function run(command: string, timeoutMs = 180_000): Promise<Part> {
    const before = last
    const printed = await must(guest, command, timeoutMs)
    const after = last = await moment()
    const arrivals = watcher.arrivals.slice(before.line + 1, after.line + 1).filter(({ record }) => isHere(record))
    return { before, after, arrivals, changes: routeChanges(arrivals), told: arrivals.flatMap(({ record }) => isChange(record) ? [record] : []), printed, beside: arrivalsBeside(before, after) }
  }

  /** What the others told between two moments. */
  const arrivalsBeside = (before: Moment, after: Moment): Map<Tier, readonly Arrival[]> => new Map([...beside].map(([name, { arrivals }]) =>
    [name, arrivals.slice((before.linesBeside.get(name) ?? -1) + 1, (after.linesBeside.get(name) ?? -1) + 1).filter(({ record }) => isHere(record))]))

  const start = await moment()
  let last = start
  return {
    watcher, beside, start, isHere, play, run, moment,
    stopDecoys: async () => { insiders = undefined; return await decoys?.stop() ?? [] },
    close: async () => {
      for (const other of beside.values()) await other.stop('TERM')
      const ending = shared === undefined ? await watcher.stop('TERM') : { exitCode: undefined, stderr: '' }
      await must(guest, `ip netns del ${netns}\n${shared === undefined ? countingEnd : ''}`)
      return ending
    },
  }
}

export async function startCounting(guest: Guest): Promise<void> {
  await must(guest, 'cp /sys/kernel/btf/vmlinux /results/btf')
  await must(guest, countingCommands(await readFile(join(guest.results, 'btf'))))
}

const netnsOf = (record: ChangeOutput): { readonly inode: number } => record.kind === 'rule-change' ? record.rule.netns : 'netns' in record ? record.netns : record.route.netns

export const routeChanges = (arrivals: readonly Arrival[]): RouteChangeOutput[] =>
  arrivals.flatMap(({ record }) => record.kind === 'route-change' ? [record] : [])

/** iproute2 6.1 prints control characters of device names as they are, which is no JSON. */
const escapeControls = (json: string): string =>
  json.replace(/[^\P{Cc}\n]/gu, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

type State = {
  readonly routes4: readonly DumpedRoute[]
  readonly routes6: readonly DumpedRoute[]
  readonly links: readonly { readonly ifname: string; readonly ifindex: number }[]
  readonly counts: string
}

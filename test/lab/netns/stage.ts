// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import type { ChangeOutput, OutputRecord } from '../../../src/model/output.ts'
import { isChange } from '../../../src/report/happened.ts'
import { keyOfDumped } from '../conservation.ts'
import type { DumpedRoute } from '../conservation.ts'

const root = join(import.meta.dirname, '../../..')

/** The tables between two acts, and the line of the watcher that tells all that came before. */
export type Moment = { readonly tables: readonly string[]; readonly line: number }
export type Part = { readonly before: Moment; readonly after: Moment; readonly told: readonly ChangeOutput[] }

/** A network namespace of this host, watched by messages alone, in which one scenario is played. */
export type NetnsStage = {
  readonly records: readonly OutputRecord[]
  play(part: 'prepare' | 'act' | 'clean'): Promise<Part>
  close(): Promise<number | null>
}

const sentinelTable = 4243
const limitMs = 30_000

export async function openNetnsStage(name: string, scenario: string, { standIns }: { readonly standIns: boolean }): Promise<NetnsStage> {
  await execa('ip', ['netns', 'add', name])
  await execa('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  const child = spawn(process.execPath, [join(root, 'dist/routecause.cjs'), 'watch', '--json', '--tier', 'netlink', '--netns', name], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const records: OutputRecord[] = []
  const lookers = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    records.push(JSON.parse(line) as OutputRecord)
    for (const look of lookers) look()
  })
  const lineOf = (what: string, fits: (record: OutputRecord) => boolean, from: number): Promise<number> => new Promise((resolve, reject) => {
    const timer = setTimeout(() => { lookers.delete(look); reject(new Error(`${what} did not come; the last: ${JSON.stringify(records.at(-1)).slice(0, 300)}`)) }, limitMs)
    const look = (): void => {
      const line = records.findIndex((record, index) => index >= from && fits(record))
      if (line < 0) return
      clearTimeout(timer)
      lookers.delete(look)
      resolve(line)
    }
    lookers.add(look)
    look()
  })
  const close = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    const [code] = await ended as [number | null]
    await execa('ip', ['netns', 'del', name], { reject: false })
    return code
  }
  await lineOf('"ready"', record => record.kind === 'ready', 0).catch(async (error: unknown) => { await close(); throw error })

  async function tables(): Promise<string[]> {
    const ask = async (words: readonly string[]): Promise<unknown> => JSON.parse((await execa('ip', ['-n', name, ...words])).stdout || '[]')
    const links = await ask(['-j', 'link']) as { ifname: string; ifindex: number }[]
    const ifindexOf = new Map(links.map(link => [link.ifname, link.ifindex]))
    const routes = async (family: 'ipv4' | 'ipv6'): Promise<string[]> =>
      (await ask(['-N', '-j', '-d', family === 'ipv4' ? '-4' : '-6', 'route', 'show', 'table', 'all']) as DumpedRoute[]).map(route => keyOfDumped(route, family, ifindexOf))
    return [...await routes('ipv4'), ...await routes('ipv6')].sort()
  }

  let number = 0
  /** Nothing moved between two looks at the tables, with a route of our own coming and going between them. */
  async function moment(from: number): Promise<Moment> {
    for (;;) {
      const before = await tables()
      const dst = `10.255.${(++number) >> 8}.${number & 255}/32`
      for (const verb of ['add', 'del']) await execa('ip', ['-n', name, 'route', verb, 'blackhole', dst, 'table', String(sentinelTable)])
      const line = await lineOf(`the end of sentinel ${dst}`, record => record.kind === 'route-change' && record.change === 'delete' && record.route.dst === dst, from)
      const after = await tables()
      if (before.join('\n') === after.join('\n')) return { tables: after, line }
    }
  }

  let last = await moment(0)
  return {
    records,
    play: async (part) => {
      const before = last
      const script = join(root, 'fixtures/scenarios', scenario, 'scenario.sh')
      await execa('nsenter', [`--net=/run/netns/${name}`, 'bash', script, part], {
        env: { NS: name, ...standIns ? { BASH_ENV: join(import.meta.dirname, 'stand-ins.sh') } : {} }, stdin: 'ignore', timeout: 120_000,
      })
      const after = last = await moment(before.line)
      return { before, after, told: records.slice(before.line + 1, after.line + 1).filter(isChange).filter(change => !isSentinel(change)) }
    },
    close,
  }
}

const isSentinel = (change: ChangeOutput): boolean => change.kind === 'route-change' && change.route.table === sentinelTable

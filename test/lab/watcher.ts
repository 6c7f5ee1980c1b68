// SPDX-License-Identifier: MIT
import { createInterface } from 'node:readline'
import type { OutputRecord, Tier } from '../../src/model/output.ts'
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

/** A line of `watch --json` and when it left the process, in ns since boot. */
export type Arrival = { readonly at: bigint; readonly record: OutputRecord; readonly text: string }

/** A running `routecause watch --json`. */
export type Watcher = {
  /** All lines so far. */
  readonly arrivals: readonly Arrival[]
  /** Index of the first line at or after `from` that fits. @throws Error when the watcher ends, or none came in time */
  waitFor(what: string, fits: (record: OutputRecord) => boolean, from?: number, limit?: number): Promise<number>
  /** Ends it and waits for its end. */
  stop(signal: 'INT' | 'TERM'): Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>
}

const limitMs = 180_000
/** A guest without KVM on a machine with other work is slow to compile the probes; the command's own limit is raised as well. */
const readyLimitMs = 930_000

/** A tier; the best one; or what tracers fall back to where there are no kprobes: fentry, the function tracer. */
export type Way = Tier | 'auto' | 'fentry' | 'functions'
const WITHHELD: Readonly<Partial<Record<Way, Tier>>> = { fentry: 'bpftrace', functions: 'ftrace' }

/** Starts watching a namespace, or all of them, in the way given; resolves when every probe is attached. */
export async function startWatcher(guest: Guest, netns: string | undefined, way: Way = 'auto'): Promise<Watcher> {
  const pidFile = `/run/watch-${netns ?? 'all'}-${way}.pid`
  const fallback = WITHHELD[way]
  const command = `cd /project && { sh -c 'echo $$ > ${pidFile}; exec ${fallback === undefined ? '' : 'env ROUTECAUSE_WITHHOLD=kprobes '}node dist/routecause.cjs watch --json --attempts --attach-timeout 900 --tier ${fallback ?? way} ${netns === undefined ? '--all-netns' : `--netns ${netns}`}' | python3 /project/test/lab/guest/stamp.py; exit \${PIPESTATUS[0]}; }`
  const { child } = guest.spawn(`exec bash -c "${command.replaceAll('$', '\\$').replaceAll('"', '\\"')}"`)
  const arrivals: Arrival[] = []
  const lookers = new Set<() => void>()
  let ended = false
  const lookAll = (): void => { for (const look of lookers) look() }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const space = line.indexOf(' ')
    const text = line.slice(space + 1)
    arrivals.push({ at: BigInt(line.slice(0, space)), text, record: JSON.parse(text) as OutputRecord })
    lookAll()
  })
  void child.then(() => { ended = true; lookAll() })

  const watcher: Watcher = {
    arrivals,
    waitFor: (what, fits, from = 0, limit = limitMs) => new Promise((resolve, reject) => {
      let next = from
      const timer = setTimeout(() => { fail(`did not come within ${limit} ms`) }, limit)
      const settle = (): void => { clearTimeout(timer); lookers.delete(look) }
      const fail = (why: string): void => {
        settle()
        reject(new Error(`${what} ${why}; ${arrivals.length} lines came, the last: ${arrivals.at(-1)?.text.slice(0, 500)}`))
      }
      const look = (): void => {
        for (; next < arrivals.length; next++) {
          const record = arrivals[next]?.record
          if (record !== undefined && fits(record)) { settle(); resolve(next); return }
        }
        if (ended) fail('did not come before the watcher ended')
      }
      lookers.add(look)
      look()
    }),
    stop: async (signal) => {
      await must(guest, `kill -${signal} $(cat ${pidFile})`)
      const { exitCode, stderr } = await child
      return { exitCode, stderr }
    },
  }
  try {
    await watcher.waitFor('"ready"', record => record.kind === 'ready', 0, readyLimitMs)
  } catch (error) {
    if (!ended) await must(guest, `kill -TERM $(cat ${pidFile})`)
    const { stderr } = await child
    throw new Error(`watching ${netns ?? 'all namespaces'} did not begin: ${stderr}`, { cause: error })
  }
  return watcher
}

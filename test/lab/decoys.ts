// SPDX-License-Identifier: MIT
import { must } from './guest.ts'
import type { Guest } from './guest.ts'

/** Wished rates per second; what the guest reaches is told at the end. */
export type DecoyRates = { readonly commands: number; readonly starts: number; readonly routes: number }

export type Decoys = {
  /** Process group of those inside the watched namespace. */
  readonly insiders: number
  /** Ends them; what each did and how fast. */
  stop(): Promise<readonly string[]>
}

export const decoyTable = 4242

/** Starts programs that have nothing to do with any scenario: in the namespace itself, and elsewhere. */
export async function startDecoys(guest: Guest, netns: string, rates: DecoyRates): Promise<Decoys> {
  const elsewhere = `${netns}-elsewhere`
  const start = async (role: keyof DecoyRates, where: string, niceness = 0): Promise<number> => {
    const report = `/run/decoys-${role}`
    const program = `nice -n ${niceness} nsenter --net=/run/netns/${where} python3 /project/test/lab/guest/decoys.py ${role} ${rates[role]}`
    return Number(await must(guest, `setsid ${program} > ${report} 2>&1 < /dev/null & echo $!`))
  }
  await must(guest, `ip netns add ${elsewhere}; ip -n ${elsewhere} link set lo up`)
  const groups = {
    // On slow processors the changes elsewhere would leave nothing for the others.
    commands: await start('commands', netns, -5),
    starts: await start('starts', elsewhere),
    routes: await start('routes', elsewhere, 5),
  }
  return {
    insiders: groups.commands,
    stop: async () => {
      const pids = Object.values(groups).join(' ')
      await must(guest, `kill ${pids}; for pid in ${pids}; do tail -s 0.05 -f /dev/null --pid $pid; done; ip netns del ${elsewhere}`)
      return (await must(guest, 'cat /run/decoys-*')).trim().split('\n')
    },
  }
}

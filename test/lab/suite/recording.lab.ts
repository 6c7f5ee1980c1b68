// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { replayFile } from '../../golden/replay.ts'
import { comparable } from '../comparable.ts'
import { must, reachGuest } from '../guest.ts'
import { startWatcher } from '../watcher.ts'

const guest = reachGuest(inject('guest'))
const scenarios = ['forwarding-on-off', 'dad-anycast', 'link-up-down', 'hostile-names']

test('a recording made in the guest replays outside of it to the route changes that were told live', { timeout: 1_800_000 }, async () => {
  await must(guest, 'ip netns add recorded; ip -n recorded link set lo up')
  const recorder = guest.spawn('cd /project; echo $$ > /run/recorder.pid; exec node dist/routecause.cjs record -o /run/lab.rcr --netns recorded --attach-timeout 900')
  const isReady = new Promise<void>((resolve, reject) => {
    let printed = ''
    recorder.child.stdout.on('data', (chunk: Buffer) => { if ((printed += chunk.toString()).includes(' ready: ')) resolve() })
    void recorder.child.then(({ stdout, stderr }) => { reject(new Error(`the recorder ended: ${stdout}${stderr}`)) })
  })
  const [watcher] = await Promise.all([startWatcher(guest, 'recorded', 'ftrace'), isReady])
  for (const scenario of scenarios) await must(guest, `NS=recorded nsenter --net=/run/netns/recorded bash /project/fixtures/scenarios/${scenario}/scenario.sh`)
  await Promise.all([watcher.stop('INT'), must(guest, 'kill -INT $(cat /run/recorder.pid)')])
  await recorder.child
  await must(guest, 'cp /run/lab.rcr /results/; chmod 644 /results/lab.rcr; ip netns del recorded')

  const { records, end } = await replayFile(join(guest.results, 'lab.rcr'))
  const live = watcher.arrivals.map(({ record }) => record)
  expect(end).toBe('complete')
  expect(comparable(records)).toEqual(comparable(live))
  expect(comparable(live).length).toBeGreaterThan(40)
})

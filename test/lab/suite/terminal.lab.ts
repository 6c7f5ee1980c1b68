// SPDX-License-Identifier: MIT
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { must, reachGuest } from '../guest.ts'
import { openGuestTerminal } from '../guest-terminal.ts'
import type { GuestTerminal } from '../guest-terminal.ts'
import { awaitNoBpftrace, readTraces } from '../kernel-state.ts'
import type { Traces } from '../kernel-state.ts'

const guest = reachGuest(inject('guest'))
const clean = { stty: 'as before', isAlternate: false, isCursorHidden: false }
// One by each tracer: two that compile their probes by bpftrace are more than a slow guest does in time.
const byBpftrace = 'node dist/routecause.cjs watch --netns ui --tier bpftrace --attach-timeout 900'
const byFtrace = 'node dist/routecause.cjs watch --netns ui --tier ftrace --attach-timeout 900'
const play = (scenario: string, part: string): Promise<string> =>
  must(guest, `NS=ui nsenter --net=/run/netns/ui bash /project/fixtures/scenarios/${scenario}/scenario.sh ${part}`, 180_000)
const escape = String.fromCharCode(27)
let before: Traces

beforeAll(async () => {
  await must(guest, 'ip netns add ui; ip -n ui link set lo up')
  before = await readTraces(guest)
})
afterAll(async () => {
  await must(guest, 'ip netns del ui')
})

test('80x24 and 160x50 show the BGP incident as it happens, and q and ctrl-C leave terminal and kernel as they were', { timeout: 1_800_000 }, async () => {
  await play('forwarding-frr', 'prepare')
  const small = openGuestTerminal(guest, byBpftrace, { columns: 80, rows: 24 })
  const large = openGuestTerminal(guest, byFtrace, { columns: 160, rows: 50 })
  const both: readonly GuestTerminal[] = [small, large]
  await Promise.all(both.map(terminal => terminal.until(/no route has changed/)))
  const act = play('forwarding-frr', 'act')
  await Promise.all(both.map(terminal => terminal.until(/fdc0:3489:e0fd::\/128/)))
  await act
  await small.resize({ columns: 100, rows: 30 })
  for (const terminal of both) {
    terminal.press('g')
    await terminal.until(/sysctl\[\d+\]/)
    await terminal.until('RFC')
  }
  for (const terminal of both) console.info(terminal.screen())
  // By now the sysctl has been written back: the neighbour answers for itself.
  for (const terminal of both) {
    terminal.press('w')
    await terminal.until(/goes\s+out\s+by\s+eth1[^]*table\s+vrf1/)
    terminal.press('w')
    await terminal.until(/sysctl\[\d+\]/)
  }
  small.press('q')
  large.press('\u0003')
  expect(await small.ended()).toEqual({ ...clean, exitCode: 0 })
  expect(await large.ended()).toEqual({ ...clean, exitCode: 130 })
  await play('forwarding-frr', 'clean')
  expect(await readTraces(guest)).toEqual(before)
})

test('TERM=dumb gets plain lines, NO_COLOR a screen without colour; after SIGTERM, and even SIGKILL, no bpftrace and no probe stays', { timeout: 1_800_000 }, async () => {
  await play('forwarding-on-off', 'prepare')
  const dumb = openGuestTerminal(guest, `TERM=dumb ${byFtrace}`, { columns: 80, rows: 24 })
  const grey = openGuestTerminal(guest, `NO_COLOR=1 ${byBpftrace}`, { columns: 80, rows: 24 })
  await Promise.all([dumb.until(' ready: '), grey.until(/no route has changed/)])
  await play('forwarding-on-off', 'act')
  await Promise.all([dumb.until('net.ipv6.conf.d0.forwarding'), grey.until('net.ipv6.conf.')])
  await Promise.all([dumb.signal('TERM'), grey.signal('KILL')])
  expect(await dumb.ended()).toEqual({ ...clean, exitCode: 143 })
  expect((await grey.ended()).exitCode).toBe(137)
  expect(dumb.bytes()).not.toContain(escape)
  // Colours are SGR 30-37, 38, 40-47, 48, 90-107.
  expect(grey.bytes().replaceAll(escape, '^').match(/\^\[(?:\d+;)*(?:3\d|4[0-8]|9\d|10[0-7])(?:;\d+)*m/g)).toBeNull()
  await play('forwarding-on-off', 'clean')
  await awaitNoBpftrace(guest)
  expect(await readTraces(guest)).toEqual(before)
})

// SPDX-License-Identifier: MIT
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { takeSnapshot, unpackSnapshot } from '../snapshot.ts'
import { guestOf } from '../guests.ts'
import { bootVm } from '../vm.ts'
import { reachGuest } from '../guest.ts'

/** Boots one guest for all lab tests; vitest calls the returned function at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const share = await takeSnapshot(join(import.meta.dirname, '../../..'))
  const vm = await bootVm({ share, suite: guestOf(process.env) })
  const { accelerator, bootMs, results, sshArguments } = vm
  await unpackSnapshot(reachGuest(vm))
  project.provide('guest', { accelerator, bootMs, results, sshArguments })
  return async () => {
    await vm.powerOff()
    await rm(share, { recursive: true, force: true })
  }
}

// SPDX-License-Identifier: MIT
import { runInGuest, spawnInGuest } from '../../src/lab/command.ts'
import type { Vm } from './vm.ts'

/** What of a booted guest can be handed to another process. */
export type GuestAddress = Pick<Vm, 'accelerator' | 'bootMs' | 'results' | 'sshArguments'>

/** A guest somebody else booted and will power off. */
export type Guest = GuestAddress & Pick<Vm, 'run' | 'spawn'>

declare module 'vitest' {
  interface ProvidedContext { guest: GuestAddress }
}

/** Reaches a running guest from its address. */
export function reachGuest(address: GuestAddress): Guest {
  return {
    ...address,
    run: (command, options) => runInGuest(address.sshArguments, command, options),
    spawn: (command, tty) => spawnInGuest(address.sshArguments, command, tty),
  }
}

/** Runs a command that has to succeed. @throws Error with what it printed */
export async function must(guest: Guest, command: string, timeoutMs = 60_000): Promise<string> {
  const { exitCode, stdout, stderr } = await guest.run(command, { timeoutMs })
  if (exitCode !== 0) throw new Error(`\`${command}\` ended with ${exitCode}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`)
  return stdout
}

/** Distribution, kernel and tracer of the guest. */
export const describeGuest = (guest: Guest): Promise<string> => must(guest, '. /etc/os-release; echo "$PRETTY_NAME, Linux $(uname -r), $(bpftrace --version)"').then(text => text.trim())

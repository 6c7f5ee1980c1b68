#!/usr/bin/env node
// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { execa } from 'execa'
import { bootVm } from './vm.ts'

const [suite = 'bookworm'] = process.argv.slice(2)
await using vm = await bootVm({ share: join(import.meta.dirname, '../..'), suite })
console.error(`Guest is up after ${(vm.bootMs / 1000).toFixed(1)} s (${vm.accelerator}). The project is at /project.`)
console.error(`What you write to /results is in ${vm.results} until you leave. Leave with "exit".`)
const shell = await execa('ssh', ['-t', ...vm.sshArguments, 'cd /project; exec bash -i'], {
  stdio: 'inherit',
  reject: false,
})
process.exitCode = shell.exitCode ?? 1

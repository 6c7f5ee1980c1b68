// SPDX-License-Identifier: MIT
import { join } from 'node:path'
import { execa } from 'execa'
import { readRuns } from './guests.ts'

// The lab suite, once for each guest, one after the other: npm run test:lab -- [--all | --smoke | --selftests [--all-netns]] [--guest NAME]... [vitest's options]
const root = join(import.meta.dirname, '../..')
const failed: string[] = []
for (const { guest, scenarios, follow, vitest } of readRuns(process.argv.slice(2))) {
  console.info(`== ${guest}: ${scenarios}`)
  const { exitCode } = await execa('vitest', ['run', '--config', 'vitest.lab.config.ts', ...vitest], {
    cwd: root, preferLocal: true, stdio: 'inherit', reject: false, env: { ROUTECAUSE_LAB: scenarios, ROUTECAUSE_LAB_GUEST: guest, ROUTECAUSE_LAB_FOLLOW: follow },
  })
  if (exitCode !== 0) failed.push(guest)
}
if (failed.length > 0) console.error(`failed on ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

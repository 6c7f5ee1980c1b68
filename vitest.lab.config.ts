import { defineConfig } from 'vitest/config'
import { guestOf, usual } from './test/lab/guests.ts'

// The kernel's own tests only on demand, and then nothing else.
const selftests = 'test/lab/suite/selftests.lab.ts'
const wantsSelftests = process.env['ROUTECAUSE_LAB'] === 'selftests'
// What is seen on a terminal does not depend on the kernel.
const scenarios = guestOf(process.env) === usual ? '*' : process.env['ROUTECAUSE_LAB'] === 'smoke' ? 'scenarios' : '{scenarios,why,tracefs,withheld}'

// Tests in a guest with a kernel of its own: one boot, one file after the other.
export default defineConfig({
  test: {
    include: wantsSelftests ? [selftests] : [`test/lab/suite/${scenarios}.lab.ts`],
    exclude: wantsSelftests ? [] : [selftests],
    globalSetup: ['test/lab/suite/set-up.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    disableConsoleIntercept: true,
  },
})

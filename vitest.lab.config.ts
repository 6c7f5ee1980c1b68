import { defineConfig } from 'vitest/config'

// Tests in a guest with a kernel of its own: one boot, one file after the other.
export default defineConfig({
  test: {
    include: ['test/lab/suite/*.lab.ts'],
    globalSetup: ['test/lab/suite/set-up.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    disableConsoleIntercept: true,
  },
})

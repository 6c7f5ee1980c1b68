import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // These boot a machine: npm run test:lab.
    exclude: [...configDefaults.exclude, '**/*.lab.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

import { copyFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';

// Top level holds no other place for it: the bin has to be readable by a Node too old to bundle for.
export default defineConfig({
  entry: { main: 'src/main.ts' },
  format: 'esm', platform: 'node', target: 'node22.15', dts: false, clean: true, sourcemap: false,
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  hooks: { 'build:done': () => { copyFileSync('src/routecause.cjs', 'dist/routecause.cjs'); } },
});

import { build } from 'tsdown';

/** Node does not run .tsx, so the driver is bundled once per test file; packages stay outside. Returns its path. */
export async function buildDriver(outDir: string): Promise<string> {
  await build({
    config: false, logLevel: 'silent', cwd: new URL('../..', import.meta.url).pathname, entry: { drive: 'test/ui/drive.ts' },
    outDir, format: 'esm', platform: 'node', dts: false, clean: false, report: false,
  });
  return `${outDir}/drive.mjs`;
}

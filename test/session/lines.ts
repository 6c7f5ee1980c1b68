import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../source-tree.ts';

/** What a command of the project printed so far. */
export interface Lines { readonly lines: readonly string[]; until(what: string, fits: (line: string) => boolean): Promise<void>; end(): Promise<void> }

export function watch(args: readonly string[]): Lines {
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts'), ...args], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NO_COLOR: '1' } });
  const lines: string[] = [];
  let look = (): void => {};
  createInterface({ input: child.stdout }).on('line', line => { lines.push(line); look(); });
  return {
    lines,
    until: (what, fits) => new Promise((resolve, reject) => {
      const timer = setTimeout(() => { reject(new Error(`${what} did not come; the last: ${lines.at(-1)}`)); }, 90_000);
      look = () => { if (lines.some(fits)) { clearTimeout(timer); resolve(); } };
      look();
    }),
    end: async () => { child.kill('SIGINT'); await once(child, 'exit'); },
  };
}
